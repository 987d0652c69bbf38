// Names of sub-tests as the lists write them: literally, with `*` for any run of characters.

/** A predicate for the names that one of `patterns` means. */
export function createMatcher(patterns) {
  const literal = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const expressions = patterns.filter((pattern) => pattern.includes("*")).map(toExpression);
  return (name) => literal.has(name) || expressions.some((expression) => expression.test(name));
}

function toExpression(pattern) {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\/]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`);
}
