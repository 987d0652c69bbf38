// Checks everything that a machine can check, one line per check, with the details of those that failed.
//
//   npm run lint
//   npm run lint -- layers docs     only these
import { ROOT } from "./lib/repository.mjs";
import { capture, localBin } from "./lib/run.mjs";
import { ensureReady } from "./setup.mjs";
import { join } from "node:path";

await ensureReady({ build: false });

const script = (name) => [process.execPath, [join(ROOT, "scripts", name)]];

const CHECKS = {
  layers: script("check-layers.mjs"),
  docs: script("check-docs.mjs"),
  budgets: script("check-budgets.mjs"),
  oxlint: [localBin("oxlint"), ["--deny-warnings", "--report-unused-disable-directives"]],
  format: [localBin("oxfmt"), ["--check"]],
  // The tests of one package are checked against the declarations of the others.
  build: [localBin("tsc"), ["-b"]],
  types: [localBin("tsc"), ["-p", "tsconfig.test.json", "--noEmit"]],
  // A program for browsers, against the types of @pallas/webrtc where there is no lib.dom.
  "types-without-dom": [localBin("tsc"), ["-p", "packages/webrtc/test/connection/without-dom"]],
};

const wanted = process.argv.slice(2);
let failures = 0;
for (const [name, [program, args]] of Object.entries(CHECKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { status, output } = await capture(program, args);
  if (status !== 0) failures++;
  console.log(`${status === 0 ? "ok  " : "FAIL"} ${name}`);
  if (status !== 0) console.log(output.trimEnd().replaceAll(/^/gm, "     "));
}
process.exitCode = failures === 0 ? 0 : 1;
