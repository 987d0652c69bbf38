import { randomFillSync } from "node:crypto";
import { readUint32, toHex } from "../base/bytes.ts";
import type { Random } from "../base/random.ts";

const POOL_BYTES = 4096;
const MAX_POOLED_BYTES = 256;

/**
 * Cryptographic randomness from the operating system, drawn in blocks: a call per STUN transaction
 * id would cost more than the message around it. What was handed out is wiped from the pool.
 */
export class NodeRandom implements Random {
  readonly #pool = new Uint8Array(POOL_BYTES);
  #usedBytes = POOL_BYTES;

  bytes(byteCount: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(byteCount);
    if (byteCount > MAX_POOLED_BYTES) return randomFillSync(bytes);
    const offset = this.#take(byteCount);
    bytes.set(this.#pool.subarray(offset, offset + byteCount));
    this.#pool.fill(0, offset, offset + byteCount);
    return bytes;
  }

  uint32(): number {
    const offset = this.#take(4);
    const value = readUint32(this.#pool, offset);
    this.#pool.fill(0, offset, offset + 4);
    return value;
  }

  fraction(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  hex(byteCount: number): string {
    return toHex(this.bytes(byteCount));
  }

  /** Reserves fresh bytes of the pool and tells where they are. */
  #take(byteCount: number): number {
    if (this.#usedBytes + byteCount > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#usedBytes = 0;
    }
    const offset = this.#usedBytes;
    this.#usedBytes += byteCount;
    return offset;
  }
}
