import { readUint16, roundUpTo4, writeUint16 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";

const PARAMETER_HEADER_BYTES = 4;

/** Parameter types of INIT, INIT ACK and HEARTBEAT (RFC 9260 §3.3.2, §3.3.3 and the extensions). */
export const PARAMETER_TYPE = {
  heartbeatInfo: 1,
  ipv4Address: 5,
  ipv6Address: 6,
  stateCookie: 7,
  unrecognizedParameter: 8,
  cookiePreservative: 9,
  hostNameAddress: 11,
  supportedAddressTypes: 12,
  /** RFC 9653 §4. */
  zeroChecksumAcceptable: 0x8001,
  /** RFC 5061 §4.2.7. */
  supportedExtensions: 0x8008,
  /** RFC 3758 §3.1. */
  forwardTsnSupported: 0xc000,
} as const;

/**
 * A type-length-value unit within a chunk (RFC 9260 §3.2.1); error causes have the same form
 * (§3.3.10).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |             type              |            length             |
 * +-------------------------------+-------------------------------+
 * |  value, `length` - 4 bytes, then 0 to 3 bytes of padding ...  |
 */
export type Parameter = {
  readonly type: number;
  /** A view into the chunk when decoded. */
  readonly value: Uint8Array;
};

/**
 * The parameters in `bytes` from `start` to `end`, as views. Padding that is missing at the end is
 * tolerated. Throws {@link WireFormatError} on a length below 4 or beyond `end`.
 */
export function decodeParameters(bytes: Uint8Array, start: number, end: number): Parameter[] {
  const parameters: Parameter[] = [];
  let offset = start;
  while (offset < end) {
    if (end - offset < PARAMETER_HEADER_BYTES) {
      throw new WireFormatError("RFC 9260 §3.2.1", "chunk ends within a parameter header");
    }
    const parameterBytes = readUint16(bytes, offset + 2);
    if (parameterBytes < PARAMETER_HEADER_BYTES || parameterBytes > end - offset) {
      throw new WireFormatError("RFC 9260 §3.2.1", `parameter says ${parameterBytes} bytes`);
    }
    parameters.push({
      type: readUint16(bytes, offset),
      value: bytes.subarray(offset + PARAMETER_HEADER_BYTES, offset + parameterBytes),
    });
    offset += roundUpTo4(parameterBytes);
  }
  return parameters;
}

/** What `parameters` take, the padding of each included. */
export function parametersBytes(parameters: readonly Parameter[]): number {
  let byteCount = 0;
  for (const { value } of parameters) {
    byteCount += roundUpTo4(PARAMETER_HEADER_BYTES + value.byteLength);
  }
  return byteCount;
}

/** All `parameters` one after another. The last one's padding is there but not counted in the result's length. */
export function encodeParameters(parameters: readonly Parameter[]): Uint8Array {
  let paddedBytes = 0;
  let usedBytes = 0;
  for (const { value } of parameters) {
    usedBytes = paddedBytes + PARAMETER_HEADER_BYTES + value.byteLength;
    paddedBytes = roundUpTo4(usedBytes);
  }
  const bytes = new Uint8Array(paddedBytes);
  let offset = 0;
  for (const { type, value } of parameters) {
    writeUint16(bytes, offset, type);
    writeUint16(bytes, offset + 2, PARAMETER_HEADER_BYTES + value.byteLength);
    bytes.set(value, offset + PARAMETER_HEADER_BYTES);
    offset += roundUpTo4(PARAMETER_HEADER_BYTES + value.byteLength);
  }
  return bytes.subarray(0, usedBytes);
}
