import { readUint16, roundUpTo4, writeUint16 } from "../base/bytes.ts";
import { WireFormatError } from "../base/errors.ts";
import type { AttributeCodec } from "./attribute-codec.ts";

const SPEC = "RFC 8489 §14.12";
const HEADER_BYTES = 4;

/** How the key of a long-term credential is derived (RFC 8489 §18.5). */
export const PASSWORD_ALGORITHM_MD5 = 0x0001;

/** SHA-256 instead of MD5 (RFC 8489 §18.5). */
export const PASSWORD_ALGORITHM_SHA256 = 0x0002;

/** One way to derive a key. The two algorithms in use have no parameters. */
export type PasswordAlgorithm = {
  readonly algorithm: number;
  readonly parameters: Uint8Array;
};

/**
 * PASSWORD-ALGORITHM: the one that a client chose.
 *
 * RFC 8489 §14.12. Algorithm number, length of the parameters, parameters padded to 32 bits.
 */
export const PASSWORD_ALGORITHM_CODEC: AttributeCodec<PasswordAlgorithm> = {
  type: 0x001d,
  decode(value) {
    const [first, ...others] = decodeList(value);
    if (first === undefined || others.length > 0) {
      throw new WireFormatError(SPEC, `${others.length + (first ? 1 : 0)} algorithms, not one`);
    }
    return first;
  },
  encode: (algorithm) => encodeList([algorithm]),
};

/** PASSWORD-ALGORITHMS: what a server offers, best first (RFC 8489 §14.11). */
export const PASSWORD_ALGORITHMS_CODEC: AttributeCodec<readonly PasswordAlgorithm[]> = {
  type: 0x8002,
  decode: decodeList,
  encode: encodeList,
};

function decodeList(value: Uint8Array): PasswordAlgorithm[] {
  const algorithms: PasswordAlgorithm[] = [];
  let offset = 0;
  while (offset < value.byteLength) {
    const parametersBytes =
      offset + HEADER_BYTES <= value.byteLength ? readUint16(value, offset + 2) : Infinity;
    const end = offset + HEADER_BYTES + parametersBytes;
    if (end > value.byteLength) {
      throw new WireFormatError(SPEC, `algorithm at ${offset} is longer than the attribute`);
    }
    algorithms.push({
      algorithm: readUint16(value, offset),
      parameters: value.subarray(offset + HEADER_BYTES, end),
    });
    offset += HEADER_BYTES + roundUpTo4(parametersBytes);
  }
  return algorithms;
}

function encodeList(algorithms: readonly PasswordAlgorithm[]): Uint8Array {
  const byteCounts = algorithms.map(({ parameters }) => roundUpTo4(parameters.byteLength));
  const bytes = new Uint8Array(byteCounts.reduce((sum, count) => sum + HEADER_BYTES + count, 0));
  let offset = 0;
  for (const [index, { algorithm, parameters }] of algorithms.entries()) {
    writeUint16(bytes, offset, algorithm);
    writeUint16(bytes, offset + 2, parameters.byteLength);
    bytes.set(parameters, offset + HEADER_BYTES);
    offset += HEADER_BYTES + byteCounts[index]!;
  }
  return bytes;
}
