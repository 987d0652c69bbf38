// Runs the tests: set-up and build when needed, then Vitest with the arguments given here. The last
// line that it prints is `N passed, N failed, N skipped`.
//
//   npm test
//   npm test -- packages/webrtc/src/sctp
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJson } from "./lib/repository.mjs";
import { localBin, run } from "./lib/run.mjs";
import { ensureReady } from "./setup.mjs";

await ensureReady({ build: true });

const folder = mkdtempSync(join(tmpdir(), "pallas-test-"));
const resultsPath = join(folder, "results.json");
const ownArgs = process.argv.slice(2);
const reporters = ownArgs.some((arg) => arg.startsWith("--reporter")) ? [] : ["--reporter=default"];

console.log("pallas: testing");
const status = await run(localBin("vitest"), [
  "run",
  ...reporters,
  "--reporter=json",
  `--outputFile.json=${resultsPath}`,
  ...ownArgs,
]);
const counts = countResults(resultsPath);
rmSync(folder, { recursive: true, force: true });

if (status !== 0 && counts.failed === 0) {
  console.log(
    `pallas: Vitest ended with status ${status} for a reason outside of any test; see above`,
  );
  counts.failed = 1;
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function countResults(path) {
  if (!existsSync(path)) return { passed: 0, failed: 0, skipped: 0 };
  const results = readJson(path);
  // A file that could not even be loaded has failed without any test in it having done so.
  const unloaded = results.testResults.filter(
    (file) =>
      file.status === "failed" && file.assertionResults.every((one) => one.status !== "failed"),
  );
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + unloaded.length,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
