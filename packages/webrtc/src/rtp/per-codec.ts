import type { Codec } from "./codec.ts";

/**
 * `compute`, remembered for codecs that cannot change. A description of a hundred sections asks the same
 * of the same few codecs thousands of times, and each answer means to parse a text.
 */
export function perCodec<T>(compute: (codec: Codec) => T): (codec: Codec) => T {
  const known = new WeakMap<Codec, { readonly value: T }>();
  return (codec) => {
    const remembered = known.get(codec);
    if (remembered !== undefined) return remembered.value;
    const value = compute(codec);
    if (Object.isFrozen(codec)) known.set(codec, { value });
    return value;
  };
}
