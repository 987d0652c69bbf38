import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, test } from "vitest";
import { substitute, wrapScripts } from "../runner/substitutions.mjs";
import { listTests } from "../runner/test-file.mjs";
import { REPORT_FUNCTION, serve } from "./server.mjs";

const FIXTURES = fileURLToPath(new URL("../fixtures", import.meta.url));
const TESTS = listTests(FIXTURES);

describe("the server for the browser", () => {
  let server;
  let origin;
  beforeAll(async () => {
    server = await serve(FIXTURES, TESTS);
    origin = new URL(server.urlOf(TESTS[0])).origin;
  });
  afterAll(() => server.stop());

  async function get(path) {
    const response = await fetch(origin + path);
    return { status: response.status, text: await response.text() };
  }

  test("localhost counts as a secure context (https://w3c.github.io/webappsec-secure-contexts §3.1)", () => {
    assert.equal(new URL(origin).hostname, "localhost");
  });

  test("files of the checkout are served as they are", async () => {
    const { status, text } = await get("/webrtc/resources/helper.js");
    assert.equal(status, 200);
    assert.match(text, /fromHelper/);
  });

  test("outcomes are reported to us, and devices need no permission", async () => {
    assert.match((await get("/resources/testharnessreport.js")).text, new RegExp(REPORT_FUNCTION));
    assert.match((await get("/resources/testdriver-vendor.js")).text, /set_permission/);
    assert.match(
      (await get("/mediacapture-streams/permission-helper.js")).text,
      /setMediaPermission/,
    );
  });

  test("a script test gets a page, with its variant in the address", async () => {
    const found = TESTS.find(({ id }) => id === "webrtc/fail.window.js?one");
    assert.equal(server.urlOf(found), `${origin}/webrtc/fail.window.html?one`);
    const { text } = await get("/webrtc/fail.window.html?one");
    assert.match(text, /<script src="\/webrtc\/fail\.window\.js">/);
    assert.match(text, /content="long"/);
  });

  test("what is not there, folders, and paths that lead out are not found", async () => {
    for (const path of ["/nothing.html", "/webrtc/", "/webrtc/%2e%2e/%2e%2e/README.md"]) {
      assert.equal((await get(path)).status, 404, path);
    }
  });
});

test("a page for scripts has them in order", () => {
  const page = wrapScripts({
    title: "A title",
    timeoutMs: 10_000,
    scripts: [{ src: "/resources/testharness.js" }, { src: "/webrtc/x.window.js" }],
  });
  assert.match(page, /<title>A title<\/title>/);
  assert.ok(page.indexOf("testharness.js") < page.indexOf("x.window.js"));
  assert.doesNotMatch(page, /timeout/);
});

test("placeholders of wptserve become our one host and port", () => {
  const text = "'{{host}}:{{ports[https][0]}}' '{{domains[www]}}' '{{hosts[alt][]}}' {{Not}} {}";
  assert.equal(
    substitute(text, { host: "localhost", port: 8 }),
    "'localhost:8' 'localhost' 'localhost' {{Not}} {}",
  );
});
