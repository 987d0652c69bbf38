import { CHUNK_HEADER_BYTES, CHUNK_TYPE, createChunk } from "./chunk.ts";
import type { ErrorCause } from "./error-cause.ts";
import { decodeParameters, encodeParameters } from "./parameter.ts";

/** The T bit of ABORT and SHUTDOWN COMPLETE: the tag is the receiver's own, reflected (§8.5.1). */
export const FLAG_TAG_REFLECTED = 1;

/**
 * ABORT and ERROR: a list of causes (RFC 9260 §3.3.7, §3.3.10). ABORT ends the association.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+-------------+-+-------------------------------+
 * |  type = 6, 9  |  reserved   |T|            length             |
 * +---------------+-------------+-+-------------------------------+
 * |  error causes: code, length, information ...                  |
 *
 * Throws {@link WireFormatError} if the causes do not parse.
 */
export function decodeErrorCauses(chunk: Uint8Array): ErrorCause[] {
  return decodeParameters(chunk, CHUNK_HEADER_BYTES, chunk.byteLength);
}

/** An ERROR chunk, complete and padded. */
export function encodeErrorChunk(causes: readonly ErrorCause[]): Uint8Array {
  return encodeCauses(CHUNK_TYPE.error, 0, causes);
}

/** An ABORT chunk, complete and padded. */
export function encodeAbortChunk(
  causes: readonly ErrorCause[],
  isTagReflected: boolean,
): Uint8Array {
  return encodeCauses(CHUNK_TYPE.abort, isTagReflected ? FLAG_TAG_REFLECTED : 0, causes);
}

function encodeCauses(type: number, flags: number, causes: readonly ErrorCause[]): Uint8Array {
  const value = encodeParameters(causes);
  const chunk = createChunk(type, flags, value.byteLength);
  chunk.set(value, CHUNK_HEADER_BYTES);
  return chunk;
}
