import { readUint16, readUint32, writeUint16, writeUint32 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { toTsn } from "../../base/serial-number.ts";
import { CHUNK_TYPE } from "./chunk.ts";
import type { DataFields } from "./data-chunk.ts";
import { DATA_FLAG } from "./data-chunk.ts";

/** Bytes of an I-DATA chunk before its user data. */
export const I_DATA_HEADER_BYTES = 20;
/** No message has that many fragments; larger numbers would not fit the order that `rx` keeps. */
const MAX_FRAGMENT_INDEX = 0x7fff_ffff;

/**
 * Decodes the I-DATA chunk between `start` and `end` into `fields` (RFC 8260 §2.1): a DATA chunk
 * whose fragments are numbered within their message, so that messages can be interleaved.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+-------+-+-+-+-+-------------------------------+
 * |   type = 64   |  res  |I|U|B|E|            length             |
 * +---------------+-------+-+-+-+-+-------------------------------+
 * |                              TSN                              |
 * +-------------------------------+-------------------------------+
 * |           stream id           |           reserved            |
 * +-------------------------------+-------------------------------+
 * |                      message identifier                       |
 * +---------------------------------------------------------------+
 * |  payload protocol identifier (B = 1) / fragment number (B = 0) |
 * +---------------------------------------------------------------+
 * |  user data ...                                                |
 *
 * Throws {@link WireFormatError} if the header does not fit or the fragment number is absurd.
 */
export function decodeIDataChunk(
  packet: Uint8Array,
  start: number,
  end: number,
  fields: DataFields,
): void {
  if (end - start < I_DATA_HEADER_BYTES) {
    throw new WireFormatError("RFC 8260 §2.1", `I-DATA of ${end - start} bytes`);
  }
  const flags = packet[start + 1]!;
  const isFirst = (flags & DATA_FLAG.begin) !== 0;
  const ppidOrIndex = readUint32(packet, start + 16);
  if (!isFirst && ppidOrIndex > MAX_FRAGMENT_INDEX) {
    throw new WireFormatError("RFC 8260 §2.1", `fragment number ${ppidOrIndex}`);
  }
  fields.flags = flags;
  fields.tsn = toTsn(readUint32(packet, start + 4));
  fields.streamId = readUint16(packet, start + 8);
  fields.sequence = readUint32(packet, start + 12);
  fields.ppid = isFirst ? ppidOrIndex : 0;
  fields.fragmentIndex = isFirst ? 0 : ppidOrIndex;
  fields.payloadStart = start + I_DATA_HEADER_BYTES;
  fields.payloadEnd = end;
}

/** Writes the 20 bytes before the user data; the length comes from the payload's place in `fields`. */
export function writeIDataHeader(target: Uint8Array, offset: number, fields: DataFields): void {
  const isFirst = (fields.flags & DATA_FLAG.begin) !== 0;
  target[offset] = CHUNK_TYPE.iData;
  target[offset + 1] = fields.flags;
  writeUint16(target, offset + 2, I_DATA_HEADER_BYTES + fields.payloadEnd - fields.payloadStart);
  writeUint32(target, offset + 4, fields.tsn);
  writeUint16(target, offset + 8, fields.streamId);
  writeUint16(target, offset + 10, 0);
  writeUint32(target, offset + 12, fields.sequence);
  writeUint32(target, offset + 16, isFirst ? fields.ppid : fields.fragmentIndex);
}
