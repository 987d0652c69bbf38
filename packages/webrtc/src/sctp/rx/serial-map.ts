import { isSerial16After, isSerial32After } from "../../base/serial-number.ts";

/** How the messages of a stream are numbered: 16 bits with DATA, 32 with I-DATA. */
export type SequenceBits = 16 | 32;

/** Numbers without a value that may stay in the heap, beside as many as have one. */
const MAX_STALE = 32;

/**
 * Values by sequence number. Those up to a number come out in order without a look at the others:
 * O(log n) for each that comes out, and nothing for a number that comes before all of them, however
 * often a peer asks.
 *
 * The order is a total one while all numbers lie within half the circle (RFC 1982). A peer whose
 * numbers do not may get fewer values than it meant; they stay accounted for, and nothing else happens.
 */
export class SerialMap<Value> {
  readonly #bits: SequenceBits;
  readonly #values = new Map<number, Value>();
  /** A binary heap, the earliest number first. Numbers that were taken out of turn are still in it. */
  #heap: number[] = [];

  constructor(bits: SequenceBits) {
    this.#bits = bits;
  }

  get size(): number {
    return this.#values.size;
  }

  /** In no particular order. */
  values(): Iterable<Value> {
    return this.#values.values();
  }

  has(sequence: number): boolean {
    return this.#values.has(sequence);
  }

  get(sequence: number): Value | undefined {
    return this.#values.get(sequence);
  }

  /** Adds a value under a number that is not there yet. */
  add(sequence: number, value: Value): void {
    this.#values.set(sequence, value);
    this.#push(sequence);
  }

  /** Takes the value out, if there is one. */
  take(sequence: number): Value | undefined {
    const value = this.#values.get(sequence);
    if (value === undefined) return undefined;
    this.#values.delete(sequence);
    if (this.#heap[0] === sequence) this.#shift();
    else if (this.#heap.length > 2 * this.#values.size + MAX_STALE) this.#dropStale();
    return value;
  }

  /** Takes out all values up to `sequence`, the earliest first. */
  takeThrough(sequence: number): Value[] {
    const taken: Value[] = [];
    const heap = this.#heap;
    while (heap.length > 0 && !this.#isBefore(sequence, heap[0]!)) {
      const first = this.#shift();
      const value = this.#values.get(first);
      if (value === undefined) continue; // It was taken before.
      this.#values.delete(first);
      taken.push(value);
    }
    return taken;
  }

  #isBefore(a: number, b: number): boolean {
    return this.#bits === 16 ? isSerial16After(b, a) : isSerial32After(b, a);
  }

  /** A sorted array is a heap. At least as many numbers as stay were taken since the last time. */
  #dropStale(): void {
    this.#heap = [...this.#values.keys()].toSorted((a, b) => (this.#isBefore(a, b) ? -1 : 1));
  }

  #push(sequence: number): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.#isBefore(sequence, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = sequence;
  }

  #shift(): number {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  /** Puts a number where the first one was, and down to its place. */
  #sink(sequence: number): void {
    const heap = this.#heap;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && this.#isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#isBefore(heap[child]!, sequence)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = sequence;
  }
}
