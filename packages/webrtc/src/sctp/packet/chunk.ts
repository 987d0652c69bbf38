import { readUint16, roundUpTo4, writeUint16 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";

/** Bytes before a chunk's value: type, flags and length. */
export const CHUNK_HEADER_BYTES = 4;

/** Chunk types (RFC 9260 §3.2 and the extensions that WebRTC uses). */
export const CHUNK_TYPE = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
  /** RFC 8260 §2.1. */
  iData: 64,
  /** RFC 6525 §3.1. */
  reConfig: 130,
  /** RFC 3758 §3.2. */
  forwardTsn: 192,
  /** RFC 8260 §2.3.1. */
  iForwardTsn: 194,
} as const;

/**
 * Where the chunk at `offset` ends, its padding not included (RFC 9260 §3.2).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |     type      |     flags     |            length             |
 * +---------------+---------------+-------------------------------+
 * |  value, `length` - 4 bytes, then 0 to 3 bytes of padding ...  |
 *
 * Throws {@link WireFormatError} if the length is below 4 or goes beyond `packetEnd`. Missing
 * padding after a packet's last chunk is tolerated: some stacks leave it out.
 */
export function chunkEnd(bytes: Uint8Array, offset: number, packetEnd: number): number {
  if (packetEnd - offset < CHUNK_HEADER_BYTES) {
    throw new WireFormatError("RFC 9260 §3.2", "packet ends within a chunk header");
  }
  const chunkBytes = readUint16(bytes, offset + 2);
  if (chunkBytes < CHUNK_HEADER_BYTES || chunkBytes > packetEnd - offset) {
    throw new WireFormatError(
      "RFC 9260 §3.2",
      `chunk says ${chunkBytes} bytes, packet has ${packetEnd - offset}`,
    );
  }
  return offset + chunkBytes;
}

/** A whole chunk, padded, with its header written and `valueBytes` of zeros to be filled in. */
export function createChunk(type: number, flags: number, valueBytes: number): Uint8Array {
  const chunk = new Uint8Array(roundUpTo4(CHUNK_HEADER_BYTES + valueBytes));
  chunk[0] = type;
  chunk[1] = flags;
  writeUint16(chunk, 2, CHUNK_HEADER_BYTES + valueBytes);
  return chunk;
}

/** What the two highest bits of an unknown chunk's type ask for (RFC 9260 §3.2). */
export type UnknownChunkAction = {
  /** False: the rest of the packet is not to be looked at. */
  readonly shouldContinue: boolean;
  /** True: the sender wants an ERROR with the chunk in it. */
  readonly shouldReport: boolean;
};

/** How to treat a chunk of a type that is not known here (RFC 9260 §3.2). */
export function unknownChunkAction(type: number): UnknownChunkAction {
  return { shouldContinue: (type & 0x80) !== 0, shouldReport: (type & 0x40) !== 0 };
}
