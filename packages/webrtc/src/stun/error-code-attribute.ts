import { decodeUtf8, encodeUtf8 } from "../base/bytes.ts";
import { UsageError, WireFormatError } from "../base/errors.ts";
import type { AttributeCodec } from "./attribute-codec.ts";

const SPEC = "RFC 8489 §14.8";
const HEADER_BYTES = 4;
const MAX_REASON_BYTES = 763;

/** Why a request was refused. */
export type StunErrorCode = {
  /** 300 to 699. */
  readonly code: number;
  /** For people; may be empty. */
  readonly reason: string;
};

/**
 * ERROR-CODE, present in every error response.
 *
 * RFC 8489 §14.8. The code is written as its hundreds and the rest.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Reserved, should be 0         |Class|     Number    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      Reason Phrase (variable)                                ..
 */
export const ERROR_CODE_CODEC: AttributeCodec<StunErrorCode> = {
  type: 0x0009,
  decode(value) {
    if (value.byteLength < HEADER_BYTES || value.byteLength > HEADER_BYTES + MAX_REASON_BYTES) {
      throw new WireFormatError(SPEC, `ERROR-CODE of ${value.byteLength} bytes`);
    }
    const hundreds = value[2]! & 0x07;
    const number = value[3]!;
    if (hundreds < 3 || hundreds > 6 || number > 99) {
      throw new WireFormatError(SPEC, `error class ${hundreds}, number ${number}`);
    }
    return { code: hundreds * 100 + number, reason: decodeUtf8(value.subarray(HEADER_BYTES)) };
  },
  encode({ code, reason }) {
    const phrase = encodeUtf8(reason);
    if (code < 300 || code > 699 || phrase.byteLength > MAX_REASON_BYTES) {
      throw new UsageError("ERR_RANGE", `not a STUN error: ${code} ${reason}`);
    }
    const bytes = new Uint8Array(HEADER_BYTES + phrase.byteLength);
    bytes[2] = Math.floor(code / 100);
    bytes[3] = code % 100;
    bytes.set(phrase, HEADER_BYTES);
    return bytes;
  },
};
