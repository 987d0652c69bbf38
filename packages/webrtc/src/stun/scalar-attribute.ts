import { decodeUtf8, encodeUtf8, readUint32, writeUint32 } from "../base/bytes.ts";
import { UsageError, WireFormatError } from "../base/errors.ts";
import type { AttributeCodec } from "./attribute-codec.ts";

const SPEC = "RFC 8489 §14";
const EMPTY = new Uint8Array(0);

/** A text of at most `maxBytes` bytes of UTF-8: USERNAME, REALM, NONCE, SOFTWARE. */
export function textCodec(type: number, maxBytes: number): AttributeCodec<string> {
  return {
    type,
    decode(value) {
      if (value.byteLength > maxBytes) {
        throw new WireFormatError(SPEC, `text of ${value.byteLength} bytes, ${maxBytes} allowed`);
      }
      return decodeUtf8(value);
    },
    encode(text) {
      const bytes = encodeUtf8(text);
      if (bytes.byteLength > maxBytes) {
        throw new UsageError("ERR_RANGE", `text of ${bytes.byteLength} bytes in a STUN attribute`);
      }
      return bytes;
    },
  };
}

/** 32 bits without a sign: PRIORITY. */
export function uint32Codec(type: number): AttributeCodec<number> {
  return {
    type,
    decode(value) {
      checkLength(value, 4);
      return readUint32(value, 0);
    },
    encode(number) {
      const bytes = new Uint8Array(4);
      writeUint32(bytes, 0, number);
      return bytes;
    },
  };
}

/** 64 bits without a sign: the tie-breaker in ICE-CONTROLLING and ICE-CONTROLLED. */
export function uint64Codec(type: number): AttributeCodec<bigint> {
  return {
    type,
    decode(value) {
      checkLength(value, 8);
      return (BigInt(readUint32(value, 0)) << 32n) | BigInt(readUint32(value, 4));
    },
    encode(number) {
      const bytes = new Uint8Array(8);
      writeUint32(bytes, 0, Number((number >> 32n) & 0xffff_ffffn));
      writeUint32(bytes, 4, Number(number & 0xffff_ffffn));
      return bytes;
    },
  };
}

/** No value at all, its presence says everything: USE-CANDIDATE. */
export function flagCodec(type: number): AttributeCodec<true> {
  return {
    type,
    decode(value) {
      checkLength(value, 0);
      return true;
    },
    encode: () => EMPTY,
  };
}

/** Exactly `byteCount` bytes of no inner structure: USERHASH. */
export function opaqueCodec(type: number, byteCount: number): AttributeCodec<Uint8Array> {
  return {
    type,
    decode(value) {
      checkLength(value, byteCount);
      return value;
    },
    encode(value) {
      if (value.byteLength !== byteCount) {
        throw new UsageError("ERR_RANGE", `${value.byteLength} bytes instead of ${byteCount}`);
      }
      return value;
    },
  };
}

function checkLength(value: Uint8Array, expectedBytes: number): void {
  if (value.byteLength !== expectedBytes) {
    throw new WireFormatError(
      SPEC,
      `attribute of ${value.byteLength} bytes instead of ${expectedBytes}`,
    );
  }
}
