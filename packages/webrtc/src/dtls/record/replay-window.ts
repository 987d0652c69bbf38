const BITS_PER_BLOCK = 32;
const BLOCKS = 32;

/** How far a record may lag behind the newest and still be taken, at least. */
export const REPLAY_WINDOW_RECORDS = (BLOCKS - 1) * BITS_PER_BLOCK;

/**
 * Which sequence numbers have been seen (RFC 6347 §4.1.2.6), as a ring of bit blocks (the way of
 * RFC 6479). Much wider than the 64 of the RFC: at 100,000 packets a second those are reordering of
 * less than a millisecond.
 */
export class ReplayWindow {
  readonly #blocks = new Int32Array(BLOCKS);
  #highest = -1;

  /** True if `sequence` is neither seen nor too old to tell. Changes nothing. */
  isFresh(sequence: number): boolean {
    if (sequence > this.#highest) return true;
    const block = Math.floor(sequence / BITS_PER_BLOCK);
    if (Math.floor(this.#highest / BITS_PER_BLOCK) - block >= BLOCKS) return false;
    return (this.#blocks[block % BLOCKS]! & (1 << (sequence % BITS_PER_BLOCK))) === 0;
  }

  /** Marks `sequence`, which {@link isFresh}, as seen. Only after the record's tag has verified. */
  markSeen(sequence: number): void {
    const block = Math.floor(sequence / BITS_PER_BLOCK);
    if (sequence > this.#highest) {
      const highestBlock = Math.floor(this.#highest / BITS_PER_BLOCK);
      const firstNew = Math.max(highestBlock + 1, block - BLOCKS + 1);
      for (let index = firstNew; index <= block; index++) this.#blocks[index % BLOCKS] = 0;
      this.#highest = sequence;
    }
    this.#blocks[block % BLOCKS]! |= 1 << (sequence % BITS_PER_BLOCK);
  }
}
