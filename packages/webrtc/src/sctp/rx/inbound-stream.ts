import { isSerial16After, isSerial32After } from "../../base/serial-number.ts";
import { FragmentRuns } from "./fragment-runs.ts";

/** A message that is complete. */
export type InboundMessage = {
  readonly ppid: number;
  readonly payload: Uint8Array;
  /** What it counts against the receive window while it waits. */
  readonly heldBytes: number;
};

/** How the messages of a stream are numbered: 16 bits with DATA, 32 with I-DATA. */
export type SequenceBits = 16 | 32;

/**
 * One incoming stream: which ordered message comes next, which ones wait for it, and (I-DATA only)
 * the fragments of each unfinished message.
 */
export class InboundStream {
  readonly id: number;
  readonly #bits: SequenceBits;
  #nextSequence = 0;
  #waiting: Map<number, InboundMessage> | undefined;
  #partialOrdered: Map<number, FragmentRuns> | undefined;
  #partialUnordered: Map<number, FragmentRuns> | undefined;

  constructor(id: number, bits: SequenceBits) {
    this.id = id;
    this.#bits = bits;
  }

  /** True if the ordered message with this number was delivered or given up before. */
  isPast(sequence: number): boolean {
    return this.#isAfter(this.#nextSequence, sequence);
  }

  /** True if the ordered message with this number waits already. */
  isWaiting(sequence: number): boolean {
    return this.#waiting !== undefined && this.#waiting.has(sequence);
  }

  /** True if this is the next ordered message, which the caller then delivers, followed by `takeReady`. */
  advanceIfNext(sequence: number): boolean {
    if (sequence !== this.#nextSequence) return false;
    this.#nextSequence = this.#following(sequence);
    return true;
  }

  /** Keeps an ordered message that came early. */
  hold(sequence: number, message: InboundMessage): void {
    this.#waiting ??= new Map();
    this.#waiting.set(sequence, message);
  }

  /** The next message in order, if it waits. */
  takeReady(): InboundMessage | undefined {
    if (this.#waiting === undefined) return undefined;
    const message = this.#waiting.get(this.#nextSequence);
    if (message === undefined) return undefined;
    this.#waiting.delete(this.#nextSequence);
    if (this.#waiting.size === 0) this.#waiting = undefined;
    this.#nextSequence = this.#following(this.#nextSequence);
    return message;
  }

  /**
   * The sender has given up ordered messages up to `sequence` (RFC 3758 §3.6). Returns those of them
   * that are complete nevertheless, in order; `takeReady` gives what follows.
   */
  skipThrough(sequence: number): InboundMessage[] {
    if (this.isPast(sequence)) return [];
    const complete: [number, InboundMessage][] = [];
    for (const [held, message] of this.#waiting ?? []) {
      if (!this.#isAfter(held, sequence)) complete.push([held, message]);
    }
    complete.sort(([a], [b]) => (this.#isAfter(a, b) ? 1 : -1));
    for (const [held] of complete) this.#waiting?.delete(held);
    this.#nextSequence = this.#following(sequence);
    return complete.map(([, message]) => message);
  }

  /** I-DATA: the fragments of one message that were received so far. */
  partial(isUnordered: boolean, sequence: number): FragmentRuns | undefined {
    return (isUnordered ? this.#partialUnordered : this.#partialOrdered)?.get(sequence);
  }

  /** I-DATA: starts to collect the fragments of a message. */
  addPartial(isUnordered: boolean, sequence: number): FragmentRuns {
    const runs = new FragmentRuns();
    if (isUnordered) (this.#partialUnordered ??= new Map()).set(sequence, runs);
    else (this.#partialOrdered ??= new Map()).set(sequence, runs);
    return runs;
  }

  /** I-DATA: the message is complete. */
  deletePartial(isUnordered: boolean, sequence: number): void {
    (isUnordered ? this.#partialUnordered : this.#partialOrdered)?.delete(sequence);
  }

  /** I-DATA: takes out the fragments of unfinished messages up to `sequence` (RFC 8260 §2.3.1). */
  takePartialsThrough(isUnordered: boolean, sequence: number): FragmentRuns[] {
    const partials = isUnordered ? this.#partialUnordered : this.#partialOrdered;
    const taken: FragmentRuns[] = [];
    for (const [number, runs] of partials ?? []) {
      if (this.#isAfter(number, sequence)) continue;
      taken.push(runs);
      partials?.delete(number);
    }
    return taken;
  }

  /** All that is held, for the accounts: the stream is about to be forgotten. */
  takeAll(): { readonly waiting: InboundMessage[]; readonly partials: FragmentRuns[] } {
    const waiting = [...(this.#waiting?.values() ?? [])];
    const partials = [
      ...(this.#partialOrdered?.values() ?? []),
      ...(this.#partialUnordered?.values() ?? []),
    ];
    this.#waiting = undefined;
    this.#partialOrdered = undefined;
    this.#partialUnordered = undefined;
    return { waiting, partials };
  }

  #isAfter(a: number, b: number): boolean {
    return this.#bits === 16 ? isSerial16After(a, b) : isSerial32After(a, b);
  }

  #following(sequence: number): number {
    return this.#bits === 16 ? (sequence + 1) & 0xffff : (sequence + 1) >>> 0;
  }
}
