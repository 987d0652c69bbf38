// The share of what Chromium passes that we pass, by folder.
import { FOLDERS } from "./test-file.mjs";

/**
 * @typedef {object} Share
 * @property {number} chromium sub-tests that Chromium passes
 * @property {number} ours those of them that we pass
 * @property {number} more sub-tests that we pass and Chromium does not
 *
 * @typedef {Map<string, Share>} Table by folder, in the order of the folders, and `all`
 */

/**
 * Over the files `ids`, whether they were run or not: what was not run did not pass.
 *
 * @param {string[]} ids
 * @param {import("./run-file.mjs").FileResult[]} results
 * @param {Record<string, { pass: string[] }>} baselineFiles
 * @param {(id: string, name?: string) => import("./scope.mjs").Scope} scopeOf
 * @returns {Record<import("./scope.mjs").Scope, Table>}
 */
export function summarize(ids, results, baselineFiles, scopeOf) {
  const tables = { counts: new Map(), needsMedia: new Map(), excluded: new Map() };
  const passingById = groupPasses(results);
  for (const id of ids) {
    const passing = passingById.get(id) ?? new Set();
    const chromium = new Set(baselineFiles[id]?.pass);
    for (const name of new Set([...chromium, ...passing])) {
      for (const key of [id.split("/")[0], "all"]) {
        const table = tables[scopeOf(id, name)];
        const share = table.get(key) ?? { chromium: 0, ours: 0, more: 0 };
        if (!chromium.has(name)) share.more++;
        else share.chromium++;
        if (chromium.has(name) && passing.has(name)) share.ours++;
        table.set(key, share);
      }
    }
  }
  return Object.fromEntries(
    Object.entries(tables).map(([scope, table]) => [scope, inOrder(table)]),
  );
}

function groupPasses(results) {
  const byId = new Map();
  for (const { id, subtests } of results) {
    const names = subtests.filter(({ status }) => status === "PASS").map(({ name }) => name);
    byId.set(id, new Set([...(byId.get(id) ?? []), ...names]));
  }
  return byId;
}

function inOrder(table) {
  const keys = [...FOLDERS, "all"].filter((key) => table.has(key));
  return new Map(keys.map((key) => [key, table.get(key)]));
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
