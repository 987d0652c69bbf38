// Makes the main realm of this process look like the window of a page, as far as tests of WebRTC need.
//
// The main realm and not a `node:vm` context: what the package throws is then an instance of the very
// `TypeError` and `DOMException` that the tests name. There are no workers, frames, layout, storage or
// network; `document.mjs` says what a document can do.
import * as documents from "./document.mjs";
import { ErrorEvent, PromiseRejectionEvent } from "./events.mjs";
import { FileReader, createFetch } from "./files.mjs";
import { completeLanguage } from "./language.mjs";

const HOST = "web-platform.test";

/** Only its name is asked for: `"Window" in self` tells idlharness which interfaces to expect. */
class Window {}

/**
 * Defines the globals of the page of `test`. Returns `report`, which hands an exception that nobody
 * caught to the page's "error" listeners, and `load`, which ends the loading of the page. As in a page,
 * elements with an id are globals of that name.
 */
export function installWindow(scope, test, roots) {
  completeLanguage();
  const target = new EventTarget();
  const document = new documents.Document({
    title: test.title,
    isLong: test.timeoutMs > 10_000,
    elements: test.elements,
  });
  const location = createLocation(test);
  const isSecure = location.protocol === "https:";
  const { Document, HTMLElement, HTMLMediaElement } = documents;
  const { HTMLVideoElement, HTMLAudioElement, HTMLCanvasElement } = documents;
  const classes = { Window, Document, HTMLElement, HTMLMediaElement, ErrorEvent, FileReader };
  const more = { HTMLVideoElement, HTMLAudioElement, HTMLCanvasElement, PromiseRejectionEvent };
  for (const [name, value] of Object.entries({ ...classes, ...more })) define(scope, name, value);
  for (const { id } of test.elements) define(scope, id, document.getElementById(id));
  const values = {
    ...{ window: scope, self: scope, parent: scope, top: scope, frames: scope, opener: null },
    ...{ name: "", length: 0, origin: location.origin, isSecureContext: isSecure },
    ...{ document, location, navigator: { userAgent: "Pallas", onLine: true } },
    fetch: createFetch(roots, location),
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    dispatchEvent: target.dispatchEvent.bind(target),
  };
  for (const [name, value] of Object.entries(values)) define(scope, name, value);
  return { report: watchExceptions(target), load: () => load(document, target) };
}

function define(scope, name, value) {
  Object.defineProperty(scope, name, {
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}

/** Only `.https.` files are promised a secure context; all others are served without. */
function createLocation(test) {
  const port = test.path.includes(".https.") ? 8443 : 8000;
  const scheme = port === 8443 ? "https" : "http";
  return new URL(`${scheme}://${HOST}:${port}/${test.id}`);
}

function watchExceptions(target) {
  const report = (error) => {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    target.dispatchEvent(new ErrorEvent("error", { error, message, cancelable: true }));
  };
  process.on("uncaughtException", report);
  process.on("unhandledRejection", (reason, promise) => {
    promise.catch(() => {});
    target.dispatchEvent(
      new PromiseRejectionEvent("unhandledrejection", { promise, reason, cancelable: true }),
    );
  });
  return report;
}

function load(document, target) {
  document.readyState = "interactive";
  document.dispatchEvent(new Event("DOMContentLoaded", { bubbles: true }));
  document.readyState = "complete";
  target.dispatchEvent(new Event("load"));
}
