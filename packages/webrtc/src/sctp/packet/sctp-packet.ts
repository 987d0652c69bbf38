import { readUint16, readUint32, writeUint16, writeUint32 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { CHUNK_HEADER_BYTES } from "./chunk.ts";
import { packetChecksum } from "./crc32c.ts";

/** Ports, verification tag and checksum. */
export const COMMON_HEADER_BYTES = 12;
const CHECKSUM_OFFSET = 8;

/**
 * What stands before the chunks of a packet (RFC 9260 §3.1).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |          source port          |       destination port        |
 * +-------------------------------+-------------------------------+
 * |                       verification tag                        |
 * +---------------------------------------------------------------+
 * |        checksum (CRC32c, least significant byte first)        |
 * +---------------------------------------------------------------+
 */
export type CommonHeader = {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly verificationTag: number;
};

/** Throws {@link WireFormatError} if there is no room for the header and one chunk header. */
export function checkPacketBytes(packet: Uint8Array): void {
  if (packet.byteLength < COMMON_HEADER_BYTES + CHUNK_HEADER_BYTES) {
    throw new WireFormatError("RFC 9260 §3", `packet of ${packet.byteLength} bytes is too short`);
  }
}

/** The header of a packet that `checkPacketBytes` has let through. The checksum is not looked at. */
export function decodeCommonHeader(packet: Uint8Array): CommonHeader {
  return {
    sourcePort: readUint16(packet, 0),
    destinationPort: readUint16(packet, 2),
    verificationTag: readUint32(packet, 4),
  };
}

/** Writes the header with a checksum of zero. */
export function writeCommonHeader(target: Uint8Array, offset: number, header: CommonHeader): void {
  writeUint16(target, offset, header.sourcePort);
  writeUint16(target, offset + 2, header.destinationPort);
  writeUint32(target, offset + 4, header.verificationTag);
  writeUint32(target, offset + CHECKSUM_OFFSET, 0);
}

/** Computes and writes the checksum of the packet that lies between `start` and `end`. */
export function writeChecksum(target: Uint8Array, start: number, end: number): void {
  const checksum = packetChecksum(target, start, end);
  target[start + CHECKSUM_OFFSET] = checksum;
  target[start + CHECKSUM_OFFSET + 1] = checksum >>> 8;
  target[start + CHECKSUM_OFFSET + 2] = checksum >>> 16;
  target[start + CHECKSUM_OFFSET + 3] = checksum >>> 24;
}

/** The checksum field as a number. */
export function readChecksum(packet: Uint8Array): number {
  return (
    (packet[CHECKSUM_OFFSET]! |
      (packet[CHECKSUM_OFFSET + 1]! << 8) |
      (packet[CHECKSUM_OFFSET + 2]! << 16) |
      (packet[CHECKSUM_OFFSET + 3]! << 24)) >>>
    0
  );
}

/** True if the checksum field holds the packet's CRC32c (RFC 9260 §6.8). */
export function hasCorrectChecksum(packet: Uint8Array): boolean {
  return readChecksum(packet) === packetChecksum(packet, 0, packet.byteLength);
}

/** A packet with its correct checksum around chunks that are complete and padded. */
export function encodePacket(header: CommonHeader, chunks: readonly Uint8Array[]): Uint8Array {
  let packetBytes = COMMON_HEADER_BYTES;
  for (const chunk of chunks) packetBytes += chunk.byteLength;
  const packet = new Uint8Array(packetBytes);
  writeCommonHeader(packet, 0, header);
  let offset = COMMON_HEADER_BYTES;
  for (const chunk of chunks) {
    packet.set(chunk, offset);
    offset += chunk.byteLength;
  }
  writeChecksum(packet, 0, packetBytes);
  return packet;
}
