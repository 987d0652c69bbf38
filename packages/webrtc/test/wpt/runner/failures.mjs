// A list to work from: what does not pass, with message and stack.

const STACK_LINES = 6;
/** Frames of the harness and of the runner. */
const NOT_OURS = /\/resources\/\w+\.js|\/test\/wpt\/|testharness\.js|node:internal|node:vm/;

/**
 * @typedef {object} Failure
 * @property {string} id
 * @property {string} [name] left out if the file as a whole has failed
 * @property {string} status
 * @property {string} [message]
 * @property {string} [stack]
 * @property {boolean} [passesInChromium] left out if the baseline does not know the file
 * @property {import("./scope.mjs").Scope} scope
 */

/**
 * What does not pass: what Chromium passes, or with `isAll` everything. A sub-test that Chromium passes
 * and that did not even come into being is listed as `MISSING`.
 *
 * @returns {Failure[]}
 */
export function listFailures(results, baselineFiles, scopeOf, isAll) {
  return results.flatMap((result) => {
    const { id, scope, subtests } = result;
    const isKnown = baselineFiles[id] !== undefined;
    const inChromium = new Set(baselineFiles[id]?.pass);
    const seen = new Set(subtests.map(({ name }) => name));
    const missing = [...inChromium].filter(
      (name) => !seen.has(name) && scopeOf(id, name) === scope,
    );
    const all = [
      ...subtests.filter(({ status }) => status !== "PASS"),
      ...missing.map((name) => ({ name, status: "MISSING" })),
    ].map((subtest) => ({
      id,
      ...subtest,
      ...(isKnown ? { passesInChromium: inChromium.has(subtest.name) } : {}),
      scope: scopeOf(id, subtest.name),
    }));
    const wanted = all.filter((failure) => isAll || failure.passesInChromium !== false);
    return [...describeHarness(result, baselineFiles[id], scopeOf), ...wanted];
  });
}

function describeHarness({ id, status, message, stack, missingScripts }, baseline, scopeOf) {
  if (status === "OK") return [];
  const passesInChromium = (baseline?.harness ?? "OK") === "OK";
  const notThere = missingScripts.map((src) => `not in the checkout: ${src}`);
  const text = [message, ...notThere].filter((line) => line !== undefined).join("\n");
  return [{ id, status, message: text, stack, passesInChromium, scope: scopeOf(id) }];
}

/** Prints them under their files. */
export function printFailures(failures, print = console.log) {
  let file;
  for (const { id, name, status, message, stack, passesInChromium, scope } of failures) {
    if (id !== file) print(`\n${id}`);
    file = id;
    const marks = [
      ...(passesInChromium === false ? ["Chromium fails too"] : []),
      ...(scope === "counts" ? [] : [scope]),
    ];
    print(
      `  ${status} ${name ?? "(the file)"}${marks.length === 0 ? "" : `  [${marks.join(", ")}]`}`,
    );
    if (message !== undefined) print(indent(message));
    const frames = framesOf(stack);
    if (frames.length > 0) print(indent(frames.join("\n")));
  }
  if (failures.length > 0) print("");
}

/** The frames that help: not the harness's own. */
function framesOf(stack = "") {
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at ") && !NOT_OURS.test(line))
    .map((line) => line.replace(/file:\/\/\S*\/packages\//, "packages/"))
    .slice(0, STACK_LINES);
}

function indent(text) {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `      ${line}`)
    .join("\n");
}
