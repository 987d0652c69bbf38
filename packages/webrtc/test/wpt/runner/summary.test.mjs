import assert from "node:assert/strict";
import { test } from "vitest";
import { listFailures, printFailures } from "./failures.mjs";
import { createScopes } from "./scope.mjs";
import { formatShares, summarize } from "./summary.mjs";

const SCOPES = createScopes({
  excluded: { "webrtc/page.html": "needs a page" },
  needsMedia: {
    "webrtc/flow.html": "needs packets",
    "webrtc/mixed.html": { subtests: { "media arrives": "needs packets" }, within: ["outer"] },
  },
});
const BASELINE = {
  "webrtc/plain.html": { pass: ["one", "two", "three", "never seen"] },
  "webrtc/mixed.html?variant": { pass: ["media arrives", "offer"] },
  "webrtc/flow.html": { pass: ["packets"] },
  "webrtc/page.html": { pass: ["frame"] },
  "webrtc-stats/s.html": { pass: ["stats"], harness: "TIMEOUT" },
};

function file(id, subtests, { status = "OK", scope = "counts" } = {}) {
  return {
    id,
    scope,
    status,
    message: status === "OK" ? undefined : "it went wrong",
    missingScripts: [],
    subtests: Object.entries(subtests).map(([name, outcome]) => ({
      name,
      status: outcome,
      message: "because",
      stack: "at a (/x/testharness.js:1)\n    at b (webrtc/x.html:2)",
    })),
  };
}

const RESULTS = [
  file("webrtc/plain.html", { one: "PASS", two: "FAIL", three: "PASS", extra: "PASS" }),
  file("webrtc/mixed.html?variant", { offer: "PASS" }),
  file("webrtc/mixed.html?variant", { "media arrives": "TIMEOUT" }, { scope: "needsMedia" }),
  file("webrtc/flow.html", { packets: "PASS" }, { scope: "needsMedia" }),
  file("webrtc-stats/s.html", { stats: "FAIL", more: "FAIL" }, { status: "ERROR" }),
];
const IDS = Object.keys(BASELINE);

test("scopes are looked up by file, by sub-test, and without the variant", () => {
  assert.equal(SCOPES.scopeOf("webrtc/page.html", "frame"), "excluded");
  assert.equal(SCOPES.scopeOf("webrtc/page.html?v"), "excluded");
  assert.equal(SCOPES.scopeOf("webrtc/flow.html", "anything"), "needsMedia");
  assert.equal(SCOPES.scopeOf("webrtc/mixed.html", "media arrives"), "needsMedia");
  assert.equal(SCOPES.scopeOf("webrtc/mixed.html", "constructor"), "counts");
  assert.equal(SCOPES.scopeOf("webrtc/mixed.html"), "counts");
});

test("entries for files and sub-tests that are gone are found", () => {
  const names = {
    "webrtc/page.html?a": [],
    "webrtc/mixed.html?a": ["x"],
    "webrtc/mixed.html?b": [],
  };
  assert.deepEqual(SCOPES.listStale(names), [
    "webrtc/flow.html",
    "webrtc/mixed.html: media arrives",
  ]);
});

test("a mixed file is run twice: without and with what needs media alone", () => {
  const units = (id) => SCOPES.unitsOf({ id }).map((unit) => ({ ...unit, test: undefined }));
  assert.deepEqual(units("webrtc/page.html"), []);
  assert.deepEqual(units("webrtc/plain.html"), [
    { test: undefined, scope: "counts", leaveOut: [] },
  ]);
  assert.deepEqual(units("webrtc/flow.html"), [
    { test: undefined, scope: "needsMedia", leaveOut: [] },
  ]);
  assert.deepEqual(units("webrtc/mixed.html"), [
    { test: undefined, scope: "counts", leaveOut: ["media arrives"] },
    { test: undefined, scope: "needsMedia", only: ["media arrives"], within: ["outer"] },
  ]);
});

test("the share counts what Chromium passes, also what never came into being here", () => {
  const { counts, needsMedia, excluded } = summarize(IDS, RESULTS, BASELINE, SCOPES.scopeOf);
  assert.deepEqual(
    [...counts],
    [
      ["webrtc", { chromium: 5, ours: 3, more: 1 }],
      ["webrtc-stats", { chromium: 1, ours: 0, more: 0 }],
      ["all", { chromium: 6, ours: 3, more: 1 }],
    ],
  );
  assert.deepEqual(needsMedia.get("all"), { chromium: 2, ours: 1, more: 0 });
  assert.deepEqual(excluded.get("all"), { chromium: 1, ours: 0, more: 0 });
});

test("a table has a line per folder with the share in per cent", () => {
  const { counts } = summarize(IDS, RESULTS, BASELINE, SCOPES.scopeOf);
  assert.deepEqual(formatShares("Title", counts), [
    "Title",
    "  webrtc                      60.0%     3 of     5   and 1 more",
    "  webrtc-stats                 0.0%     0 of     1",
    "  all                         50.0%     3 of     6   and 1 more",
  ]);
});

test("failures to work on are those that Chromium passes", () => {
  const names = listFailures(RESULTS, BASELINE, SCOPES.scopeOf, false).map(
    ({ name, status, scope }) => [name, status, scope],
  );
  assert.deepEqual(names, [
    ["two", "FAIL", "counts"],
    ["never seen", "MISSING", "counts"],
    ["media arrives", "TIMEOUT", "needsMedia"],
    [undefined, "ERROR", "counts"],
    ["stats", "FAIL", "counts"],
  ]);
});

test("all failures include those that Chromium shares, marked", () => {
  const failures = listFailures(RESULTS, BASELINE, SCOPES.scopeOf, true);
  assert.equal(failures.length, 6);
  const lines = [];
  printFailures(failures.slice(-1), (line) => lines.push(line));
  assert.deepEqual(lines, [
    "\nwebrtc-stats/s.html",
    "  FAIL more  [Chromium fails too]",
    "      because",
    "      at b (webrtc/x.html:2)",
    "",
  ]);
});

test("a file that the baseline does not know is listed whole and unmarked", () => {
  const failures = listFailures(
    [file("webrtc/new.html", { one: "FAIL" })],
    {},
    SCOPES.scopeOf,
    false,
  );
  assert.deepEqual(
    failures.map(({ name, passesInChromium }) => [name, passesInChromium]),
    [["one", undefined]],
  );
});
