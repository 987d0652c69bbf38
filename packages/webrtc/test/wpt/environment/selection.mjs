// Leaves sub-tests out: the functions of testharness.js that define one are wrapped.

/**
 * Lets only those sub-tests come into being that `isWanted` says. The others leave no trace: they are
 * never pending and never reported.
 */
export function selectSubtests(scope, isWanted, title) {
  const wrap = (kind, nameOf) => {
    const define = scope[kind];
    if (define === undefined) return;
    scope[kind] = (...args) => (isWanted(nameOf(args) ?? title) ? define(...args) : createNobody());
  };
  wrap("test", ([, name]) => name);
  wrap("promise_test", ([, name]) => name);
  wrap("async_test", ([first, second]) => (typeof first === "function" ? second : first));
}

/** Stands for a `Test` that nobody runs: every method does nothing, every function it makes neither. */
function createNobody() {
  const nothing = () => {};
  const makers = new Set(["step_func", "step_func_done", "unreached_func"]);
  return new Proxy({}, { get: (_, name) => (makers.has(name) ? () => nothing : nothing) });
}
