// Where things are in this repository, and how its scripts list files.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The top folder of the repository, without a trailing slash. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const NEVER_LISTED = new Set(["node_modules", "dist", ".git", ".cache", "coverage"]);

/** Every file under `folder`, as paths relative to `root` with forward slashes, sorted. */
export function listFiles(root, folder = ".") {
  const found = [];
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (NEVER_LISTED.has(entry.name)) continue;
      const full = join(path, entry.name);
      if (entry.isDirectory()) visit(full);
      else if (entry.isFile()) found.push(relative(root, full).split(sep).join("/"));
    }
  };
  const start = join(root, folder);
  if (existsSync(start)) visit(start);
  return found.toSorted();
}

/** True for files that hold tests or helpers of tests rather than what is shipped. */
export function isTestFile(path) {
  return /\.test\.(ts|tsx|mjs)$/.test(path) || /^packages\/[^/]+\/test\//.test(path);
}

/** The TypeScript files under packages/<name>/src, tests left out. */
export function listSources(root) {
  return listFiles(root, "packages").filter(
    (path) => /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path) && !isTestFile(path),
  );
}

/** A JSON file, parsed. */
export function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** The folders of the workspace's packages that exist, as `packages/webrtc`. */
export function listPackages(root) {
  return readJson(join(root, "package.json")).workspaces.filter((path) =>
    existsSync(join(root, path, "package.json")),
  );
}
