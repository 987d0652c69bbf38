import { readUint16, writeUint16 } from "../base/bytes.ts";
import { WireFormatError } from "../base/errors.ts";
import type { AttributeCodec } from "./attribute-codec.ts";

/**
 * UNKNOWN-ATTRIBUTES: the types that a 420 response complains about, 16 bits each.
 *
 * RFC 8489 §14.13.
 */
export const UNKNOWN_ATTRIBUTES_CODEC: AttributeCodec<readonly number[]> = {
  type: 0x000a,
  decode(value) {
    if (value.byteLength % 2 !== 0) {
      throw new WireFormatError("RFC 8489 §14.13", `list of ${value.byteLength} bytes`);
    }
    const types: number[] = [];
    for (let offset = 0; offset < value.byteLength; offset += 2) {
      types.push(readUint16(value, offset));
    }
    return types;
  },
  encode(types) {
    const bytes = new Uint8Array(types.length * 2);
    for (const [index, type] of types.entries()) writeUint16(bytes, index * 2, type);
    return bytes;
  },
};
