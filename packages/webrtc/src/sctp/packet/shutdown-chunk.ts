import { readUint32, writeUint32 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import type { Tsn } from "../../base/serial-number.ts";
import { toTsn } from "../../base/serial-number.ts";
import { CHUNK_HEADER_BYTES, CHUNK_TYPE, createChunk } from "./chunk.ts";
import { FLAG_TAG_REFLECTED } from "./error-chunk.ts";

/**
 * SHUTDOWN: nothing more will be sent; this is what has arrived (RFC 9260 §3.3.8).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |   type = 7    |   flags = 0   |          length = 8           |
 * +---------------+---------------+-------------------------------+
 * |                      cumulative TSN ack                       |
 * +---------------------------------------------------------------+
 *
 * Returns the acknowledged TSN. Throws {@link WireFormatError}.
 */
export function decodeShutdownChunk(chunk: Uint8Array): Tsn {
  if (chunk.byteLength < CHUNK_HEADER_BYTES + 4) {
    throw new WireFormatError("RFC 9260 §3.3.8", `SHUTDOWN of ${chunk.byteLength} bytes`);
  }
  return toTsn(readUint32(chunk, CHUNK_HEADER_BYTES));
}

/** The chunk, complete. */
export function encodeShutdownChunk(cumulativeTsn: Tsn): Uint8Array {
  const chunk = createChunk(CHUNK_TYPE.shutdown, 0, 4);
  writeUint32(chunk, CHUNK_HEADER_BYTES, cumulativeTsn);
  return chunk;
}

/** SHUTDOWN ACK (RFC 9260 §3.3.9): a header and nothing else. */
export function encodeShutdownAckChunk(): Uint8Array {
  return createChunk(CHUNK_TYPE.shutdownAck, 0, 0);
}

/** SHUTDOWN COMPLETE (RFC 9260 §3.3.13): a header whose T bit says whose tag the packet carries. */
export function encodeShutdownCompleteChunk(isTagReflected: boolean): Uint8Array {
  return createChunk(CHUNK_TYPE.shutdownComplete, isTagReflected ? FLAG_TAG_REFLECTED : 0, 0);
}
