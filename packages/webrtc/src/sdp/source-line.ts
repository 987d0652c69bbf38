/** A line of the text that something was parsed from. */
export type SourceLine = {
  /** Counted from 1. */
  readonly lineNumber: number;
  /** The whole line, `a=mid:0`, without its line break. */
  readonly text: string;
};

/**
 * Weak and beside the objects, so that `{ ...attribute, port: 9 }` is a new object without a source:
 * a changed copy can never be written out as the text of the original.
 */
const SOURCE_LINES = new WeakMap<object, SourceLine>();

/**
 * Ties `node` to the line it was read from and freezes it: what is written out as its source text
 * must not change behind that text.
 */
export function rememberSource<T extends object>(node: T, line: SourceLine): T {
  freezeDeep(node);
  SOURCE_LINES.set(node, line);
  return node;
}

/**
 * The line that an attribute, a media description (its `m=` line), an origin, a connection, a
 * bandwidth or a timing was parsed from; `undefined` if a program built it or copied it.
 */
export function sourceLineOf(node: object): SourceLine | undefined {
  return SOURCE_LINES.get(node);
}

/** Freezes `value` and all that it holds; what is frozen already is not walked again. */
export function freezeDeep<T extends object>(value: T): T {
  if (Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) {
    if (typeof member === "object" && member !== null) freezeDeep(member);
  }
  return Object.freeze(value);
}
