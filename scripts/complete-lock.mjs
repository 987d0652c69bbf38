// Adds to a lock file the optional packages of other platforms that npm left out, because the registry
// at hand did not carry them. Without them `npm ci` refuses the lock file, on every platform.
//
//   node scripts/complete-lock.mjs            package-lock.json here and in bench/
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, readJson } from "./lib/repository.mjs";

const OS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const CPU = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "wasm32", "x64"];
const LIBC = { gnu: "glibc", gnueabihf: "glibc", musl: "musl", musleabihf: "musl" };

/** What `package-lock.json` content lacks: `{ path, entry }` for each package to be added. */
export function listMissing(lock) {
  const missing = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const isThere =
        `node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages;
      if (isThere || !/^\d/.test(version)) continue;
      missing.push({ path: `node_modules/${name}`, entry: describe(name, version, entry.dev) });
    }
  }
  return missing;
}

function describe(name, version, isDev) {
  const words = name.split(/[/-]/);
  const restrict = (field, known) => {
    const found = known.find((word) => words.includes(word));
    return found === undefined ? {} : { [field]: [found] };
  };
  const libc = words.flatMap((word) => LIBC[word] ?? []);
  const isLinux = words.includes("linux");
  return {
    version,
    ...restrict("cpu", CPU),
    ...(isDev ? { dev: true } : {}),
    ...(isLinux && libc.length > 0 ? { libc } : {}),
    optional: true,
    ...restrict("os", OS),
  };
}

function complete(path) {
  const lock = readJson(path);
  const missing = listMissing(lock);
  if (missing.length === 0) return;
  for (const { path: key, entry } of missing) lock.packages[key] = entry;
  const byPath = ([a], [b]) => (a < b ? -1 : 1);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(byPath));
  const indent = /^\s+/m.exec(readFileSync(path, "utf8"))?.[0].replace("\n", "") ?? "  ";
  writeFileSync(path, `${JSON.stringify(lock, undefined, indent)}\n`);
  console.log(`${path}: ${missing.length} packages added`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const folder of [ROOT, join(ROOT, "bench")]) {
    const path = join(folder, "package-lock.json");
    if (existsSync(path)) complete(path);
  }
}
