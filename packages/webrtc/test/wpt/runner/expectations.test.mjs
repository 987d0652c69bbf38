import assert from "node:assert/strict";
import { describe, test } from "vitest";
import {
  NO_REASON,
  compareFile,
  countWithoutReason,
  formatDifference,
  listMissingFiles,
  updateFile,
} from "./expectations.mjs";

const ID = "webrtc/x.html";
const EXPECTED = {
  pass: ["one", "two"],
  notPass: { three: { status: "FAIL", reason: "it is Tuesday" } },
};

function result(subtests, status = "OK") {
  return {
    id: ID,
    status,
    subtests: Object.entries(subtests).map(([name, outcome]) => ({
      name,
      status: outcome,
      message: outcome === "PASS" ? undefined : "because",
    })),
    missingScripts: [],
    durationMs: 1,
  };
}

function kinds(expected, actual) {
  return compareFile(expected, actual).differences.map(({ kind, name }) => [kind, name]);
}

describe("comparing", () => {
  test("the pinned outcome is no difference", () => {
    const { asExpected, differences } = compareFile(
      EXPECTED,
      result({ one: "PASS", two: "PASS", three: "FAIL" }),
    );
    assert.equal(asExpected, 3);
    assert.deepEqual(differences, []);
  });

  test("an unexpected failure", () => {
    const actual = result({ one: "PASS", two: "FAIL", three: "FAIL" });
    assert.deepEqual(kinds(EXPECTED, actual), [["unexpectedFailure", "two"]]);
  });

  test("an unexpected pass", () => {
    const actual = result({ one: "PASS", two: "PASS", three: "PASS" });
    assert.deepEqual(kinds(EXPECTED, actual), [["unexpectedPass", "three"]]);
  });

  test("a missing sub-test, whether it passed or not", () => {
    assert.deepEqual(kinds(EXPECTED, result({ two: "PASS" })), [
      ["missingSubtest", "one"],
      ["missingSubtest", "three"],
    ]);
  });

  test("a new sub-test, even one that passes", () => {
    const actual = result({ one: "PASS", two: "PASS", three: "FAIL", four: "PASS" });
    assert.deepEqual(kinds(EXPECTED, actual), [["newSubtest", "four"]]);
  });

  test("a harness that did not end well, or ended well against all odds", () => {
    const subtests = { one: "PASS", two: "PASS", three: "FAIL" };
    assert.deepEqual(kinds(EXPECTED, result(subtests, "TIMEOUT")), [["harness", undefined]]);
    const pinned = { ...EXPECTED, harness: "ERROR" };
    assert.deepEqual(kinds(pinned, result(subtests)), [["harness", undefined]]);
  });

  test("ways not to pass are one", () => {
    const actual = result({ one: "PASS", two: "PASS", three: "NOTRUN" });
    assert.deepEqual(kinds(EXPECTED, actual), []);
  });

  test("a new file and a file that is gone", () => {
    assert.deepEqual(kinds(undefined, result({ one: "PASS" })), [["newFile", undefined]]);
    const missing = listMissingFiles({ [ID]: EXPECTED, "webrtc/y.html": EXPECTED }, [ID]);
    assert.deepEqual(
      missing.map(({ kind, id }) => [kind, id]),
      [["missingFile", "webrtc/y.html"]],
    );
  });

  test("names of Object.prototype are names like others", () => {
    const actual = result({ constructor: "PASS", toString: "FAIL" });
    const pinned = updateFile(undefined, actual, "reason");
    assert.deepEqual(compareFile(pinned, actual), { asExpected: 2, differences: [] });
  });
});

describe("pinning", () => {
  test("reasons are kept, new rows get the given one, passes lose theirs", () => {
    const previous = {
      harness: "TIMEOUT",
      reason: "slow",
      pass: ["one"],
      notPass: {
        two: { status: "FAIL", reason: "kept" },
        three: { status: "FAIL", reason: "lost" },
      },
    };
    const actual = result(
      { one: "FAIL", two: "TIMEOUT", three: "PASS", four: "NOTRUN" },
      "TIMEOUT",
    );
    assert.deepEqual(updateFile(previous, actual, "new"), {
      harness: "TIMEOUT",
      reason: "slow",
      pass: ["three"],
      notPass: {
        one: { status: "FAIL", reason: "new" },
        two: { status: "TIMEOUT", reason: "kept" },
        four: { status: "NOTRUN", reason: "new" },
      },
    });
  });

  test("a file where all passes has neither harness nor rows", () => {
    assert.deepEqual(updateFile(undefined, result({ one: "PASS" })), { pass: ["one"] });
  });

  test("what is pinned is as expected from then on", () => {
    const actual = result({ one: "PASS", two: "FAIL", three: "TIMEOUT" }, "ERROR");
    const { differences } = compareFile(updateFile(undefined, actual), actual);
    assert.deepEqual(differences, []);
  });

  test("rows that nobody explained are counted", () => {
    const files = {
      a: updateFile(undefined, result({ one: "FAIL", two: "PASS" }, "TIMEOUT")),
      b: EXPECTED,
    };
    assert.equal(files.a.reason, NO_REASON);
    assert.equal(countWithoutReason(files), 2);
  });
});

test("a difference reads like one", () => {
  const [difference] = compareFile(
    EXPECTED,
    result({ one: "FAIL", two: "PASS", three: "FAIL" }),
  ).differences;
  assert.equal(
    formatDifference(difference),
    "webrtc/x.html\n  one\n    - PASS\n    + FAIL\n      because",
  );
});
