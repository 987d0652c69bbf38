// The share of what Chromium passes that we pass, by folder.
import { FOLDERS } from "./test-file.mjs";

/**
 * @typedef {object} Share
 * @property {number} chromium sub-tests that Chromium passes
 * @property {number} ours those of them that we pass
 * @property {number} more sub-tests that we pass and Chromium does not
 */

/**
 * @param {import("./run-file.mjs").FileResult[]} results
 * @param {Record<string, { pass: string[] }>} baselineFiles
 * @param {(id: string, name?: string) => import("./scope.mjs").Scope} scopeOf
 * @returns {{ counts: Map<string, Share>, needsMedia: Map<string, Share> }} by folder, in the order of the
 *   folders, and `all`
 */
export function summarize(results, baselineFiles, scopeOf) {
  const tables = { counts: new Map(), needsMedia: new Map() };
  for (const { id, subtests } of results) {
    const passing = new Set(subtests.filter(isPass).map(({ name }) => name));
    const chromium = new Set(baselineFiles[id]?.pass);
    for (const name of new Set([...chromium, ...passing])) {
      const table = tables[scopeOf(id, name)];
      if (table === undefined) continue;
      for (const key of [id.split("/")[0], "all"]) {
        const share = table.get(key) ?? { chromium: 0, ours: 0, more: 0 };
        if (!chromium.has(name)) share.more++;
        else share.chromium++;
        if (chromium.has(name) && passing.has(name)) share.ours++;
        table.set(key, share);
      }
    }
  }
  return { counts: inOrder(tables.counts), needsMedia: inOrder(tables.needsMedia) };
}

function isPass({ status }) {
  return status === "PASS";
}

function inOrder(table) {
  const keys = [...FOLDERS, "all"].filter((key) => table.has(key));
  const others = [...table.keys()].filter((key) => !keys.includes(key));
  return new Map([...others, ...keys].map((key) => [key, table.get(key)]));
}

/** The lines of one table. */
export function formatShares(title, table) {
  const rows = [...table].map(([key, { chromium, ours, more }]) => {
    const percent =
      chromium === 0 ? "     -" : `${((100 * ours) / chromium).toFixed(1).padStart(5)}%`;
    const counts = `${String(ours).padStart(5)} of ${String(chromium).padStart(5)}`;
    return `  ${key.padEnd(26)} ${percent} ${counts}${more === 0 ? "" : `   and ${more} more`}`;
  });
  return [title, ...rows];
}
