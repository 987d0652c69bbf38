import { readUint16, readUint32, writeUint16, writeUint32 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import type { Tsn } from "../../base/serial-number.ts";
import { toTsn } from "../../base/serial-number.ts";
import { CHUNK_TYPE } from "./chunk.ts";

/** Bytes of a DATA chunk before its user data. */
export const DATA_HEADER_BYTES = 16;

/** Flags of DATA and I-DATA chunks (RFC 9260 §3.3.1, RFC 8260 §2.1). */
export const DATA_FLAG = { end: 1, begin: 2, unordered: 4, immediate: 8 } as const;

/**
 * One fragment of a user message, or a whole one: what DATA and I-DATA have in common.
 *
 * The fields can be written, so that one object serves all chunks of an association in turn.
 */
export type DataFields = {
  tsn: Tsn;
  streamId: number;
  /** See {@link DATA_FLAG}. */
  flags: number;
  /** DATA: 16-bit stream sequence number. I-DATA: 32-bit message identifier. */
  sequence: number;
  /** I-DATA: valid in the first fragment only. */
  ppid: number;
  /** I-DATA: place of the fragment in its message. DATA has none: 0. */
  fragmentIndex: number;
  /** Where the user data lies in the packet. */
  payloadStart: number;
  payloadEnd: number;
};

/** Fields to decode into. */
export function createDataFields(): DataFields {
  return {
    tsn: toTsn(0),
    streamId: 0,
    flags: 0,
    sequence: 0,
    ppid: 0,
    fragmentIndex: 0,
    payloadStart: 0,
    payloadEnd: 0,
  };
}

/**
 * Decodes the DATA chunk between `start` and `end` into `fields` (RFC 9260 §3.3.1).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+-------+-+-+-+-+-------------------------------+
 * |   type = 0    |  res  |I|U|B|E|            length             |
 * +---------------+-------+-+-+-+-+-------------------------------+
 * |                              TSN                              |
 * +-------------------------------+-------------------------------+
 * |           stream id           |    stream sequence number     |
 * +-------------------------------+-------------------------------+
 * |                  payload protocol identifier                  |
 * +---------------------------------------------------------------+
 * |  user data ...                                                |
 *
 * A chunk without user data decodes: that it is an error to send one is the receiver's affair.
 * Throws {@link WireFormatError} if the header does not fit.
 */
export function decodeDataChunk(
  packet: Uint8Array,
  start: number,
  end: number,
  fields: DataFields,
): void {
  if (end - start < DATA_HEADER_BYTES) {
    throw new WireFormatError("RFC 9260 §3.3.1", `DATA of ${end - start} bytes`);
  }
  fields.flags = packet[start + 1]!;
  fields.tsn = toTsn(readUint32(packet, start + 4));
  fields.streamId = readUint16(packet, start + 8);
  fields.sequence = readUint16(packet, start + 10);
  fields.ppid = readUint32(packet, start + 12);
  fields.fragmentIndex = 0;
  fields.payloadStart = start + DATA_HEADER_BYTES;
  fields.payloadEnd = end;
}

/** Writes the 16 bytes before the user data; the length comes from the payload's place in `fields`. */
export function writeDataHeader(target: Uint8Array, offset: number, fields: DataFields): void {
  target[offset] = CHUNK_TYPE.data;
  target[offset + 1] = fields.flags;
  writeUint16(target, offset + 2, DATA_HEADER_BYTES + fields.payloadEnd - fields.payloadStart);
  writeUint32(target, offset + 4, fields.tsn);
  writeUint16(target, offset + 8, fields.streamId);
  writeUint16(target, offset + 10, fields.sequence);
  writeUint32(target, offset + 12, fields.ppid);
}
