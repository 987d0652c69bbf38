// Which checkout of web-platform-tests is used, and whether it is the one that the outcomes were pinned on.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What to say when there is none. */
export const HOW_TO_GET_ONE = [
  "npm run wpt needs a checkout of the Web Platform Tests, named by WPT_DIR:",
  "  git clone --depth 1 --filter=blob:none --sparse https://github.com/web-platform-tests/wpt",
  "  cd wpt && git sparse-checkout set /webrtc /webrtc-encoded-transform /webrtc-extensions /webrtc-ice \\",
  "    /webrtc-identity /webrtc-priority /webrtc-stats /webrtc-svc /resources /interfaces /common \\",
  "    /mediacapture-streams/permission-helper.js --no-cone",
  "  WPT_DIR=$PWD npm run wpt",
].join("\n");

/** The folder, or `undefined` if it is not named or is no checkout. */
export function findCheckout(environment) {
  const folder = environment.WPT_DIR;
  if (folder === undefined || folder === "") return undefined;
  return existsSync(join(folder, "resources", "testharness.js")) ? folder : undefined;
}

/** Short name of the tests' content: two checkouts with the same name have the same tests. */
export function fingerprintOf(folder, tests) {
  const hash = createHash("sha256");
  for (const path of new Set(tests.map((test) => test.path))) {
    hash.update(`${path}\n`).update(readFileSync(join(folder, path)));
  }
  hash.update(readFileSync(join(folder, "resources", "testharness.js")));
  return hash.digest("hex").slice(0, 16);
}
