// Which version of a stack is being measured.
import { readFileSync } from "node:fs";

/** The version of a package that is installed in bench/. */
export function installedVersion(packageName) {
  const manifest = new URL(`../node_modules/${packageName}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, "utf8")).version;
}
