// Puts the package's W3C names where a page has them. The only file that knows what the package exports.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const W3C_NAME = /^(RTC|MediaStream)/;

/**
 * Loads the built package at `url` (its `index.js`) and defines its interfaces on `scope`, as Web IDL
 * says (https://webidl.spec.whatwg.org/#define-the-global-property-references). Resolves to the
 * package's namespace.
 */
export async function installPackage(scope, url) {
  const globals = new URL("./globals.js", url);
  const pallas = await import(url);
  if (existsSync(fileURLToPath(globals))) {
    await import(globals.href);
    return pallas;
  }
  for (const [name, value] of Object.entries(pallas)) {
    if (!W3C_NAME.test(name) || typeof value !== "function") continue;
    Object.defineProperty(scope, name, {
      value,
      writable: true,
      enumerable: false,
      configurable: true,
    });
  }
  return pallas;
}
