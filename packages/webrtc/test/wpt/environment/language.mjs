// What the JavaScript of current browsers has and that of Node 20 lacks, as far as tests use it. It says
// nothing about WebRTC whether `report.values().find(…)` exists.

/** https://tc39.es/ecma262/#sec-iterator.prototype, the methods that consume or pass on. */
const ITERATOR_METHODS = {
  *map(transform) {
    for (const value of this) yield transform(value);
  },
  *filter(isWanted) {
    for (const value of this) if (isWanted(value)) yield value;
  },
  find(isWanted) {
    for (const value of this) if (isWanted(value)) return value;
    return undefined;
  },
  some(isWanted) {
    for (const value of this) if (isWanted(value)) return true;
    return false;
  },
  every(isWanted) {
    for (const value of this) if (!isWanted(value)) return false;
    return true;
  },
  forEach(visit) {
    for (const value of this) visit(value);
  },
  toArray() {
    return [...this];
  },
};

/** Adds what is missing to the realm's own prototypes. */
export function completeLanguage() {
  const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([].values()));
  for (const [name, value] of Object.entries(ITERATOR_METHODS)) {
    if (name in iteratorPrototype) continue;
    Object.defineProperty(iteratorPrototype, name, { value, writable: true, configurable: true });
  }
}
