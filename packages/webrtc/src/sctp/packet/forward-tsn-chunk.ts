import { readUint16, readUint32, writeUint16, writeUint32 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import type { Tsn } from "../../base/serial-number.ts";
import { toTsn } from "../../base/serial-number.ts";
import { CHUNK_TYPE, createChunk } from "./chunk.ts";

const FIXED_BYTES = 8;
const ENTRY_BYTES = 4;

/** The last message of a stream that the sender has given up. */
export type SkippedMessage = {
  readonly streamId: number;
  /** FORWARD TSN lists ordered messages only; I-FORWARD-TSN both kinds. */
  readonly isUnordered: boolean;
  /** 16-bit stream sequence number (DATA) or 32-bit message identifier (I-DATA). */
  readonly sequence: number;
};

/** What FORWARD TSN and I-FORWARD-TSN say. */
export type ForwardTsnChunk = {
  readonly newCumulativeTsn: Tsn;
  readonly skipped: readonly SkippedMessage[];
};

/**
 * FORWARD TSN: do not wait for what lies up to this TSN (RFC 3758 §3.2).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |  type = 192   |   flags = 0   |            length             |
 * +---------------+---------------+-------------------------------+
 * |                      new cumulative TSN                       |
 * +-------------------------------+-------------------------------+
 * |          stream id #1         |   stream sequence number #1   |
 * +-------------------------------+-------------------------------+
 * |  ... further streams ...                                      |
 *
 * Throws {@link WireFormatError}.
 */
export function decodeForwardTsnChunk(chunk: Uint8Array): ForwardTsnChunk {
  if (chunk.byteLength < FIXED_BYTES || (chunk.byteLength - FIXED_BYTES) % ENTRY_BYTES !== 0) {
    throw new WireFormatError("RFC 3758 §3.2", `FORWARD TSN of ${chunk.byteLength} bytes`);
  }
  const skipped: SkippedMessage[] = [];
  for (let offset = FIXED_BYTES; offset < chunk.byteLength; offset += ENTRY_BYTES) {
    skipped.push({
      streamId: readUint16(chunk, offset),
      isUnordered: false,
      sequence: readUint16(chunk, offset + 2),
    });
  }
  return { newCumulativeTsn: toTsn(readUint32(chunk, 4)), skipped };
}

/** The chunk, complete. Unordered messages are left out: DATA gives them no number. */
export function encodeForwardTsnChunk(chunk: ForwardTsnChunk): Uint8Array {
  const ordered = chunk.skipped.filter(({ isUnordered }) => !isUnordered);
  const bytes = createChunk(CHUNK_TYPE.forwardTsn, 0, 4 + ENTRY_BYTES * ordered.length);
  writeUint32(bytes, 4, chunk.newCumulativeTsn);
  let offset = FIXED_BYTES;
  for (const { streamId, sequence } of ordered) {
    writeUint16(bytes, offset, streamId);
    writeUint16(bytes, offset + 2, sequence);
    offset += ENTRY_BYTES;
  }
  return bytes;
}
