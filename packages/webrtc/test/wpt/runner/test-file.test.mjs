import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { listTests, readTest } from "./test-file.mjs";

const FIXTURES = fileURLToPath(new URL("../fixtures", import.meta.url));
const HARNESS = ["/resources/testharness.js", "/resources/testharnessreport.js"];

test("tests are found by their harness, in order, one per variant; resources are none", () => {
  assert.deepEqual(
    listTests(FIXTURES).map(({ id }) => id),
    [
      "webrtc/crash.html",
      "webrtc/fail.window.js?one",
      "webrtc/fail.window.js?two",
      "webrtc/hang.html",
      "webrtc/mixed.html",
      "webrtc/pass.html",
      "webrtc/rejects.https.html",
      "webrtc/throws.html",
      "webrtc/timeout.html",
    ],
  );
});

test("META lines of a script: title, timeout, variants and scripts in order", () => {
  const text = [
    "// META: timeout=long",
    "// META: title=A title = with signs",
    "// META: script=/common/one.js",
    "// META: script=./two.js?feature=x",
    "// META: script=../three.js",
  ].join("\n");
  assert.deepEqual(readTest("webrtc/inner/x.https.window.js", text), [
    {
      id: "webrtc/inner/x.https.window.js",
      path: "webrtc/inner/x.https.window.js",
      variant: "",
      title: "A title = with signs",
      timeoutMs: 60_000,
      elements: [],
      scripts: [
        ...HARNESS,
        "/common/one.js",
        "/webrtc/inner/two.js",
        "/webrtc/three.js",
        "/webrtc/inner/x.https.window.js",
      ].map((src) => ({ src })),
    },
  ]);
});

test("a page: scripts in order with the lines they start on, metas in any quotes, elements with ids", () => {
  const text = [
    "<meta name='timeout' content=long>",
    '<meta name="variant" content="?a&amp;b"><meta name=variant content="">',
    "<TITLE>x &lt; y</TITLE>",
    "<script src=/resources/testharness.js></script>",
    "<!-- <script>commented()</script>",
    "-->",
    "<video autoplay id=v></video><p id='text'>",
    "<script type='text/javascript'>",
    'first("<div id=inside>");</script>',
  ].join("\n");
  const [one, other] = readTest("webrtc/x.html", text);
  assert.equal(one.id, "webrtc/x.html?a&b");
  assert.equal(other.id, "webrtc/x.html");
  assert.equal(one.title, "x < y");
  assert.equal(one.timeoutMs, 60_000);
  assert.deepEqual(one.elements, [
    { tag: "video", id: "v" },
    { tag: "p", id: "text" },
  ]);
  assert.deepEqual(one.scripts, [
    { src: "/resources/testharness.js" },
    { text: '\nfirst("<div id=inside>");', line: 8 },
  ]);
});

test("files without the harness and files of other kinds are no tests", () => {
  assert.deepEqual(readTest("webrtc/x.html", "<script src=helper.js></script>"), []);
  assert.deepEqual(readTest("webrtc/helper.js", "// META: title=x"), []);
});

test("the ordinary time limit is ten seconds", () => {
  const [page] = readTest("webrtc/x.html", "<script src=/resources/testharness.js></script>");
  const [script] = readTest("webrtc/x.window.js", "");
  assert.equal(page.timeoutMs, 10_000);
  assert.equal(script.timeoutMs, 10_000);
});
