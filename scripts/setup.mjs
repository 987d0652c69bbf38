// Makes this checkout ready to run: checks Node's version, installs dependencies and builds, each only
// when it is needed. Uses nothing but Node itself, since nothing else may be there yet.
//
//   node scripts/setup.mjs            dependencies
//   node scripts/setup.mjs --build    dependencies and build
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildAll } from "./build.mjs";
import { ROOT, isTestFile, listFiles, listPackages, readJson } from "./lib/repository.mjs";
import { fail, run } from "./lib/run.mjs";

const MIN_NODE = [20, 19];
const INSTALL_MARK = join(ROOT, "node_modules", ".pallas-setup");
const BUILD_MARK = join(ROOT, "node_modules", ".pallas-build");
// Not in node_modules, which `npm ci` empties.
const LOCK = join(ROOT, ".cache", "setup.lock");
const LOCK_POLL_MS = 200;
const LOCK_PATIENCE_MS = 300_000;

/**
 * Resolves when dependencies are installed and, with `build`, the packages are built. Ends the process
 * with status 1 and one clear line if that cannot be done.
 */
export async function ensureReady({ build = true } = {}) {
  checkNode();
  if (isReady(build)) return;
  mkdirSync(dirname(LOCK), { recursive: true });
  const unlock = await lock();
  try {
    await install();
    if (build) await buildIfStale();
  } finally {
    unlock();
  }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [minMajor, minMinor] = MIN_NODE;
  if (major > minMajor || (major === minMajor && minor >= minMinor)) return;
  fail(`needs Node ${MIN_NODE.join(".")} or newer, this is ${process.versions.node}`);
}

function isReady(build) {
  return readMark(INSTALL_MARK) === lockFileHash() && (!build || !isBuildStale());
}

async function install() {
  const hash = lockFileHash();
  if (readMark(INSTALL_MARK) === hash) return;
  if (!hasSamePackages()) {
    console.log("pallas: installing dependencies (npm ci)");
    const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    const status = await run(process.platform === "win32" ? "npm.cmd" : "npm", args);
    if (status !== 0) fail(`npm ci ended with status ${status}; see its message above`);
  }
  writeFileSync(INSTALL_MARK, hash);
}

/**
 * True if what npm recorded inside node_modules is what the lock file asks for: somebody ran npm
 * by hand, and installing again would only take everything away from under a running process.
 */
function hasSamePackages() {
  const recordPath = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(recordPath)) return false;
  const wanted = readJson(join(ROOT, "package-lock.json")).packages;
  const installed = readJson(recordPath).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith("node_modules/") || entry.optional || entry.devOptional) return true;
    const found = installed[path];
    return found !== undefined && found.version === entry.version && found.link === entry.link;
  });
}

async function buildIfStale() {
  if (!isBuildStale()) return;
  console.log("pallas: building");
  const hash = sourceHash();
  const status = await buildAll();
  if (status !== 0) fail("the build failed; see the errors above");
  writeFileSync(BUILD_MARK, hash);
}

function isBuildStale() {
  if (readMark(BUILD_MARK) !== sourceHash()) return true;
  return listPackages(ROOT).some((path) => {
    const main = readJson(join(ROOT, path, "package.json")).exports?.["."]?.default;
    return main !== undefined && !existsSync(join(ROOT, path, main));
  });
}

function lockFileHash() {
  return createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
}

/** Changes when any file that goes into a build is added, removed, or written. */
function sourceHash() {
  const hash = createHash("sha256").update(process.versions.node);
  const inputs = listFiles(ROOT, "packages").filter((path) => !isTestFile(path));
  for (const path of ["tsconfig.base.json", "tsconfig.json", ...inputs]) {
    const { mtimeMs, size } = statSync(join(ROOT, path));
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  }
  return hash.digest("hex");
}

function readMark(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** Keeps two commands from installing or building at once; a lock whose owner is gone is void. */
async function lock() {
  const triesLeft = LOCK_PATIENCE_MS / LOCK_POLL_MS;
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: "wx" });
      const unlock = () => rmSync(LOCK, { force: true });
      process.once("exit", unlock); // `fail` ends the process where it stands.
      return () => {
        process.off("exit", unlock);
        unlock();
      };
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const owner = Number(readMark(LOCK));
    if (!isAlive(owner)) {
      rmSync(LOCK, { force: true });
      continue;
    }
    if (tries === 0) console.log(`pallas: waiting for the set-up that process ${owner} is doing`);
    if (tries > triesLeft) fail(`process ${owner} has been setting up for too long; end it first`);
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

function isAlive(pid) {
  // An empty lock is one that its owner is writing at this moment.
  if (Number.isNaN(pid) || pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await ensureReady({ build: process.argv.includes("--build") });
}
