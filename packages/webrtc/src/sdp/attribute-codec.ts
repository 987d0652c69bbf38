/**
 * How one attribute is read and written: a row of the attribute table.
 *
 * `A` is the typed attribute; its `kind` is the attribute's name on the wire, except for the four
 * directions, which share one kind.
 */
export interface AttributeCodec<A> {
  /** What stands after `a=`, for the error message. */
  readonly grammar: string;
  /** Where the attribute means something; at the other level it is kept as `other` (RFC 8866 §5.13). */
  readonly level: "session" | "media" | "any";
  /**
   * Whether it may stand in one section more than once: `any` number of times, again only with the
   * `same` value (nothing is contradicted, and real documents do it), or `never`.
   */
  readonly repeat: "any" | "same" | "never";
  /**
   * What to do with a value that the grammar does not allow: `refuse` the document, or `keep` the
   * line as `other`, where the attribute's specification asks to ignore such a line.
   */
  readonly malformed: "refuse" | "keep";
  /** Narrows `repeat`: two attributes only clash if their keys are equal (two `rtpmap` of one type). */
  keyOf?(attribute: A): string | number;
  /** Reads what follows the colon (`undefined`: there is no colon); `undefined` if it is malformed. */
  parse(value: string | undefined, name: string): A | undefined;
  /** What follows the colon; `undefined` for an attribute that is only a name. */
  serialize(attribute: A): string | undefined;
}

/** A row for every member of the union `A`. */
export type CodecTable<A extends { readonly kind: string }> = {
  readonly [K in A["kind"]]: AttributeCodec<Extract<A, { readonly kind: K }>>;
};

/** The row of an attribute that is only a name, `a=rtcp-mux`. */
export function flagCodec<K extends string>(
  kind: K,
  level: AttributeCodec<unknown>["level"],
): AttributeCodec<{ readonly kind: K }> {
  return {
    grammar: kind,
    level,
    repeat: "same",
    malformed: "refuse",
    // Hand-edited documents leave spaces at the end of a line; browsers do not mind.
    parse: (value) => (value === undefined ? { kind } : undefined),
    serialize: () => undefined,
  };
}
