import { readUint16, readUint32, writeUint16, writeUint32 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import type { Tsn } from "../../base/serial-number.ts";
import { toTsn } from "../../base/serial-number.ts";
import { CHUNK_TYPE } from "./chunk.ts";

const FIXED_BYTES = 16;
const SPEC = "RFC 9260 §3.3.4";
const NO_NUMBERS: readonly number[] = [];

/**
 * Tells which DATA chunks have arrived (RFC 9260 §3.3.4).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |   type = 3    |   flags = 0   |            length             |
 * +---------------+---------------+-------------------------------+
 * |                      cumulative TSN ack                       |
 * +---------------------------------------------------------------+
 * |              advertised receiver window credit                |
 * +-------------------------------+-------------------------------+
 * |   number of gap ack blocks    |   number of duplicate TSNs    |
 * +-------------------------------+-------------------------------+
 * |     gap ack block #1 start    |      gap ack block #1 end     |
 * +-------------------------------+-------------------------------+
 * |  ... further blocks, then duplicate TSNs of 4 bytes each ...  |
 */
export type SackChunk = {
  readonly cumulativeTsn: Tsn;
  readonly receiveWindowBytes: number;
  /** Start and end of each block in turn, both inclusive, as offsets from `cumulativeTsn`. */
  readonly gapBlocks: readonly number[];
  readonly duplicateTsns: readonly number[];
};

/**
 * Decodes the SACK between `start` and `end`. Throws {@link WireFormatError} if the counts do not
 * fit, or if the blocks are not in ascending order without overlap.
 */
export function decodeSackChunk(packet: Uint8Array, start: number, end: number): SackChunk {
  if (end - start < FIXED_BYTES) throw new WireFormatError(SPEC, `SACK of ${end - start} bytes`);
  const gapCount = readUint16(packet, start + 12);
  const duplicateCount = readUint16(packet, start + 14);
  if (end - start < FIXED_BYTES + 4 * (gapCount + duplicateCount)) {
    throw new WireFormatError(SPEC, `no room for ${gapCount} blocks, ${duplicateCount} duplicates`);
  }
  const gapsStart = start + FIXED_BYTES;
  return {
    cumulativeTsn: toTsn(readUint32(packet, start + 4)),
    receiveWindowBytes: readUint32(packet, start + 8),
    gapBlocks: gapCount === 0 ? NO_NUMBERS : decodeGapBlocks(packet, gapsStart, gapCount),
    duplicateTsns:
      duplicateCount === 0
        ? NO_NUMBERS
        : decodeDuplicates(packet, gapsStart + 4 * gapCount, duplicateCount),
  };
}

function decodeGapBlocks(packet: Uint8Array, start: number, count: number): number[] {
  const blocks: number[] = [];
  let previousEnd = 0;
  for (let offset = start; offset < start + 4 * count; offset += 4) {
    const blockStart = readUint16(packet, offset);
    const blockEnd = readUint16(packet, offset + 2);
    if (blockStart <= previousEnd || blockEnd < blockStart) {
      throw new WireFormatError(
        SPEC,
        `gap block ${blockStart} to ${blockEnd} after ${previousEnd}`,
      );
    }
    blocks.push(blockStart, blockEnd);
    previousEnd = blockEnd;
  }
  return blocks;
}

function decodeDuplicates(packet: Uint8Array, start: number, count: number): number[] {
  const duplicates: number[] = [];
  for (let index = 0; index < count; index++)
    duplicates.push(readUint32(packet, start + 4 * index));
  return duplicates;
}

/** Bytes that a SACK takes on the wire. */
export function sackBytes(chunk: SackChunk): number {
  return FIXED_BYTES + 2 * chunk.gapBlocks.length + 4 * chunk.duplicateTsns.length;
}

/** How many gap blocks fit into a SACK of at most `roomBytes` without duplicates. */
export function maxGapBlocks(roomBytes: number): number {
  return Math.max(0, (roomBytes - FIXED_BYTES) >> 2);
}

/** Writes the chunk; there is room for {@link sackBytes}. */
export function writeSackChunk(target: Uint8Array, start: number, chunk: SackChunk): void {
  const { gapBlocks, duplicateTsns } = chunk;
  target[start] = CHUNK_TYPE.sack;
  target[start + 1] = 0;
  writeUint16(target, start + 2, sackBytes(chunk));
  writeUint32(target, start + 4, chunk.cumulativeTsn);
  writeUint32(target, start + 8, chunk.receiveWindowBytes);
  writeUint16(target, start + 12, gapBlocks.length >> 1);
  writeUint16(target, start + 14, duplicateTsns.length);
  let offset = start + FIXED_BYTES;
  for (let index = 0; index < gapBlocks.length; index++) {
    writeUint16(target, offset, gapBlocks[index]!);
    offset += 2;
  }
  for (let index = 0; index < duplicateTsns.length; index++) {
    writeUint32(target, offset, duplicateTsns[index]!);
    offset += 4;
  }
}
