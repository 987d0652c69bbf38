import { WireFormatError } from "../../base/errors.ts";
import { CHUNK_HEADER_BYTES, CHUNK_TYPE, createChunk } from "./chunk.ts";

/**
 * COOKIE ECHO: the cookie of the INIT ACK, unchanged (RFC 9260 §3.3.11).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |   type = 10   |   flags = 0   |            length             |
 * +---------------+---------------+-------------------------------+
 * |  cookie ...                                                   |
 *
 * Returns a view of the cookie. Throws {@link WireFormatError} if it is empty.
 */
export function decodeCookieEchoChunk(chunk: Uint8Array): Uint8Array {
  if (chunk.byteLength <= CHUNK_HEADER_BYTES) {
    throw new WireFormatError("RFC 9260 §3.3.11", "COOKIE ECHO without a cookie");
  }
  return chunk.subarray(CHUNK_HEADER_BYTES);
}

/** The chunk, complete and padded. */
export function encodeCookieEchoChunk(cookie: Uint8Array): Uint8Array {
  const chunk = createChunk(CHUNK_TYPE.cookieEcho, 0, cookie.byteLength);
  chunk.set(cookie, CHUNK_HEADER_BYTES);
  return chunk;
}

/** COOKIE ACK (RFC 9260 §3.3.12): a header and nothing else. */
export function encodeCookieAckChunk(): Uint8Array {
  return createChunk(CHUNK_TYPE.cookieAck, 0, 0);
}
