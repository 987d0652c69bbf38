import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { main } from "./command.mjs";
import { compareAll, describeRun, describeShares, listNotes, pinAll, runUnits } from "./gate.mjs";
import { createScopes } from "./scope.mjs";
import { listTests } from "./test-file.mjs";

const FIXTURES = fileURLToPath(new URL("../fixtures", import.meta.url));
const SCOPES = createScopes({
  excluded: {
    "webrtc/hang.html": "never ends",
    "webrtc/crash.html": "dies",
    "webrtc/rejects.https.html": "waits",
  },
  needsMedia: { "webrtc/mixed.html": { subtests: { "waits for packets": "no packets" } } },
});
const NOTHING = { checkout: "", counts: {}, needsMedia: {} };

async function runFixtures(part) {
  const units = listTests(FIXTURES)
    .filter(({ id }) => id.includes(part))
    .flatMap(SCOPES.unitsOf)
    .filter(({ scope }) => scope === "counts");
  return runUnits(units, { jobs: 2, roots: [FIXTURES] });
}

describe("the gate over real files", () => {
  test("what is pinned is then as expected; a change of any kind is a difference", async () => {
    const results = await runFixtures("webrtc/fail.window.js");
    const isKept = () => true;
    const pinned = pinAll(NOTHING, results, { checkout: "here", reason: "by design", isKept });
    assert.equal(pinned.checkout, "here");
    assert.deepEqual(pinned.counts["webrtc/fail.window.js?two"], {
      pass: ["passes"],
      notPass: {
        "passes for one variant": { status: "FAIL", reason: "by design" },
        fails: { status: "FAIL", reason: "by design" },
      },
    });
    const same = compareAll(pinned, results, ["counts"], ["webrtc/fail.window.js?one"]);
    assert.equal(same.asExpected, 6);
    assert.deepEqual(
      same.differences.map(({ kind, id }) => [kind, id]),
      [["missingFile", "webrtc/fail.window.js?two"]],
    );

    const hoped = structuredClone(pinned);
    hoped.counts["webrtc/fail.window.js?one"] = {
      pass: ["fails", "is gone"],
      notPass: { passes: { status: "FAIL", reason: "hope" } },
    };
    const { differences } = compareAll(hoped, results, ["counts"]);
    assert.deepEqual(
      differences.map(({ kind, name, expected, actual }) => [kind, name, expected, actual]),
      [
        ["unexpectedPass", "passes", "FAIL", "PASS"],
        ["newSubtest", "passes for one variant", "nothing", "PASS"],
        ["unexpectedFailure", "fails", "PASS", "FAIL"],
        ["missingSubtest", "is gone", "PASS", "nothing"],
      ],
    );
  });

  test("a harness that times out or errs where it did not before is a difference", async () => {
    const results = [...(await runFixtures("timeout")), ...(await runFixtures("throws"))];
    const files = results.map(({ id, subtests }) => [
      id,
      { pass: subtests.map(({ name }) => name) },
    ]);
    const { differences } = compareAll({ ...NOTHING, counts: Object.fromEntries(files) }, results, [
      "counts",
    ]);
    assert.deepEqual(
      differences.map(({ kind, id, actual }) => [kind, id, actual]),
      [
        ["harness", "webrtc/timeout.html", "TIMEOUT"],
        ["unexpectedFailure", "webrtc/timeout.html", "TIMEOUT"],
        ["harness", "webrtc/throws.html", "ERROR"],
      ],
    );
  });

  test("a mixed file passes without what needs media, and the shares say what was not run", async () => {
    const results = await runFixtures("webrtc/mixed");
    const baseline = {
      browser: "A browser",
      files: {
        "webrtc/mixed.html": { pass: ["waits for packets", "is quick", "mixed"] },
        "webrtc/hang.html": { pass: ["one", "two"] },
      },
    };
    assert.deepEqual(
      describeShares(Object.keys(baseline.files), results, baseline, SCOPES.scopeOf),
      [
        "Of the sub-tests that A browser passes, we pass:",
        "  webrtc                     100.0%     2 of     2",
        "  all                        100.0%     2 of     2",
        "Those that need flowing media, apart (not run, see --media):",
        "  webrtc                       0.0%     0 of     1",
        "  all                          0.0%     0 of     1",
        "Excluded because they need a page: 2 that it passes.",
      ],
    );
    const [file] = describeRun(results, baseline).files;
    assert.equal(file.id, "webrtc/mixed.html");
    assert.deepEqual(
      file.subtests.map(({ name, passesInChromium }) => [name, passesInChromium]),
      [
        ["also waits", false],
        ["is quick", true],
        ["mixed", true],
      ],
    );
  });
});

test("notes: another checkout, stale exclusions, rows without a reason", () => {
  const expectations = {
    checkout: "old",
    counts: { x: { harness: "ERROR", reason: "no reason given yet", pass: [] } },
    needsMedia: {},
  };
  const notes = listNotes({
    expectations,
    baseline: { checkout: "new" },
    checkout: "new",
    stale: ["webrtc/gone.html"],
  });
  assert.deepEqual(notes, [
    "note: this checkout (new) is not that of the expectations (old)",
    "note: excluded-files.json names what is not there: webrtc/gone.html",
    "note: 1 rows of expectations.json have no reason yet",
  ]);
});

test("pinning keeps only what is still run in that scope", () => {
  const old = {
    checkout: "",
    counts: { b: { pass: [] }, a: { pass: [] } },
    needsMedia: { b: { pass: [] } },
  };
  const isKept = (id, scope) => id === "a" || scope === "needsMedia";
  const pinned = pinAll(old, [], { checkout: "", isKept });
  assert.deepEqual(Object.keys(pinned.counts), ["a"]);
  assert.deepEqual(Object.keys(pinned.needsMedia), ["b"]);
});

describe("the command", () => {
  async function run(args, environment) {
    const lines = [];
    const { log, error } = console;
    console.log = console.error = (line) => lines.push(line);
    try {
      const status = await main(args, environment, () => assert.fail("must not get that far"));
      return { status, text: lines.join("\n") };
    } finally {
      Object.assign(console, { log, error });
    }
  }

  test("without a checkout it says how to get one and ends with status 2", async () => {
    for (const environment of [{}, { WPT_DIR: "" }, { WPT_DIR: "/nowhere" }]) {
      const { status, text } = await run([], environment);
      assert.equal(status, 2);
      assert.match(text, /WPT_DIR/);
      assert.match(text, /git clone/);
    }
  });

  test("help, and choices that do not exist", async () => {
    assert.equal((await run(["--help"], {})).status, 0);
    const { status, text } = await run(["--media", "maybe"], {});
    assert.equal(status, 2);
    assert.match(text, /skip\|run\|only/);
  });
});
