// Serves a checkout of the Web Platform Tests on the loopback interface, as far as these tests need a server.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { findFile } from "../environment/files.mjs";
import { PERMISSION_HELPER, aliasOf, substitute, wrapScripts } from "../runner/substitutions.mjs";

/** The name under which pages find the function that takes their outcome. */
export const REPORT_FUNCTION = "pallasReportOutcome";

const TYPES = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  idl: "text/plain; charset=utf-8",
  png: "image/png",
};

const HARNESS_REPORT = `
add_completion_callback((subtests, harness) => {
  if (window !== window.top) return;
  ${REPORT_FUNCTION}({
    status: harness.status,
    message: harness.message,
    subtests: subtests.map(({ name, status, message }) => ({ name, status, message })),
  });
});`;

/** Devices are permitted by flags of the browser, and so is playing without a gesture. */
const TESTDRIVER_VENDOR = `
window.test_driver_internal.set_permission = async () => {};
window.test_driver.bless = async (intent, action) => action?.();`;

const OWN_FILES = {
  "/resources/testharnessreport.js": HARNESS_REPORT,
  "/resources/testdriver-vendor.js": TESTDRIVER_VENDOR,
};

/**
 * Starts the server on a free port of localhost, which counts as a secure context even without TLS.
 *
 * @returns {Promise<{ urlOf: (test: import("../runner/test-file.mjs").TestFile) => string, stop: () => void }>}
 */
export async function serve(root, tests) {
  const byPagePath = new Map(tests.map((test) => [`/${pagePathOf(test)}`, test]));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const { port } = server.address();
    const found = read(root, byPagePath, pathname, { host: "localhost", port });
    const type = TYPES[pathname.split(".").at(-1)] ?? "text/plain";
    response.writeHead(found === undefined ? 404 : 200, {
      "content-type": type,
      "cache-control": "no-store",
      "service-worker-allowed": "/",
    });
    response.end(found ?? "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    urlOf: (test) => `http://localhost:${server.address().port}/${pagePathOf(test)}${test.variant}`,
    stop: () => server.close(),
  };
}

function pagePathOf({ path }) {
  return path.replace(/\.(window|any)\.js$/, ".$1.html");
}

function read(root, byPagePath, pathname, place) {
  if (OWN_FILES[pathname] !== undefined) return OWN_FILES[pathname];
  const test = byPagePath.get(pathname);
  if (test !== undefined && test.path.endsWith(".js")) return wrapScripts(test);
  const file = findFile([root], aliasOf(pathname));
  if (file === undefined) {
    return pathname === PERMISSION_HELPER.path ? PERMISSION_HELPER.code : undefined;
  }
  const bytes = readFileSync(file);
  return /\.sub\.\w+$|\.sub\.https\.html$/.test(file) ? substitute(bytes.toString(), place) : bytes;
}
