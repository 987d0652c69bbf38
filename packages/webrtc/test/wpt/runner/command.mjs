// The command line of `npm run wpt`.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { recordBaseline } from "../baseline/record.mjs";
import { HOW_TO_GET_ONE, findCheckout, fingerprintOf } from "./checkout.mjs";
import { formatDifference } from "./expectations.mjs";
import { listFailures, printFailures } from "./failures.mjs";
import {
  RUN_SCOPES,
  compareAll,
  describeRun,
  describeShares,
  listNotes,
  pinAll,
  runUnits,
} from "./gate.mjs";
import { createScopes } from "./scope.mjs";
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
  media: { type: "string", default: "skip" },
  help: { type: "boolean" },
};

const HELP = `WPT_DIR=… npm run wpt -- [filter…] [options]

A filter is a part of a file's path; without one every file is run.

  --update [--reason TEXT]  pins what happened; reasons are kept, new rows get TEXT
  --failures                lists what Chromium passes and we do not, with message and stack
  --failures --all          lists everything that does not pass
  --report FILE             writes every outcome as JSON
  --media skip|run|only     sub-tests that need flowing media: left out, run apart, run alone
  --jobs N                  processes at a time (2)
  --slow N                  gives every time limit N times as long, for a busy machine
  --baseline                asks Chromium instead of Pallas and rewrites chromium-baseline.json`;

const FILES = {
  expectations: new URL("../expectations.json", import.meta.url),
  excluded: new URL("../excluded-files.json", import.meta.url),
  baseline: new URL("../chromium-baseline.json", import.meta.url),
};
const PACKAGE = new URL("../../../dist/index.js", import.meta.url);
const MEDIA_CHOICES = { skip: ["counts"], run: RUN_SCOPES, only: ["needsMedia"] };

/** Runs the command and resolves to its exit status. `prepare` is called before anything is run. */
export async function main(args, environment, prepare) {
  const { values: options, positionals: filters } = parseArgs({
    args,
    options: OPTIONS,
    allowPositionals: true,
  });
  const chosenScopes = MEDIA_CHOICES[options.media];
  if (options.help || chosenScopes === undefined) {
    console.log(HELP);
    return options.help ? 0 : 2;
  }
  const folder = findCheckout(environment);
  if (folder === undefined) {
    console.error(HOW_TO_GET_ONE);
    return 2;
  }
  const tests = listTests(folder);
  const isWanted = ({ id }) => filters.length === 0 || filters.some((part) => id.includes(part));
  const wanted = tests.filter(isWanted);
  const checkout = fingerprintOf(folder, tests);
  if (options.baseline) {
    await updateBaseline(wanted, { folder, checkout, isPartial: filters.length > 0, options });
    return 0;
  }
  await prepare();
  return runGate({ tests, wanted, folder, checkout, filters, chosenScopes, options });
}

async function runGate({ tests, wanted, folder, checkout, filters, chosenScopes, options }) {
  const { scopeOf, unitsOf, listStale } = createScopes(readJson(FILES.excluded));
  const baseline = readJson(FILES.baseline);
  const units = wanted.flatMap(unitsOf).filter(({ scope }) => chosenScopes.includes(scope));
  const results = await runUnits(units, {
    jobs: Number(options.jobs),
    roots: [folder],
    packageUrl: PACKAGE.href,
    timeoutMultiplier: Number(options.slow),
    onResult: showProgress(units.length),
  });
  if (options.report !== undefined) write(options.report, describeRun(results, baseline));
  if (options.failures) {
    printFailures(listFailures(results, baseline.files, scopeOf, options.all === true));
  }
  const unitIds = new Set(
    tests.flatMap((test) => unitsOf(test).map(({ scope }) => `${scope} ${test.id}`)),
  );
  if (options.update) {
    const isKept = (id, scope) => unitIds.has(`${scope} ${id}`);
    const settings = { checkout, reason: options.reason, isKept };
    write(FILES.expectations, pinAll(readJson(FILES.expectations), results, settings));
  }
  const expectations = readJson(FILES.expectations);
  const knownIds = filters.length === 0 ? tests.map(({ id }) => id) : undefined;
  const compared = compareAll(expectations, results, chosenScopes, knownIds);
  const stale = listStale(
    Object.fromEntries(tests.map(({ id }) => [id, namesOf(id, baseline, expectations)])),
  );
  const lines = [
    ...(options.failures ? [] : compared.differences.map(formatDifference)),
    ...listNotes({ expectations, baseline, checkout, stale }),
    ...describeShares(
      wanted.map(({ id }) => id),
      results,
      baseline,
      scopeOf,
    ),
    "Sub-tests as pinned, differences, files not run:",
    `${compared.asExpected} passed, ${compared.differences.length} failed, ${wanted.length - new Set(units.map(({ test }) => test.id)).size} skipped`,
  ];
  console.log(lines.join("\n"));
  return compared.differences.length === 0 ? 0 : 1;
}

/** All names of sub-tests of a file that are known from anywhere. */
function namesOf(id, baseline, expectations) {
  const records = [baseline.files[id], ...RUN_SCOPES.map((scope) => expectations[scope][id])];
  return records.flatMap((record) => [
    ...(record?.pass ?? []),
    ...Object.keys(record?.notPass ?? {}),
  ]);
}

/** Written after every file, so that an end before the end loses nothing. */
async function updateBaseline(wanted, { folder, checkout, isPartial, options }) {
  const files = isPartial ? readJson(FILES.baseline).files : {};
  await recordBaseline(wanted, {
    checkout: folder,
    jobs: Number(options.jobs),
    onFile: (browser, id, outcome) => {
      files[id] = outcome;
      const sorted = Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1));
      write(FILES.baseline, { browser, checkout, files: Object.fromEntries(sorted) });
    },
  });
}

function showProgress(total) {
  let done = 0;
  return ({ id }) => {
    done++;
    if (!process.stdout.isTTY) return;
    process.stdout.write(`\r\u001B[K${done === total ? "" : `${done}/${total} ${id}`}`);
  };
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

function write(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
