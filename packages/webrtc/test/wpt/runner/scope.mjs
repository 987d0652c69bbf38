// Which sub-tests count: the list of excluded files, argued one by one.

/**
 * @typedef {"counts" | "needsMedia" | "excluded"} Scope
 *
 * `excluded`: never makes sense without a page. `needsMedia`: counts when RTP media flows; it is run and
 * reported apart until then.
 *
 * @typedef {Record<string, string | { subtests: Record<string, string> }>} ScopeList the reason by file, or
 *   by sub-test of a file. A file is named without its variant; then all variants are meant.
 */

/**
 * @param {{ excluded: ScopeList, needsMedia: ScopeList }} lists
 */
export function createScopes(lists) {
  const lookUp = (list, id) => list[id] ?? list[id.replace(/\?.*$/, "")];
  const has = (list, id, name) => {
    const entry = lookUp(list, id);
    if (entry === undefined) return false;
    return typeof entry === "string" || (name !== undefined && Object.hasOwn(entry.subtests, name));
  };
  /** @returns {Scope} of a sub-test, or of a file as a whole when `name` is left out */
  const scopeOf = (id, name) => {
    if (has(lists.excluded, id, name)) return "excluded";
    return has(lists.needsMedia, id, name) ? "needsMedia" : "counts";
  };
  return {
    scopeOf,
    /** Entries that name a file or sub-test that is not there: `ids` are all, `namesOf(id)` its sub-tests. */
    listStale: (ids) => {
      const known = new Set(ids.flatMap((id) => [id, id.replace(/\?.*$/, "")]));
      return Object.keys({ ...lists.excluded, ...lists.needsMedia }).filter((id) => !known.has(id));
    },
  };
}
