import { readUint16, readUint32, writeUint16, writeUint32 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { toTsn } from "../../base/serial-number.ts";
import { CHUNK_TYPE, createChunk } from "./chunk.ts";
import type { ForwardTsnChunk, SkippedMessage } from "./forward-tsn-chunk.ts";

const FIXED_BYTES = 8;
const ENTRY_BYTES = 8;

/**
 * I-FORWARD-TSN: FORWARD TSN where I-DATA is in use (RFC 8260 §2.3.1).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |  type = 194   |   flags = 0   |            length             |
 * +---------------+---------------+-------------------------------+
 * |                      new cumulative TSN                       |
 * +-------------------------------+-----------------------------+-+
 * |          stream id #1         |          reserved           |U|
 * +-------------------------------+-----------------------------+-+
 * |                     message identifier #1                     |
 * +---------------------------------------------------------------+
 * |  ... further streams ...                                      |
 *
 * Throws {@link WireFormatError}.
 */
export function decodeIForwardTsnChunk(chunk: Uint8Array): ForwardTsnChunk {
  if (chunk.byteLength < FIXED_BYTES || (chunk.byteLength - FIXED_BYTES) % ENTRY_BYTES !== 0) {
    throw new WireFormatError("RFC 8260 §2.3.1", `I-FORWARD-TSN of ${chunk.byteLength} bytes`);
  }
  const skipped: SkippedMessage[] = [];
  for (let offset = FIXED_BYTES; offset < chunk.byteLength; offset += ENTRY_BYTES) {
    skipped.push({
      streamId: readUint16(chunk, offset),
      isUnordered: (chunk[offset + 3]! & 1) !== 0,
      sequence: readUint32(chunk, offset + 4),
    });
  }
  return { newCumulativeTsn: toTsn(readUint32(chunk, 4)), skipped };
}

/** The chunk, complete. */
export function encodeIForwardTsnChunk(chunk: ForwardTsnChunk): Uint8Array {
  const bytes = createChunk(CHUNK_TYPE.iForwardTsn, 0, 4 + ENTRY_BYTES * chunk.skipped.length);
  writeUint32(bytes, 4, chunk.newCumulativeTsn);
  let offset = FIXED_BYTES;
  for (const { streamId, isUnordered, sequence } of chunk.skipped) {
    writeUint16(bytes, offset, streamId);
    writeUint16(bytes, offset + 2, isUnordered ? 1 : 0);
    writeUint32(bytes, offset + 4, sequence);
    offset += ENTRY_BYTES;
  }
  return bytes;
}
