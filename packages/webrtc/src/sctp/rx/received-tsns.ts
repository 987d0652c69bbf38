import type { Tsn } from "../../base/serial-number.ts";
import { addToTsn, isTsnAfter, tsnDistance } from "../../base/serial-number.ts";

/**
 * Half of what gap blocks can name: a stream's 16-bit sequence numbers stay comparable only while no
 * more than half their circle is under way.
 */
const WINDOW_TSNS = 0x8000;
const BIT_MASK = WINDOW_TSNS - 1;
const WORDS = WINDOW_TSNS / 32;
/** The sender needs no complete list of duplicates; RFC 9260 §6.2 lets it be cut. */
const MAX_DUPLICATES = 16;
const NO_DUPLICATES: readonly number[] = [];

/** Where a TSN stands: `new`, seen before, or so far ahead that no SACK could name it. */
export type TsnPlace = "new" | "duplicate" | "tooFar";

/**
 * Which TSNs have arrived (RFC 9260 §6.2): the cumulative one, and a bit for each of the 32,767
 * after it. Constant memory, whatever numbers a peer makes up; constant work per TSN, and at most
 * one step for each of the 1,024 words when TSNs are skipped.
 */
export class ReceivedTsns {
  #cumulativeTsn: Tsn;
  #highestTsn: Tsn;
  /** Bit `tsn & BIT_MASK`; allocated at the first gap. Bits outside (cumulative, highest] are zero. */
  #bits: Uint32Array | undefined;
  #duplicates: number[] = [];

  /** Nothing has arrived; `initialTsn` is the first to come. */
  constructor(initialTsn: Tsn) {
    this.#cumulativeTsn = addToTsn(initialTsn, -1);
    this.#highestTsn = this.#cumulativeTsn;
  }

  /** All TSNs up to this one have arrived or were given up by the sender. */
  get cumulativeTsn(): Tsn {
    return this.#cumulativeTsn;
  }

  /** True if a TSN after the cumulative one has arrived. */
  get hasGaps(): boolean {
    return this.#highestTsn !== this.#cumulativeTsn;
  }

  get hasDuplicates(): boolean {
    return this.#duplicates.length > 0;
  }

  placeOf(tsn: Tsn): TsnPlace {
    const aheadBy = tsnDistance(this.#cumulativeTsn, tsn);
    if (aheadBy === 0 || aheadBy >= 0x8000_0000) return "duplicate";
    if (aheadBy >= WINDOW_TSNS) return "tooFar";
    return this.#bits && this.hasGaps && this.#isSet(tsn) ? "duplicate" : "new";
  }

  /** Notes a TSN that arrived again, to be told in the next SACK. */
  noteDuplicate(tsn: Tsn): void {
    if (this.#duplicates.length < MAX_DUPLICATES) this.#duplicates.push(tsn);
  }

  /** Marks a TSN that `placeOf` calls new. */
  record(tsn: Tsn): void {
    if (tsn === addToTsn(this.#cumulativeTsn, 1)) {
      this.#cumulativeTsn = tsn;
      if (this.#highestTsn === addToTsn(tsn, -1)) this.#highestTsn = tsn;
      else this.#absorb();
      return;
    }
    this.#bits ??= new Uint32Array(WORDS);
    const bit = tsn & BIT_MASK;
    this.#bits[bit >>> 5]! |= 1 << (bit & 31);
    if (isTsnAfter(tsn, this.#highestTsn)) this.#highestTsn = tsn;
  }

  /** FORWARD TSN (RFC 3758 §3.6): everything up to `tsn` counts as arrived. False if that is old news. */
  skipTo(tsn: Tsn): boolean {
    if (!isTsnAfter(tsn, this.#cumulativeTsn)) return false;
    if (isTsnAfter(this.#highestTsn, tsn)) {
      this.#clearThrough(tsn);
      this.#cumulativeTsn = tsn;
      this.#absorb();
    } else {
      if (this.hasGaps) this.#bits!.fill(0);
      this.#cumulativeTsn = tsn;
      this.#highestTsn = tsn;
    }
    return true;
  }

  /** Start and end offsets of at most `maxBlocks` runs after the cumulative TSN (RFC 9260 §3.3.4). */
  gapBlocks(maxBlocks: number): number[] {
    const blocks: number[] = [];
    const span = tsnDistance(this.#cumulativeTsn, this.#highestTsn);
    let offset = 1;
    while (blocks.length < 2 * maxBlocks) {
      const start = this.#findFrom(offset, span, 0);
      if (start > span) break;
      const end = this.#findFrom(start, span, -1);
      blocks.push(start, end - 1);
      offset = end;
    }
    return blocks;
  }

  /** The duplicates since the last call. */
  takeDuplicates(): readonly number[] {
    if (this.#duplicates.length === 0) return NO_DUPLICATES;
    const duplicates = this.#duplicates;
    this.#duplicates = [];
    return duplicates;
  }

  /**
   * The first offset from `offset` on whose bit is set (`invert` 0) or clear (`invert` -1), or
   * `span` + 1. Skips whole words.
   */
  #findFrom(offset: number, span: number, invert: number): number {
    const bits = this.#bits!;
    let at = offset;
    while (at <= span) {
      const bit = (this.#cumulativeTsn + at) & BIT_MASK;
      const word = ((bits[bit >>> 5]! ^ invert) >>> (bit & 31)) >>> 0;
      if (word !== 0) {
        const found = at + (31 - Math.clz32(word & -word));
        return found <= span ? found : span + 1;
      }
      at += 32 - (bit & 31);
    }
    return span + 1;
  }

  /** Moves the cumulative TSN over what has arrived already. */
  #absorb(): void {
    let next = addToTsn(this.#cumulativeTsn, 1);
    while (this.#cumulativeTsn !== this.#highestTsn && this.#isSet(next)) {
      this.#clear(next);
      this.#cumulativeTsn = next;
      next = addToTsn(next, 1);
    }
  }

  /** Clears the bits after the cumulative TSN up to `tsn`, which is in the window, by words. */
  #clearThrough(tsn: Tsn): void {
    const bits = this.#bits!;
    for (let at = addToTsn(this.#cumulativeTsn, 1); !isTsnAfter(at, tsn);) {
      const bit = at & BIT_MASK;
      const bitInWord = bit & 31;
      const bitCount = Math.min(32 - bitInWord, tsnDistance(at, tsn) + 1);
      bits[bit >>> 5]! &= ~((0xffff_ffff >>> (32 - bitCount)) << bitInWord);
      at = addToTsn(at, bitCount);
    }
  }

  #isSet(tsn: Tsn): boolean {
    const bit = tsn & BIT_MASK;
    return (this.#bits![bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }

  #clear(tsn: Tsn): void {
    const bit = tsn & BIT_MASK;
    this.#bits![bit >>> 5]! &= ~(1 << (bit & 31));
  }
}
