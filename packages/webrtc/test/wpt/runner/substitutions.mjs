// The files that are not served as they lie in the checkout, to Pallas and to Chromium alike. wptserve, the
// server that belongs to the tests, makes most of them in the same way.

const ALIASES = { "/resources/WebIDLParser.js": "/resources/webidl2/lib/webidl2.js" };

/** Where the file that a page calls `path` lies in the checkout. */
export function aliasOf(path) {
  return ALIASES[path] ?? path;
}

/**
 * Instead of `mediacapture-streams/permission-helper.js`, which lies outside of the folders that are needed:
 * devices are always permitted here.
 */
export const PERMISSION_HELPER = {
  path: "/mediacapture-streams/permission-helper.js",
  code: "self.setMediaPermission = async () => {};",
};

/** The page that wptserve makes of `x.window.js`: the scripts of `test`, in their order. */
export function wrapScripts(test) {
  const scripts = test.scripts.map(({ src }) => `<script src="${src}"></script>`);
  const timeout = test.timeoutMs > 10_000 ? ['<meta name="timeout" content="long">'] : [];
  return [
    "<!doctype html>",
    '<meta charset="utf-8">',
    `<title>${test.title}</title>`,
    ...timeout,
    ...scripts,
  ].join("\n");
}

/** Fills in the `{{…}}` of a `.sub.` file. There is one host and one port here. */
export function substitute(text, { host, port }) {
  return text.replaceAll(/\{\{([a-z]+)(\[[^}]*)?\}\}/g, (_, name) =>
    name === "ports" ? String(port) : host,
  );
}
