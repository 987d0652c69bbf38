/** How the value of one attribute goes onto the wire and off it. */
export type AttributeCodec<Value> = {
  /** The type on the wire; from 0x8000 on, a receiver may ignore what it does not know. */
  readonly type: number;
  /**
   * `value` is a view without the padding. Throws `WireFormatError`. The transaction id takes part in
   * the XOR of IPv6 addresses.
   */
  decode(value: Uint8Array, transactionId: Uint8Array): Value;
  /** Throws `UsageError` if the value cannot be expressed. */
  encode(value: Value, transactionId: Uint8Array): Uint8Array;
};

/** First type that a receiver may ignore when it does not know it (RFC 8489 §14). */
export const FIRST_COMPREHENSION_OPTIONAL_TYPE = 0x8000;
