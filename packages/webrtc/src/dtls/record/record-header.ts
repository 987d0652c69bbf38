import { readUint16, readUint32, writeUint16, writeUint32 } from "../../base/bytes.ts";

/** Bytes in front of each record. */
export const RECORD_HEADER_BYTES = 13;

/** Most that one record carries (RFC 5246 §6.2.1). */
export const MAX_PLAINTEXT_BYTES = 1 << 14;

/** Most that a record's length field may say (RFC 5246 §6.2.3). */
const MAX_RECORD_BYTES = MAX_PLAINTEXT_BYTES + 2048;

/** The last number that a record may have in its epoch: 48 bits (RFC 6347 §4.1). */
export const MAX_SEQUENCE = 2 ** 48 - 1;

/** Content types (RFC 5246 §6.2.1). */
export const CONTENT_TYPE = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

/**
 * The record's header (RFC 6347 §4.1). It is read and written at offsets, since every data packet
 * has one.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+-------------------------------+---------------+
 * | content type  |            version            |    epoch      |
 * +---------------+-------------------------------+---------------+
 * |    epoch      |      sequence number, 48 bits                 |
 * +---------------+-----------------------------------------------+
 * |              ...              |            length             |
 * +-------------------------------+-------------------------------+
 */
export function writeRecordHeader(
  target: Uint8Array,
  type: number,
  version: number,
  epoch: number,
  sequence: number,
  payloadBytes: number,
): void {
  target[0] = type;
  writeUint16(target, 1, version);
  writeEpochAndSequence(target, 3, epoch, sequence);
  writeUint16(target, 11, payloadBytes);
}

/** Epoch and sequence number as eight bytes, as they stand in headers, nonces and additional data. */
export function writeEpochAndSequence(
  target: Uint8Array,
  offset: number,
  epoch: number,
  sequence: number,
): void {
  writeUint16(target, offset, epoch);
  writeUint16(target, offset + 2, Math.floor(sequence / 0x1_0000_0000));
  writeUint32(target, offset + 4, sequence % 0x1_0000_0000);
}

/** The sequence number of the record that starts at `offset`. */
export function readRecordSequence(bytes: Uint8Array, offset: number): number {
  return readUint16(bytes, offset + 5) * 0x1_0000_0000 + readUint32(bytes, offset + 7);
}

/** The epoch of the record that starts at `offset`. */
export function readRecordEpoch(bytes: Uint8Array, offset: number): number {
  return readUint16(bytes, offset + 3);
}

/**
 * Where the record that starts at `offset` ends; -1 if there is none: unknown content type, a version
 * that is not DTLS, or a length over the limit or over the end of the datagram.
 */
export function findRecordEnd(bytes: Uint8Array, offset: number): number {
  if (bytes.byteLength - offset < RECORD_HEADER_BYTES) return -1;
  const type = bytes[offset]!;
  if (type < CONTENT_TYPE.changeCipherSpec || type > CONTENT_TYPE.applicationData) return -1;
  if (bytes[offset + 1] !== 0xfe || bytes[offset + 2]! < 0xfd) return -1;
  const payloadBytes = readUint16(bytes, offset + 11);
  const end = offset + RECORD_HEADER_BYTES + payloadBytes;
  return payloadBytes > MAX_RECORD_BYTES || end > bytes.byteLength ? -1 : end;
}
