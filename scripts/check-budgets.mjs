// Refuses what oxlint has no rule for: a generic Error thrown by the library, comments that switch
// checks off, core code that waits, texts that name somebody's machine, and lock files that npm would
// refuse. Prints how large files and
// functions are, beside what docs ask for.
//
//   node scripts/check-budgets.mjs [root]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { listMissing } from "./complete-lock.mjs";
import { ROOT, isTestFile, listFiles, listSources, readJson } from "./lib/repository.mjs";
import { readSource, walk } from "./lib/source.mjs";

const SWITCHES_A_CHECK_OFF =
  /^\s*(eslint-disable|oxlint-disable|oxfmt-ignore|@ts-(ignore|nocheck|expect-error))/;
const TEXT_FILE = /\.(c?js|mjs|jsonc?|md|tsx?|py|html|css|sh|ya?ml|sdp|svg)$/;
const MACHINE_PATH = /(^|[\s"'`(=:])\/(work|root|home\/\w+|Users\/\w+|tmp\/\w+)\//;

/** All violations as `file:line message`. */
export function checkBudgets(root) {
  const problems = [];
  const core = coreFolders(root);
  for (const path of listSources(root)) {
    const source = readSource(root, path);
    const report = (offset, message) =>
      problems.push(`${path}:${source.lineAt(offset)} ${message}`);
    const isCore = core.some((folder) => path.startsWith(`${folder}/`));
    checkTree(source, isCore, report);
    for (const comment of source.comments) {
      if (SWITCHES_A_CHECK_OFF.test(comment.value)) report(comment.start, "switches a check off");
    }
  }
  return [...problems, ...checkTexts(root)];
}

function checkTree(source, isCore, report) {
  walk(source.program, (node) => {
    if (node.type === "ThrowStatement" && isGenericError(node.argument)) {
      report(node.start, "throws a generic Error: say whose fault it is (base/errors.ts)");
    }
    if (!isCore) return;
    if (node.async === true || node.type === "AwaitExpression") {
      report(node.start, "the core is synchronous: no async, no await");
    }
  });
}

function isGenericError(node) {
  return (
    (node.type === "NewExpression" || node.type === "CallExpression") &&
    node.callee.type === "Identifier" &&
    node.callee.name === "Error"
  );
}

function coreFolders(root) {
  return Object.entries(readJson(join(root, "layers.json")))
    .filter(([sourcePath]) => sourcePath.endsWith("/src"))
    .flatMap(([sourcePath, folders]) =>
      Object.entries(folders)
        .filter(([, rule]) => rule.core)
        .map(([folder]) => `${sourcePath}/${folder}`),
    );
}

function checkTexts(root) {
  const problems = [];
  for (const path of listFiles(root)) {
    if (!TEXT_FILE.test(path) && path !== ".ci/run") continue;
    const lines = readFileSync(join(root, path), "utf8").split("\n");
    const isLockFile = path.endsWith("package-lock.json");
    if (isLockFile) problems.push(...checkLock(root, path));
    lines.forEach((line, index) => {
      const problem = isLockFile ? judgeLockLine(line) : judgeTextLine(line);
      if (problem !== undefined) problems.push(`${path}:${index + 1} ${problem}`);
    });
  }
  return problems;
}

/** A lock file that `npm ci` would refuse. */
function checkLock(root, path) {
  return listMissing(readJson(join(root, path))).map(
    ({ path: name }) => `${path}:1 lacks ${name}: run node scripts/complete-lock.mjs`,
  );
}

function judgeLockLine(line) {
  const url = /"resolved": "(https?:[^"]*)"/.exec(line)?.[1];
  if (url === undefined) return undefined;
  return `is resolved from ${new URL(url).host}: install with omit-lockfile-registry-resolved`;
}

function judgeTextLine(line) {
  const path = MACHINE_PATH.exec(line)?.[0];
  return path === undefined ? undefined : `names a path of one machine: ${path.trim()}`;
}

/** `{ count, median, p90, max }` of line counts. */
export function summarize(lineCounts) {
  const sorted = lineCounts.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, median: at(0.5), p90: at(0.9), max: sorted.at(-1) ?? 0 };
}

function describe({ count, median, p90, max }) {
  return `${count}: median ${median}, p90 ${p90}, max ${max}`;
}

function measure(root) {
  const fileLines = [];
  const functionLines = [];
  for (const path of listSources(root)) {
    const source = readSource(root, path);
    fileLines.push(source.text.split("\n").length - 1);
    walk(source.program, (node) => {
      if (node.body?.type !== "BlockStatement" || !/Function|Arrow/.test(node.type)) return;
      functionLines.push(source.lineAt(node.end) - source.lineAt(node.start) + 1);
    });
  }
  const lineCount = (paths) =>
    paths.reduce(
      (sum, path) => sum + readFileSync(join(root, path), "utf8").split("\n").length - 1,
      0,
    );
  const tests = listFiles(root, "packages").filter(
    (path) => isTestFile(path) && /\.tsx?$/.test(path),
  );
  return {
    files: summarize(fileLines),
    functions: summarize(functionLines),
    testLinesPerSourceLine: lineCount(tests) / Math.max(1, lineCount(listSources(root))),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const root = process.argv[2] ?? ROOT;
  const problems = checkBudgets(root);
  for (const problem of problems) console.log(problem);
  const { files, functions, testLinesPerSourceLine } = measure(root);
  console.log(`files ${describe(files)} (asked: 120, 350, 600)`);
  console.log(`functions ${describe(functions)} (asked: 8, 35, 100)`);
  console.log(`test lines per source line: ${testLinesPerSourceLine.toFixed(2)} (asked: 1.0)`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
