// One run of the gate: what to run, how it compares with what is pinned, and what to say about it.
import { NO_REASON, compareFile, countWithoutReason, listMissingFiles } from "./expectations.mjs";
import { updateFile } from "./expectations.mjs";
import { runAll, runFile } from "./run-file.mjs";
import { formatShares, summarize } from "./summary.mjs";

/** The scopes that are run, in the order of `expectations.json`. */
export const RUN_SCOPES = ["counts", "needsMedia"];

/**
 * Runs `units` and resolves to their results, each with its `scope`.
 *
 * @param {import("./scope.mjs").Unit[]} units
 */
export async function runUnits(units, { jobs, onResult, ...settings }) {
  return runAll(units, jobs, async ({ test, scope, only, within = [], leaveOut }) => {
    const included = only === undefined ? undefined : [...only, ...within];
    const result = await runFile(test, { ...settings, only: included, leaveOut });
    const subtests = result.subtests.filter(({ name }) => !within.includes(name));
    onResult?.(result);
    return { ...result, subtests, scope };
  });
}

/**
 * Compares with `expectations`. `knownIds` is given when every file was meant to be run: what is pinned
 * for a file that is not among them is a difference.
 */
export function compareAll(expectations, results, scopes, knownIds) {
  const compared = results.map((result) =>
    compareFile(expectations[result.scope][result.id], result),
  );
  const missing =
    knownIds === undefined
      ? []
      : scopes.flatMap((scope) => listMissingFiles(expectations[scope], knownIds));
  return {
    asExpected: compared.reduce((sum, one) => sum + one.asExpected, 0),
    differences: [...compared.flatMap((one) => one.differences), ...missing],
  };
}

/**
 * `expectations` with what happened pinned. Files that `isKept` does not know are dropped.
 *
 * @param {(id: string, scope: string) => boolean} isKept
 */
export function pinAll(expectations, results, { checkout, reason = NO_REASON, isKept }) {
  const pinned = { checkout };
  for (const scope of RUN_SCOPES) {
    const files = { ...expectations[scope] };
    for (const result of results) {
      if (result.scope === scope) files[result.id] = updateFile(files[result.id], result, reason);
    }
    const kept = Object.entries(files).filter(([id]) => isKept(id, scope));
    pinned[scope] = Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
  return pinned;
}

/** What a person should know beside the numbers, as lines. */
export function listNotes({ expectations, baseline, checkout, stale }) {
  const others = Object.entries({ expectations, baseline })
    .filter(([, record]) => record.checkout !== checkout)
    .map(
      ([name, record]) =>
        `this checkout (${checkout}) is not that of the ${name} (${record.checkout})`,
    );
  const bare = RUN_SCOPES.reduce((sum, scope) => sum + countWithoutReason(expectations[scope]), 0);
  return [
    ...others,
    ...stale.map((entry) => `excluded-files.json names what is not there: ${entry}`),
    ...(bare === 0 ? [] : [`${bare} rows of expectations.json have no reason yet`]),
  ].map((line) => `note: ${line}`);
}

/** The tables with the shares, as lines. */
export function describeShares(ids, results, baseline, scopeOf) {
  const tables = summarize(ids, results, baseline.files, scopeOf);
  const isMediaRun = results.some(({ scope }) => scope === "needsMedia");
  const media =
    tables.needsMedia.size === 0
      ? []
      : formatShares(
          `Those that need flowing media, apart${isMediaRun ? "" : " (not run, see --media)"}:`,
          tables.needsMedia,
        );
  const excluded = tables.excluded.get("all")?.chromium ?? 0;
  return [
    ...formatShares(`Of the sub-tests that ${baseline.browser} passes, we pass:`, tables.counts),
    ...media,
    ...(excluded === 0 ? [] : [`Excluded because they need a page: ${excluded} that it passes.`]),
  ];
}

/** What `--report` writes: one object per run of a file, each sub-test beside Chromium's outcome. */
export function describeRun(results, baseline) {
  return {
    browser: baseline.browser,
    files: results.map(({ subtests, ...file }) => {
      const inChromium = new Set(baseline.files[file.id]?.pass);
      return {
        ...file,
        chromiumHarness: baseline.files[file.id]?.harness ?? "OK",
        subtests: subtests.map((subtest) => ({
          ...subtest,
          passesInChromium: inChromium.has(subtest.name),
        })),
      };
    }),
  };
}
