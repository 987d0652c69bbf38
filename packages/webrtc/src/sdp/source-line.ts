/** A line of the text that something was parsed from. */
export type SourceLine = {
  /** Counted from 1. */
  readonly lineNumber: number;
  /** The whole line, `a=mid:0`, without its line break. */
  readonly text: string;
};

/** A constructor that returns what it is given: a subclass then adds its private field to that object. */
const Given = function (node: object): object {
  return node;
} as unknown as new (node: object) => object;

/**
 * The line as a private field of the parsed object itself. Private, because `{ ...attribute, port: 9 }`
 * must be a new object without a source: a changed copy can never be written out as the text of the
 * original. A field and not a `WeakMap`, because that took most of the time of parsing, and of the
 * garbage collector after it.
 */
class Sourced extends Given {
  readonly #line: SourceLine;

  constructor(node: object, line: SourceLine) {
    super(node);
    this.#line = line;
  }

  static lineOf(node: object): SourceLine | undefined {
    return #line in node ? node.#line : undefined;
  }
}

/**
 * Ties `node` to the line it was read from and freezes it: what is written out as its source text
 * must not change behind that text.
 */
export function rememberSource<T extends object>(node: T, line: SourceLine): T {
  void new Sourced(node, line);
  return freezeDeep(node);
}

/**
 * The line that an attribute, a media description (its `m=` line), an origin, a connection, a
 * bandwidth, a timing or a candidate was parsed from; `undefined` if a program built or copied it.
 */
export function sourceLineOf(node: object): SourceLine | undefined {
  return Sourced.lineOf(node);
}

/** Freezes `value` and all that it holds; what is frozen already is not walked again. */
export function freezeDeep<T extends object>(value: T): T {
  // A list of plain values, as most lists are, has nothing to walk.
  if (!Array.isArray(value) || typeof value[0] === "object") {
    for (const member of Object.values(value)) {
      if (typeof member === "object" && member !== null && !Object.isFrozen(member)) {
        freezeDeep(member);
      }
    }
  }
  return Object.freeze(value);
}
