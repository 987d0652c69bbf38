import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { runAll, runFile } from "./run-file.mjs";
import { listTests } from "./test-file.mjs";

const FIXTURES = fileURLToPath(new URL("../fixtures", import.meta.url));
const TESTS = listTests(FIXTURES);

function run(id, { timeoutMs, ...options } = {}) {
  const found = TESTS.find((one) => one.id === id);
  assert.notEqual(found, undefined, id);
  const one = timeoutMs === undefined ? found : { ...found, timeoutMs };
  return runFile(one, { roots: [FIXTURES], ...options });
}

function outcomes({ subtests }) {
  return Object.fromEntries(subtests.map(({ name, status }) => [name, status]));
}

describe("a file in a process of its own", () => {
  test("everything passes in an environment that looks like a page", async () => {
    const result = await run("webrtc/pass.html");
    assert.equal(result.status, "OK");
    assert.deepEqual(
      result.subtests.filter(({ status }) => status !== "PASS"),
      [],
    );
    assert.equal(result.subtests.length, 10);
  });

  test("a failure comes with message and stack, and only for its variant", async () => {
    const one = await run("webrtc/fail.window.js?one");
    const two = await run("webrtc/fail.window.js?two");
    assert.deepEqual(outcomes(one), {
      passes: "PASS",
      "passes for one variant": "PASS",
      fails: "FAIL",
    });
    assert.equal(outcomes(two)["passes for one variant"], "FAIL");
    const failure = one.subtests.find(({ name }) => name === "fails");
    assert.equal(failure.message, "no helper");
    assert.match(failure.stack, /fail\.window\.js:9/);
  });

  test("what never ends is a timeout of the harness", async () => {
    const result = await run("webrtc/timeout.html");
    assert.equal(result.status, "TIMEOUT");
    assert.deepEqual(outcomes(result), { "is quick": "PASS", "never ends": "TIMEOUT" });
  });

  test("a child that does not end by itself is killed", async () => {
    const result = await run("webrtc/hang.html", { timeoutMs: 100, graceMs: 100 });
    assert.equal(result.status, "TIMEOUT");
    assert.match(result.message, /^killed/);
  });

  test("an exception at the top of a script is an error of the harness, and the next script runs", async () => {
    const result = await run("webrtc/throws.html");
    assert.equal(result.status, "ERROR");
    assert.match(result.message, /nowhere is not defined/);
    assert.match(result.stack, /throws\.html:5/);
    assert.deepEqual(result.missingScripts, ["/webrtc/not-there.js"]);
  });

  test("an unhandled rejection is an error of the harness; https files have a secure origin", async () => {
    const result = await run("webrtc/rejects.https.html");
    assert.equal(result.status, "ERROR");
    assert.equal(result.message, "unhandled over https:");
  });

  test("what is left out is neither run nor waited for", async () => {
    const rest = await run("webrtc/mixed.html", { leaveOut: ["waits for packets", "also waits"] });
    assert.equal(rest.status, "OK");
    assert.deepEqual(outcomes(rest), { "is quick": "PASS", mixed: "PASS" });
    const only = await run("webrtc/mixed.html", { only: ["mixed"] });
    assert.deepEqual(outcomes(only), { mixed: "PASS" });
  });

  test("a child that dies is a crash with its last words and the outcomes until then", async () => {
    const result = await run("webrtc/crash.html");
    assert.equal(result.status, "CRASH");
    assert.match(result.message, /last words/);
    assert.deepEqual(outcomes(result), { "was done before": "PASS" });
  });
});

test("work is done at most so many at a time, and results keep their order", async () => {
  let running = 0;
  let most = 0;
  const results = await runAll([3, 1, 2], 2, async (item) => {
    running++;
    most = Math.max(most, running);
    for (let turn = 0; turn < item; turn++) await Promise.resolve();
    running--;
    return item * 10;
  });
  assert.deepEqual(results, [30, 10, 20]);
  assert.equal(most, 2);
});
