// Runs every interop test, with the whole matrix of media combinations against the real browsers, and
// the control that runs the same between the browsers themselves. `npm test` runs a representative part.
//
//   npm run interop
//   npm run interop -- media-firefox
import { localBin, run } from "./lib/run.mjs";
import { ensureReady } from "./setup.mjs";

const FOLDER = "packages/webrtc/test/interop";

await ensureReady({ build: false });
process.env["PALLAS_INTEROP"] = "whole";
const names = process.argv.slice(2);
const filters = names.length === 0 ? [FOLDER] : names.map((name) => `${FOLDER}/${name}`);
// One file at a time: two browsers at once only make each other slow.
process.exitCode = await run(localBin("vitest"), ["run", "--no-file-parallelism", ...filters]);
