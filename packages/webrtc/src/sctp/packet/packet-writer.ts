import { roundUpTo4 } from "../../base/bytes.ts";
import type { CommonHeader } from "./sctp-packet.ts";
import { COMMON_HEADER_BYTES, writeChecksum, writeCommonHeader } from "./sctp-packet.ts";

/** Packets are cut from slabs: one allocation serves dozens of them. */
const SLAB_BYTES = 64 * 1024;
/** An SCTP chunk cannot be longer than its 16-bit length says, so neither need a packet be. */
const MAX_FORCED_BYTES = 0xffff + COMMON_HEADER_BYTES + 4;

/** Shared by all associations, of which most are idle: a slab of its own would be most of what one weighs. */
let slab = new Uint8Array(SLAB_BYTES);
let usedBytes = 0;

/**
 * Writes one packet after another, chunk by chunk, in place (RFC 9260 §3, bundling §6.10).
 *
 * `begin`, then `reserve` or `append` for every chunk that fits into `roomBytes`, then `finish`. A
 * finished packet is a view of a shared slab whose bytes are never written again. From `begin` to
 * `finish` no other writer may begin; both happen within one call of `pollTransmit`.
 */
export class PacketWriter {
  #slab = slab;
  #start = 0;
  #offset = 0;
  #limit = 0;

  /** The memory that `reserve` gives offsets into; changes from packet to packet. */
  get bytes(): Uint8Array {
    return this.#slab;
  }

  /** How many bytes of chunks, padding included, still fit. */
  get roomBytes(): number {
    return this.#limit - this.#offset;
  }

  /** True if no chunk was written yet. */
  get isEmpty(): boolean {
    return this.#offset === this.#start + COMMON_HEADER_BYTES;
  }

  /** Starts a packet of at most `maxPacketBytes`, header included. An unfinished one is forgotten. */
  begin(header: CommonHeader, maxPacketBytes: number): void {
    this.#ensure(maxPacketBytes);
    writeCommonHeader(this.#slab, this.#start, header);
    this.#offset = this.#start + COMMON_HEADER_BYTES;
    this.#limit = this.#start + (maxPacketBytes & ~3);
  }

  /**
   * Takes `chunkBytes` (rounded up to 4) out of the room and returns where they begin in `bytes`;
   * the padding is zero. Exceeds the limit only when the packet is empty: a chunk that was cut for a
   * larger limit has to go out one way or the other.
   */
  reserve(chunkBytes: number): number {
    const paddedBytes = roundUpTo4(chunkBytes);
    if (paddedBytes > this.roomBytes) this.#enlarge(paddedBytes);
    const offset = this.#offset;
    this.#offset += paddedBytes;
    for (let index = offset + chunkBytes; index < this.#offset; index++) this.#slab[index] = 0;
    return offset;
  }

  /** Adds a chunk that is complete and padded. */
  append(chunk: Uint8Array): void {
    const offset = this.reserve(chunk.byteLength);
    this.#slab.set(chunk, offset);
  }

  /** The packet. With `hasChecksum` false its checksum stays zero (RFC 9653 §5.2). */
  finish(hasChecksum: boolean): Uint8Array {
    if (hasChecksum) writeChecksum(this.#slab, this.#start, this.#offset);
    const packet = this.#slab.subarray(this.#start, this.#offset);
    usedBytes = this.#offset;
    return packet;
  }

  #ensure(packetBytes: number): void {
    if (usedBytes + packetBytes > slab.byteLength) {
      slab = new Uint8Array(Math.max(SLAB_BYTES, packetBytes));
      usedBytes = 0;
    }
    this.#slab = slab;
    this.#start = usedBytes;
  }

  /** Moves a packet that has no chunk yet to where there is room for one oversized chunk. */
  #enlarge(paddedBytes: number): void {
    const header = this.#slab.subarray(this.#start, this.#offset);
    this.#ensure(Math.min(header.byteLength + paddedBytes, MAX_FORCED_BYTES));
    this.#slab.set(header, this.#start);
    this.#offset = this.#start + header.byteLength;
    this.#limit = this.#offset + paddedBytes;
  }
}
