// Runs one test file in a process of its own.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("./page.mjs", import.meta.url));
// testharness.js ends a file by itself when its time is over; this is for children that cannot.
const GRACE_MS = 5_000;
// Until the harness counts its time: on a busy machine, loading the package takes a while.
const START_LIMIT_MS = 60_000;
const STDERR_TAIL_CHARS = 4_000;

/**
 * @typedef {{ name: string, status: string, message?: string, stack?: string }} Subtest
 * @typedef {object} FileResult
 * @property {string} id
 * @property {string} status of the harness: `OK`, `ERROR`, `TIMEOUT`, `PRECONDITION_FAILED`, or `CRASH`
 * @property {string} [message]
 * @property {string} [stack]
 * @property {Subtest[]} subtests
 * @property {string[]} missingScripts
 * @property {number} durationMs
 */

/**
 * Never rejects: a child that dies or hangs is a result too.
 *
 * @param {import("./test-file.mjs").TestFile} test
 * @param {object} options what page.mjs takes beside the test, and `graceMs`, the time to end by itself
 * @returns {Promise<FileResult>}
 */
export function runFile(test, { graceMs = GRACE_MS, ...options }) {
  const timeoutMs = test.timeoutMs * (options.timeoutMultiplier ?? 1);
  return new Promise((resolve) => {
    const startedAtMs = performance.now();
    const child = fork(PAGE, [], {
      execArgv: ["--expose-gc", "--stack-trace-limit=20"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const subtests = [];
    let complete;
    let output = "";
    let isKilled = false;
    const keepTail = (chunk) => (output = (output + chunk).slice(-STDERR_TAIL_CHARS));
    child.stdout.on("data", keepTail);
    child.stderr.on("data", keepTail);
    child.on("message", (message) => {
      if (message.kind === "started") restrict(timeoutMs + graceMs);
      else if (message.kind === "complete") complete = message;
      else subtests.push(message.subtest);
    });
    let killTimer;
    const restrict = (limitMs) => {
      clearTimeout(killTimer);
      killTimer = setTimeout(() => {
        isKilled = true;
        child.kill("SIGKILL");
      }, limitMs);
    };
    restrict(START_LIMIT_MS);
    child.on("close", (exitCode, signal) => {
      clearTimeout(killTimer);
      const { kind: _, ...result } =
        complete ?? describeDeath({ isKilled, exitCode, signal, output, subtests });
      resolve({ id: test.id, ...result, durationMs: Math.round(performance.now() - startedAtMs) });
    });
    child.send({ test, ...options });
  });
}

function describeDeath({ isKilled, exitCode, signal, output, subtests }) {
  const end = isKilled
    ? "killed: it did not end in time"
    : `ended with ${signal ?? `status ${exitCode}`} before its tests were done`;
  return {
    status: isKilled ? "TIMEOUT" : "CRASH",
    message: `${end}\n${output}`.trimEnd(),
    subtests,
    missingScripts: [],
  };
}

/**
 * Calls `work` for every item, at most `jobs` at a time, and resolves to the results in the order of
 * the items.
 */
export async function runAll(items, jobs, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}
