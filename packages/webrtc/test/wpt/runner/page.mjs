// The child process of one test file: a page without a browser. It is told what to run by one message
// (`PageTask`), sends each outcome as it is known, then all of them, and ends.
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { findFile } from "../environment/files.mjs";
import { createAudioContextClass, createMediaDevices } from "../environment/media.mjs";
import { installPackage } from "../environment/package.mjs";
import { selectSubtests } from "../environment/selection.mjs";
import { installWindow } from "../environment/window.mjs";
import { createMatcher } from "./name-pattern.mjs";
import { HARNESS_STATUS, SUBTEST_STATUS } from "./status.mjs";
import { PERMISSION_HELPER, aliasOf } from "./substitutions.mjs";

/**
 * @typedef {object} PageTask
 * @property {import("./test-file.mjs").TestFile} test
 * @property {string[]} roots folders that are searched for the files of the page, the first wins
 * @property {string} [packageUrl] the built package; without it there is none
 * @property {string[]} [only] patterns of the names of the sub-tests to run, all others are left out
 * @property {string[]} [leaveOut] patterns of the names of sub-tests to leave out
 * @property {number} [timeoutMultiplier] how much longer the harness waits than on a fast machine
 */

/**
 * Scripts that only make sense inside the browser's own test runner. Devices need no permission here,
 * and no gesture of a user unlocks anything.
 */
const REPLACED_SCRIPTS = {
  "/resources/testdriver.js":
    "self.test_driver = { set_permission: async () => {}, bless: async (_, action) => action?.() };",
  "/resources/testdriver-vendor.js": "",
  [PERMISSION_HELPER.path]: PERMISSION_HELPER.code,
};
const HARNESS_REPORT = "/resources/testharnessreport.js";

process.once("message", (task) => {
  run(task).catch((error) => {
    console.error(error);
    process.exit(70);
  });
});

async function run(task) {
  const { test, roots, packageUrl } = task;
  const page = installWindow(globalThis, test, roots);
  if (packageUrl !== undefined) {
    const pallas = await installPackage(globalThis, packageUrl);
    globalThis.navigator.mediaDevices = createMediaDevices(pallas);
    globalThis.AudioContext = createAudioContextClass(pallas);
  }
  const missingScripts = [];
  for (const [index, script] of test.scripts.entries()) {
    const code = script.text ?? REPLACED_SCRIPTS[script.src] ?? readScript(roots, script.src);
    if (code === undefined) missingScripts.push(script.src);
    else execute(code, script.src ?? `/${test.path}`, script.line ?? 1, page.report);
    if (script.src === HARNESS_REPORT) attach(task, missingScripts);
    if (index === test.scripts.length - 1) page.load();
    await new Promise((resolve) => setImmediate(resolve)); // A page runs each script in a task of its own.
  }
}

function readScript(roots, src) {
  const file = findFile(roots, aliasOf(src));
  return file === undefined ? undefined : readFileSync(file, "utf8");
}

function execute(code, filename, line, report) {
  try {
    runInThisContext(code, { filename, lineOffset: line - 1 });
  } catch (error) {
    report(error);
  }
}

/** Runs where a page loads testharnessreport.js: the harness is there, no test yet. */
function attach({ test, only, leaveOut = [], timeoutMultiplier = 1 }, missingScripts) {
  const isIncluded = createMatcher(only ?? ["*"]);
  const isLeftOut = createMatcher(leaveOut);
  const isWanted = (name) => isIncluded(name) && !isLeftOut(name);
  selectSubtests(globalThis, isWanted, test.title);
  process.send({ kind: "started" });
  globalThis.setup({ output: false, timeout_multiplier: timeoutMultiplier });
  globalThis.add_result_callback((subtest) => {
    process.send({ kind: "subtest", subtest: describe(subtest) });
  });
  globalThis.add_completion_callback((subtests, harness) => {
    const result = {
      kind: "complete",
      status: HARNESS_STATUS[harness.status] ?? `harness status ${harness.status}`,
      message: harness.message ?? undefined,
      stack: harness.stack ?? undefined,
      subtests: subtests.map(describe),
      missingScripts,
    };
    process.send(result, () => process.exit(0));
  });
}

function describe({ name, status, message, stack }) {
  return {
    name,
    status: SUBTEST_STATUS[status] ?? `status ${status}`,
    message: message ?? undefined,
    stack: stack ?? undefined,
  };
}
