/**
 * `import "@pallas/webrtc/globals"` gives a Node program the names that a browser's page finds: code
 * written for browsers then runs as it is. A name that is there already is left alone. The types are
 * those of lib.dom, to which the objects of this package are assignable.
 */
import * as pallas from "./index.ts";

for (const [name, value] of Object.entries(pallas)) {
  const isInterface = /^(RTC|MediaStream)/.test(name) && typeof value === "function";
  if (!isInterface || name in globalThis) continue;
  // As Web IDL §3.7.1 defines a global's interfaces: writable, configurable, not enumerable.
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
