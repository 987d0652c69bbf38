// The rules of the repository refuse what they should: each test writes one violation into a copy of
// the rules in a temporary folder.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "vitest";
import { checkBudgets } from "./check-budgets.mjs";
import { checkDocs } from "./check-docs.mjs";
import { checkLayers } from "./check-layers.mjs";
import { listMissing } from "./complete-lock.mjs";
import { ROOT } from "./lib/repository.mjs";
import { capture, localBin } from "./lib/run.mjs";

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pallas-rules-"));
  for (const name of ["layers.json", ".oxlintrc.json"]) cpSync(join(ROOT, name), join(root, name));
  write("package.json", '{ "workspaces": ["packages/webrtc", "packages/peers"] }');
  write("packages/webrtc/package.json", '{ "name": "@pallas/webrtc" }');
  write("packages/peers/package.json", '{ "name": "@pallas/peers" }');
  write("packages/webrtc/src/base/errors.ts", "/** One. */\nexport const one = 1;\n");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function oxlint() {
  const { status, output } = await capture(localBin("oxlint"), ["--format=unix"], { cwd: root });
  return { isRefused: status !== 0, output };
}

test("a tree without violations passes every check", async () => {
  write("packages/webrtc/src/sctp/a.ts", 'export { one } from "../base/errors.ts";\n');
  assert.deepEqual(checkLayers(root), []);
  assert.deepEqual(checkDocs(root), []);
  assert.deepEqual(checkBudgets(root), []);
  assert.deepEqual((await oxlint()).isRefused, false);
});

const AMBIENT = {
  "reads the wall clock": "export const at = Date.now();",
  "makes a date": "export const at = new Date();",
  "reads the monotonic clock": "export const at = performance.now();",
  "draws a random number": "export const dice = Math.random();",
  "uses the global crypto": "export const bytes = crypto.getRandomValues(new Uint8Array(4));",
  "starts a timer": "setTimeout(() => {}, 10);",
  "starts an interval": "setInterval(() => {}, 10);",
  "queues a microtask": "queueMicrotask(() => {});",
  "makes a promise": "export const soon = Promise.resolve(1);",
  "asks the process": "export const home = process.env.HOME;",
  "reaches for a global the long way": "export const at = globalThis.performance.now();",
};

for (const [what, code] of Object.entries(AMBIENT)) {
  test(`a core folder that ${what} is refused`, async () => {
    write("packages/webrtc/src/sctp/a.ts", `${code}\n`);
    const { isRefused, output } = await oxlint();
    assert.equal(isRefused, true);
    assert.match(output, /packages\/webrtc\/src\/sctp\/a\.ts/);
  });
}

test("the same in a folder that may do I/O, and under a name of its own in the core, is allowed", async () => {
  write("packages/webrtc/src/node/a.ts", "/** Now. */\nexport const at = Date.now();\n");
  const code =
    "/** One. */\nexport function one(crypto: { one: number }): number {\n  return crypto.one;\n}\n";
  write("packages/webrtc/src/sctp/a.ts", code);
  const { isRefused, output } = await oxlint();
  assert.equal(isRefused, false, output);
});

const IMPORTS = {
  "node:* in a core folder": ["sctp", 'import "node:fs";'],
  "node:* in a core folder, dynamically": ["sctp", 'export const fs = () => import("node:fs");'],
  "another node module than the one allowed": ["crypto", 'import "node:dns";'],
  "a folder above": ["sctp", 'import type { A } from "../w3c/a.ts";'],
  "a folder beside": ["sctp", 'import { a } from "../dtls/a.ts";'],
  "a folder above, as a type expression": ["sctp", 'export type A = import("../ice/a.ts").A;'],
  "a folder above, re-exported": ["sctp", 'export * from "../session/a.ts";'],
  "the other side of the association": ["sctp/tx", 'import { a } from "../rx/a.ts";'],
  "a third-party package": ["node", 'import "left-pad";'],
  "another package's source": ["node", 'import "../../../peers/src/index.ts";'],
  "a package above": ["node", 'import "@pallas/peers";'],
  "something computed": ["node", "export const load = (name: string) => import(name);"],
};

for (const [what, [folder, code]] of Object.entries(IMPORTS)) {
  test(`an import of ${what} is refused, with file and line`, () => {
    write(`packages/webrtc/src/${folder}/a.ts`, `\n${code}\n`);
    const problems = checkLayers(root);
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0], new RegExp(`^packages/webrtc/src/${folder}/a\\.ts:2 `));
  });
}

test("a folder without a row in layers.json is refused", () => {
  write("packages/webrtc/src/quic/a.ts", 'import { one } from "../base/errors.ts";\n');
  assert.match(checkLayers(root)[0] ?? "", /quic has no row/);
});

test("a core folder that oxlint does not watch is refused", () => {
  const layers =
    '{ "packages/webrtc/src": { "quic": { "core": true, "may": [] } }, "packages": {} }';
  write("layers.json", layers);
  assert.match(checkLayers(root)[0] ?? "", /does not watch .*quic/);
});

test("a runtime dependency of @pallas/webrtc, and one against the direction, are refused", () => {
  const dependencies = { "left-pad": "1", "@pallas/peers": "0" };
  write("packages/webrtc/package.json", JSON.stringify({ name: "@pallas/webrtc", dependencies }));
  const problems = checkLayers(root).join("\n");
  assert.match(problems, /may not depend on @pallas\/peers/);
  assert.match(problems, /has runtime dependencies/);
});

test("an exported function, class, type or constant without a doc comment is refused", () => {
  const declarations = [
    "function f() {}",
    "class C {}",
    "type T = 1;",
    "const c = 1;",
    "interface I {}",
  ];
  const code = declarations.map((text) => `export ${text}`).join("\n// not a doc comment\n");
  write("packages/webrtc/src/sctp/a.ts", code);
  const names = checkDocs(root).map((problem) => problem.split(" ")[1]);
  assert.deepEqual(names, ["f", "C", "T", "c", "I"]);
});

test("a public method with two arguments needs a doc comment; private and implemented ones do not", () => {
  const methods =
    "{ m(a: 1, b: 2) {}\n #p(a: 1, b: 2) {}\n private q(a: 1, b: 2) {}\n n(a: 1) {} }";
  const code = `/** C. */\nexport class C ${methods}\n/** D. */\nexport class D implements I ${methods}\n`;
  write("packages/webrtc/src/sctp/a.ts", code);
  assert.deepEqual(checkDocs(root), ["packages/webrtc/src/sctp/a.ts:2 C.m has no doc comment"]);
});

const BUDGETS = {
  "a generic Error": ['throw new Error("no");', /generic Error/],
  "a comment for oxlint": ["// oxlint-disable-next-line", /switches a check off/],
  "a comment for the compiler": ["// @ts-expect-error", /switches a check off/],
  "async in the core": ["export async function f() {}", /synchronous/],
  "a path of one machine": [`export const p = "${"/home"}/someone/x";`, /path of one machine/],
};

for (const [what, [code, message]] of Object.entries(BUDGETS)) {
  test(`${what} is refused`, () => {
    write("packages/webrtc/src/sctp/a.ts", `${code}\n`);
    const problems = checkBudgets(root);
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0], message);
  });
}

test("a lock file without the optional packages of other platforms is refused, and can be completed", () => {
  const optionalDependencies = {
    "@x/binding-linux-arm-gnueabihf": "1.2.3",
    "@x/binding-win32-x64": "1.2.3",
  };
  const packages = { "node_modules/x": { version: "1.2.3", dev: true, optionalDependencies } };
  write("package-lock.json", JSON.stringify({ packages }));
  assert.match(checkBudgets(root).join("\n"), /package-lock\.json:1 lacks .*win32-x64/);
  const platform = { cpu: ["arm"], libc: ["glibc"], os: ["linux"] };
  assert.deepEqual(listMissing({ packages })[0], {
    path: "node_modules/@x/binding-linux-arm-gnueabihf",
    entry: { version: "1.2.3", dev: true, optional: true, ...platform },
  });
});

test("`any`, an import cycle, and a file beyond 600 lines are refused", async () => {
  write("packages/webrtc/src/w3c/any.ts", "/** A. */\nexport const a = (b: any): unknown => b;\n");
  write(
    "packages/webrtc/src/w3c/b.ts",
    'import { c } from "./c.ts";\nexport const b = (): number => c();\n',
  );
  write(
    "packages/webrtc/src/w3c/c.ts",
    'import { b } from "./b.ts";\nexport const c = (): number => b();\n',
  );
  write("packages/webrtc/src/w3c/long.ts", "export {};\n".repeat(601));
  const { output } = await oxlint();
  assert.match(output, /any\.ts.*any/);
  assert.match(output, /no-cycle/);
  assert.match(output, /long\.ts.*max-lines/);
});
