// The command line of `npm run wpt`.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { recordBaseline } from "../baseline/record.mjs";
import { HOW_TO_GET_ONE, findCheckout, fingerprintOf } from "./checkout.mjs";
import {
  compareFile,
  countWithoutReason,
  formatDifference,
  listMissingFiles,
  updateFile,
} from "./expectations.mjs";
import { listFailures, printFailures } from "./failures.mjs";
import { runAll, runFile } from "./run-file.mjs";
import { createScopes } from "./scope.mjs";
import { formatShares, summarize } from "./summary.mjs";
import { listTests } from "./test-file.mjs";

const OPTIONS = {
  update: { type: "boolean" },
  reason: { type: "string" },
  baseline: { type: "boolean" },
  failures: { type: "boolean" },
  all: { type: "boolean" },
  report: { type: "string" },
  jobs: { type: "string", default: "2" },
  slow: { type: "string", default: "1" },
  media: { type: "string", default: "run" },
  help: { type: "boolean" },
};

const HELP = `npm run wpt -- [filter…] [options]      WPT_DIR names the checkout

A filter is a part of a file's path; without one every file is run.

  --update [--reason TEXT]  pins what happened; reasons are kept, new rows get TEXT
  --failures                lists what Chromium passes and we do not, with message and stack
  --failures --all          lists everything that does not pass
  --report FILE             writes every outcome as JSON
  --media run|skip|only     files that need flowing media: run them too, leave them out, run only them
  --jobs N                  processes at a time (2)
  --slow N                  gives every time limit N times as long, for a busy machine
  --baseline                asks Chromium instead of Pallas and rewrites chromium-baseline.json`;

const EXPECTATIONS = new URL("../expectations.json", import.meta.url);
const EXCLUDED = new URL("../excluded-files.json", import.meta.url);
const BASELINE = new URL("../chromium-baseline.json", import.meta.url);
const PACKAGE = new URL("../../../dist/index.js", import.meta.url);

/** Runs the command and resolves to its exit status. `prepare` is called before anything is run. */
export async function main(args, environment, prepare) {
  const { values: options, positionals: filters } = parseArgs({
    args,
    options: OPTIONS,
    allowPositionals: true,
  });
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const checkout = findCheckout(environment);
  if (checkout === undefined) {
    console.error(HOW_TO_GET_ONE);
    return 2;
  }
  const tests = listTests(checkout);
  const fingerprint = fingerprintOf(checkout, tests);
  const scopes = createScopes(readJson(EXCLUDED));
  const isWanted = ({ id }) => filters.length === 0 || filters.some((part) => id.includes(part));
  const wanted = tests.filter(isWanted);
  const jobs = Number(options.jobs);
  if (options.baseline) {
    const previous = filters.length === 0 ? {} : readJson(BASELINE).files;
    const { browser, files } = await recordBaseline(wanted, { checkout, jobs });
    write(BASELINE, { browser, checkout: fingerprint, files: sorted({ ...previous, ...files }) });
    return 0;
  }
  await prepare();
  const selected = wanted.filter(({ id }) => isSelected(scopes.scopeOf(id), options.media));
  const results = await runTests(selected, checkout, {
    jobs,
    timeoutMultiplier: Number(options.slow),
  });
  const run = { tests, wanted, selected, results, scopes, fingerprint, filters, options };
  return report(run);
}

function isSelected(scope, media) {
  if (scope === "excluded") return false;
  return media === "run" || (media === "only") === (scope === "needsMedia");
}

async function runTests(selected, checkout, { jobs, timeoutMultiplier }) {
  const settings = { roots: [checkout], packageUrl: PACKAGE.href, timeoutMultiplier };
  let done = 0;
  return runAll(selected, jobs, async (test) => {
    const result = await runFile(test, settings);
    done++;
    if (process.stdout.isTTY)
      process.stdout.write(`\r\u001B[K${done}/${selected.length} ${test.id}`);
    if (process.stdout.isTTY && done === selected.length) process.stdout.write("\r\u001B[K");
    return result;
  });
}

function report({ tests, wanted, selected, results, scopes, fingerprint, filters, options }) {
  const pinned = readJson(EXPECTATIONS);
  const baseline = readJson(BASELINE);
  if (options.update) pin({ pinned, results, fingerprint, tests, reason: options.reason, scopes });
  if (options.report !== undefined) {
    writeFileSync(
      options.report,
      `${JSON.stringify(describeRun(results, baseline, scopes), null, 2)}\n`,
    );
  }
  if (options.failures) {
    printFailures(listFailures(results, baseline.files, scopes.scopeOf, options.all === true));
  }
  const expected = options.update ? readJson(EXPECTATIONS) : pinned;
  const { asExpected, differences } = compareAll(expected.files, results);
  if (filters.length === 0) {
    const inCheckout = new Set(tests.map(({ id }) => id));
    const excluded = Object.keys(expected.files).filter((id) => inCheckout.has(id));
    differences.push(...listMissingFiles(expected.files, excluded));
  }
  for (const difference of differences) console.log(formatDifference(difference));
  printNotes({
    expected,
    baseline,
    fingerprint,
    stale: scopes.listStale(tests.map(({ id }) => id)),
  });
  const { counts, needsMedia } = summarize(results, baseline.files, scopes.scopeOf);
  const browser = baseline.browser;
  const lines = formatShares(`Of the sub-tests that ${browser} passes, we pass:`, counts);
  console.log(lines.join("\n"));
  if (needsMedia.size > 0) {
    console.log(formatShares("Those that need flowing media, apart:", needsMedia).join("\n"));
  }
  const skipped = wanted.length - selected.length;
  console.log(`Sub-tests as pinned, differences, files left out:`);
  console.log(`${asExpected} passed, ${differences.length} failed, ${skipped} skipped`);
  return differences.length === 0 ? 0 : 1;
}

function compareAll(expectedFiles, results) {
  const compared = results.map((result) => compareFile(expectedFiles[result.id], result));
  return {
    asExpected: compared.reduce((sum, one) => sum + one.asExpected, 0),
    differences: compared.flatMap((one) => one.differences),
  };
}

function pin({ pinned, results, fingerprint, tests, reason, scopes }) {
  const files = { ...pinned.files };
  for (const result of results) files[result.id] = updateFile(files[result.id], result, reason);
  const known = new Set(tests.map(({ id }) => id));
  for (const id of Object.keys(files)) {
    if (!known.has(id) || scopes.scopeOf(id) === "excluded") delete files[id];
  }
  write(EXPECTATIONS, { checkout: fingerprint, files: sorted(files) });
}

function printNotes({ expected, baseline, fingerprint, stale }) {
  for (const [name, { checkout }] of Object.entries({ expected, baseline })) {
    if (checkout !== fingerprint) {
      console.log(
        `note: this checkout (${fingerprint}) is not that of the ${name} outcomes (${checkout})`,
      );
    }
  }
  for (const id of stale) console.log(`note: excluded-files.json names ${id}, which is not there`);
  const bare = countWithoutReason(expected.files);
  if (bare > 0) console.log(`note: ${bare} rows of expectations.json have no reason yet`);
}

/** What `--report` writes: one object per file, with the outcome of every sub-test beside Chromium's. */
function describeRun(results, baseline, scopes) {
  return {
    browser: baseline.browser,
    files: results.map(({ subtests, ...file }) => {
      const inChromium = new Set(baseline.files[file.id]?.pass);
      return {
        ...file,
        chromiumHarness: baseline.files[file.id]?.harness ?? "OK",
        subtests: subtests.map((subtest) => ({
          ...subtest,
          scope: scopes.scopeOf(file.id, subtest.name),
          passesInChromium: inChromium.has(subtest.name),
        })),
      };
    }),
  };
}

function readJson(url) {
  return JSON.parse(readFileSync(url, "utf8"));
}

function write(url, value) {
  writeFileSync(url, `${JSON.stringify(value, null, 2)}\n`);
}

function sorted(record) {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
