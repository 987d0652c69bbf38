// Runs the benchmarks: set-up and build when needed, then the peers of bench/, which are installed
// there and only there.
//
//   npm run bench -- --quick --only pallas,werift
//   npm run bench -- negotiation       what offers and answers cost, in one process
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib/repository.mjs";
import { fail, run } from "./lib/run.mjs";
import { ensureReady } from "./setup.mjs";

const BENCH = join(ROOT, "bench");
const MARK = join(BENCH, "node_modules", ".pallas-setup");

await ensureReady({ build: true });
await installPeers();
const [first, ...others] = process.argv.slice(2);
const program =
  first === "negotiation" ? ["negotiation.mjs", ...others] : ["main.mjs", ...process.argv.slice(2)];
process.exitCode = await run(process.execPath, program, { cwd: BENCH });

async function installPeers() {
  const lockFile = readFileSync(join(BENCH, "package-lock.json"));
  const hash = createHash("sha256").update(lockFile).digest("hex");
  if (existsSync(MARK) && readFileSync(MARK, "utf8") === hash) return;
  console.log("pallas: installing the peers to compare with (npm ci in bench/)");
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const status = await run(process.platform === "win32" ? "npm.cmd" : "npm", args, { cwd: BENCH });
  if (status !== 0) fail(`npm ci in bench/ ended with status ${status}; see its message above`);
  writeFileSync(MARK, hash);
}
