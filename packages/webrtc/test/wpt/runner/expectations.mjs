// What is pinned: the outcome of every sub-test, with a reason for each that does not pass.

/** The reason that `--update` writes when nobody gave one; it is counted and reported. */
export const NO_REASON = "no reason given yet";

/**
 * @typedef {object} FileExpectation
 * @property {string} [harness] left out when it is `OK`
 * @property {string} [reason] why the harness does not end with `OK`
 * @property {string[]} pass names of the sub-tests that pass
 * @property {Record<string, { status: string, reason: string }>} [notPass]
 *
 * @typedef {object} Difference
 * @property {"harness" | "unexpectedPass" | "unexpectedFailure" | "missingSubtest" | "newSubtest" |
 *   "missingFile" | "newFile"} kind
 * @property {string} id
 * @property {string} [name] of the sub-test
 * @property {string} expected
 * @property {string} actual
 * @property {string} [message]
 */

/**
 * Where a result departs from what is pinned. Which kind of not passing a sub-test shows (`FAIL`,
 * `TIMEOUT`, `NOTRUN`) is pinned for the reader and not compared: it depends on the speed of the machine.
 *
 * @param {FileExpectation | undefined} expected
 * @param {import("./run-file.mjs").FileResult} result
 * @returns {{ asExpected: number, differences: Difference[] }}
 */
export function compareFile(expected, result) {
  const { id } = result;
  if (expected === undefined) {
    const actual = `${result.status}, ${result.subtests.length} sub-tests`;
    return { asExpected: 0, differences: [{ kind: "newFile", id, expected: "nothing", actual }] };
  }
  const differences = compareHarness(expected, result);
  const expectedStatuses = statusesOf(expected);
  const unseen = new Map(expectedStatuses);
  let asExpected = 0;
  for (const { name, status, message } of result.subtests) {
    const expectedStatus = expectedStatuses.get(name);
    unseen.delete(name);
    const kind = judge(expectedStatus, status);
    if (kind === undefined) asExpected++;
    else {
      const pinned = expectedStatus ?? "nothing";
      differences.push({ kind, id, name, expected: pinned, actual: status, message });
    }
  }
  for (const [name, status] of unseen) {
    differences.push({ kind: "missingSubtest", id, name, expected: status, actual: "nothing" });
  }
  return { asExpected, differences };
}

function compareHarness(expected, { id, status, message }) {
  const pinned = expected.harness ?? "OK";
  if (pinned === status) return [];
  return [{ kind: "harness", id, expected: pinned, actual: status, message }];
}

function statusesOf({ pass, notPass = {} }) {
  return new Map([
    ...pass.map((name) => [name, "PASS"]),
    ...Object.entries(notPass).map(([name, row]) => [name, row.status]),
  ]);
}

function judge(expected, actual) {
  if (expected === undefined) return "newSubtest";
  if ((expected === "PASS") === (actual === "PASS")) return undefined;
  return actual === "PASS" ? "unexpectedPass" : "unexpectedFailure";
}

/**
 * The files that are pinned but were not there to be run.
 *
 * @returns {Difference[]}
 */
export function listMissingFiles(expectedFiles, runIds) {
  const run = new Set(runIds);
  return Object.keys(expectedFiles)
    .filter((id) => !run.has(id))
    .map((id) => ({ kind: "missingFile", id, expected: "a test file", actual: "nothing" }));
}

/**
 * What to pin after `result`: outcomes from the result, reasons from `previous` where it has them.
 *
 * @param {FileExpectation | undefined} previous
 * @param {import("./run-file.mjs").FileResult} result
 * @returns {FileExpectation}
 */
export function updateFile(previous, result, newReason = NO_REASON) {
  const isPass = ({ status }) => status === "PASS";
  const notPass = result.subtests
    .filter((subtest) => !isPass(subtest))
    .map(({ name, status }) => [
      name,
      { status, reason: previous?.notPass?.[name]?.reason ?? newReason },
    ]);
  return {
    ...(result.status === "OK"
      ? {}
      : { harness: result.status, reason: previous?.reason ?? newReason }),
    pass: result.subtests.filter(isPass).map(({ name }) => name),
    ...(notPass.length === 0 ? {} : { notPass: Object.fromEntries(notPass) }),
  };
}

/** How many rows still have {@link NO_REASON}. */
export function countWithoutReason(files) {
  let count = 0;
  for (const { reason, notPass = {} } of Object.values(files)) {
    if (reason === NO_REASON) count++;
    for (const row of Object.values(notPass)) if (row.reason === NO_REASON) count++;
  }
  return count;
}

/** One difference in words, `-` what was pinned and `+` what happened. */
export function formatDifference({ id, name, expected, actual, message }) {
  const what = name === undefined ? id : `${id}\n  ${name}`;
  const detail = message === undefined ? "" : `\n      ${message.replaceAll("\n", "\n      ")}`;
  return `${what}\n    - ${expected}\n    + ${actual}${detail}`;
}
