// How a test reads files: `fetch` of paths of the checkout, and `FileReader`.
import { readFileSync, statSync } from "node:fs";
import { join, normalize } from "node:path";

const TYPES = { js: "text/javascript", json: "application/json", html: "text/html" };

/**
 * The file that `/path` names, in the first of `roots` that has it; `undefined` if none has, or if the
 * path leads out of them.
 */
export function findFile(roots, path) {
  const inside = normalize(decodeURIComponent(path));
  if (inside.split(/[/\\]/).includes("..")) return undefined;
  return roots
    .map((root) => join(root, inside))
    .find((full) => statSync(full, { throwIfNoEntry: false })?.isFile() === true);
}

/** `fetch` for a page without a network: its own origin is the checkout, the rest is unreachable. */
export function createFetch(roots, location) {
  return async (input) => {
    const url = new URL(String(input?.url ?? input), location.href);
    if (url.origin !== location.origin) throw new TypeError("Failed to fetch");
    const file = findFile(roots, url.pathname);
    if (file === undefined) return new Response("", { status: 404 });
    const type = TYPES[file.split(".").at(-1)] ?? "text/plain";
    return new Response(readFileSync(file), { headers: { "content-type": type } });
  };
}

/** https://w3c.github.io/FileAPI/#APIASynch, as far as reading a Blob whole. */
export class FileReader extends EventTarget {
  result = null;
  error = null;
  onload = null;
  onerror = null;

  readAsArrayBuffer(blob) {
    this.#read(blob.arrayBuffer());
  }

  readAsText(blob) {
    this.#read(blob.text());
  }

  async #read(promise) {
    try {
      this.result = await promise;
      this.#fire("load");
    } catch (error) {
      this.error = error;
      this.#fire("error");
    }
    this.#fire("loadend");
  }

  #fire(type) {
    const event = new Event(type);
    this[`on${type}`]?.(event);
    this.dispatchEvent(event);
  }
}
