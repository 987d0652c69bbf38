// Which sub-tests count: the list of excluded files, argued one by one.
import { createMatcher } from "./name-pattern.mjs";

/**
 * @typedef {"counts" | "needsMedia" | "excluded"} Scope
 *
 * `excluded`: never makes sense without a page. `needsMedia`: counts when RTP media flows; until then it is
 * run only on demand, and reported apart.
 *
 * @typedef {{ subtests: Record<string, string>, within?: string[] }} PartOfFile the reason by name of the
 *   sub-test, in which `*` stands for anything; `within` names sub-tests that define them while they run
 * @typedef {Record<string, string | PartOfFile>} ScopeList the reason by file, or parts of a file. A file is
 *   named without its variant; then all variants are meant.
 *
 * @typedef {object} Unit one run of one file
 * @property {import("./test-file.mjs").TestFile} test
 * @property {"counts" | "needsMedia"} scope of what is run
 * @property {string[]} [only] the sub-tests to run; all others are left out
 * @property {string[]} [within] sub-tests that are run for the sake of those that they define
 * @property {string[]} [leaveOut] the sub-tests to leave out: one that waits for what never comes would take
 *   the time of those behind it
 */

/**
 * @param {{ excluded: ScopeList, needsMedia: ScopeList }} lists
 */
export function createScopes(lists) {
  const lookUp = (list, id) => list[id] ?? list[id.replace(/\?.*$/, "")];
  const subtestsOf = (list, id) => Object.keys(lookUp(list, id)?.subtests ?? {});
  const has = (list, id, name) => {
    const entry = lookUp(list, id);
    if (entry === undefined) return false;
    if (typeof entry === "string") return true;
    return name !== undefined && createMatcher(Object.keys(entry.subtests))(name);
  };

  /** @returns {Scope} of a sub-test, or of a file as a whole when `name` is left out */
  const scopeOf = (id, name) => {
    if (has(lists.excluded, id, name)) return "excluded";
    return has(lists.needsMedia, id, name) ? "needsMedia" : "counts";
  };

  /** @returns {Unit[]} what there is to run of one file */
  const unitsOf = (test) => {
    const scope = scopeOf(test.id);
    const pageTests = subtestsOf(lists.excluded, test.id);
    const mediaTests = subtestsOf(lists.needsMedia, test.id);
    if (scope === "excluded") return [];
    if (scope === "needsMedia") return [{ test, scope, leaveOut: pageTests }];
    const counting = { test, scope, leaveOut: [...pageTests, ...mediaTests] };
    if (mediaTests.length === 0) return [counting];
    const within = lookUp(lists.needsMedia, test.id).within ?? [];
    return [counting, { test, scope: "needsMedia", only: mediaTests, within }];
  };

  /** Files and sub-tests (`file: name`) on the lists that are not in `namesById`, in words. */
  const listStale = (namesById) => {
    const known = new Map();
    for (const [id, names] of Object.entries(namesById)) {
      const path = id.replace(/\?.*$/, "");
      known.set(path, new Set([...(known.get(path) ?? []), ...names]));
    }
    return [lists.excluded, lists.needsMedia].flatMap((list) =>
      Object.keys(list).flatMap((id) => {
        const names = known.get(id.replace(/\?.*$/, ""));
        if (names === undefined) return [id];
        return subtestsOf(list, id)
          .filter((name) => ![...names].some(createMatcher([name])))
          .map((name) => `${id}: ${name}`);
      }),
    );
  };

  return { scopeOf, unitsOf, listStale };
}
