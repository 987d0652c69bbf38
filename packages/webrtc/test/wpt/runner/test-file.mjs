// Finds the test files of a web-platform-tests checkout and reads what a page would make of them.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";

/** The folders that the gate runs, in the order of the report. */
export const FOLDERS = [
  "webrtc",
  "webrtc-encoded-transform",
  "webrtc-extensions",
  "webrtc-ice",
  "webrtc-identity",
  "webrtc-priority",
  "webrtc-stats",
  "webrtc-svc",
];

const NEVER_TESTS = new Set(["resources", "tools", "third_party", "coverage", "support"]);
const NORMAL_TIMEOUT_MS = 10_000;
const LONG_TIMEOUT_MS = 60_000;
const HARNESS = "/resources/testharness.js";
const HARNESS_REPORT = "/resources/testharnessreport.js";

/**
 * @typedef {{ src: string } | { text: string, line: number }} Script a file, as a path from the top of
 *   the checkout, or the text between the tags
 * @typedef {{ tag: string, id: string }} NamedElement
 * @typedef {object} TestFile
 * @property {string} id how files are named everywhere: the path in the checkout, with the variant
 * @property {string} path without the variant
 * @property {string} variant `?query`, or empty
 * @property {string} title
 * @property {number} timeoutMs
 * @property {readonly Script[]} scripts in the order in which a page runs them
 * @property {readonly NamedElement[]} elements what `document.getElementById` can find
 */

/**
 * Every test of `folders`, sorted, one entry per variant.
 *
 * @returns {TestFile[]}
 */
export function listTests(wptDir, folders = FOLDERS) {
  return folders.flatMap((folder) =>
    listFiles(wptDir, folder).flatMap((path) =>
      readTest(path, readFileSync(join(wptDir, path), "utf8")),
    ),
  );
}

function listFiles(wptDir, folder) {
  const full = join(wptDir, folder);
  if (!existsSync(full)) return [];
  const entries = readdirSync(full, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => `${folder}/${entry.name}`);
  const inner = entries
    .filter((entry) => entry.isDirectory() && !NEVER_TESTS.has(entry.name))
    .flatMap((entry) => listFiles(wptDir, `${folder}/${entry.name}`));
  return [...files, ...inner].toSorted();
}

/** One file as its variants; empty if it is not a test. */
export function readTest(path, text) {
  const parse = /\.(window|any)\.js$/.test(path)
    ? readScriptTest
    : path.endsWith(".html")
      ? readPageTest
      : undefined;
  const parsed = parse?.(path, text);
  if (parsed === undefined) return [];
  const { variants, ...test } = parsed;
  return (variants.length === 0 ? [""] : variants).map((variant) => ({
    id: path + variant,
    path,
    variant,
    ...test,
  }));
}

/** `x.window.js`: what wptserve makes a page of, from the `// META:` lines. */
function readScriptTest(path, text) {
  const metas = [...text.matchAll(/^\/\/\s*META:\s*(\w+)=(.*)$/gm)].map(([, name, value]) => ({
    name,
    value: value.trim(),
  }));
  const valuesOf = (name) => metas.filter((meta) => meta.name === name).map((meta) => meta.value);
  return {
    title: valuesOf("title")[0] ?? "",
    timeoutMs: valuesOf("timeout").includes("long") ? LONG_TIMEOUT_MS : NORMAL_TIMEOUT_MS,
    variants: valuesOf("variant"),
    elements: [],
    scripts: [HARNESS, HARNESS_REPORT, ...valuesOf("script"), `/${path}`].map((src) => ({
      src: resolvePath(path, src),
    })),
  };
}

function readPageTest(path, rawText) {
  const text = rawText.replaceAll(/<!--[^]*?-->/g, (comment) => comment.replaceAll(/[^\n]/g, " "));
  const scripts = readScripts(path, text);
  if (!scripts.some((script) => script.src === HARNESS)) return undefined;
  const markup = text.replaceAll(/(<script\b[^>]*>)[^]*?<\/script\s*>/gi, "$1");
  const metas = [...markup.matchAll(/<meta\b[^>]*>/gi)].map(([tag]) => ({
    name: attributeOf(tag, "name"),
    content: attributeOf(tag, "content") ?? "",
  }));
  const contentsOf = (name) =>
    metas.filter((meta) => meta.name === name).map((meta) => meta.content);
  return {
    title: decode(/<title>([^]*?)<\/title>/i.exec(markup)?.[1] ?? ""),
    timeoutMs: contentsOf("timeout").includes("long") ? LONG_TIMEOUT_MS : NORMAL_TIMEOUT_MS,
    variants: contentsOf("variant"),
    elements: readElements(markup),
    scripts,
  };
}

function readScripts(path, text) {
  const found = [];
  for (const match of text.matchAll(/<script\b([^>]*)>([^]*?)<\/script\s*>/gi)) {
    const [whole, attributes = "", body = ""] = match;
    const src = attributeOf(`<script ${attributes}>`, "src");
    const bodyAt = match.index + whole.indexOf(">") + 1;
    if (src !== undefined) found.push({ src: resolvePath(path, src) });
    else found.push({ text: body, line: text.slice(0, bodyAt).split("\n").length });
  }
  return found;
}

function readElements(markup) {
  return [...markup.matchAll(/<([a-z]\w*)\b[^>]*>/gi)].flatMap(([tag, name]) => {
    const id = attributeOf(tag, "id");
    return id === undefined ? [] : [{ tag: name.toLowerCase(), id }];
  });
}

function attributeOf(tag, name) {
  const match = new RegExp(`\\s${name}\\s*=\\s*("([^"]*)"|'([^']*)'|([^\\s>]+))`, "i").exec(tag);
  if (match === null) return undefined;
  return decode(match[2] ?? match[3] ?? match[4] ?? "");
}

function decode(text) {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

/** `src` as seen from the file `from`, as a path from the top of the checkout. */
function resolvePath(from, src) {
  const path = src.replace(/[?#].*$/, "");
  return path.startsWith("/") ? posix.normalize(path) : posix.join("/", posix.dirname(from), path);
}
