import { isSerial16After, isSerial32After } from "../../base/serial-number.ts";
import { FragmentRuns } from "./fragment-runs.ts";
import type { SequenceBits } from "./serial-map.ts";
import { SerialMap } from "./serial-map.ts";

/** A message that is complete. */
export type InboundMessage = {
  readonly ppid: number;
  readonly payload: Uint8Array;
  /** What it counts against the receive window while it waits. */
  readonly heldBytes: number;
};

/**
 * One incoming stream: which ordered message comes next, which ones wait for it, and (I-DATA only)
 * the fragments of each unfinished message.
 */
export class InboundStream {
  readonly id: number;
  readonly #bits: SequenceBits;
  #nextSequence = 0;
  /** Like the other two: there only while something is in it. A peer may use 65,536 streams. */
  #waiting: SerialMap<InboundMessage> | undefined;
  #partialOrdered: SerialMap<FragmentRuns> | undefined;
  #partialUnordered: SerialMap<FragmentRuns> | undefined;

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
    this.#waiting ??= new SerialMap(this.#bits);
    this.#waiting.add(sequence, message);
  }

  /** The next message in order, if it waits. */
  takeReady(): InboundMessage | undefined {
    const message = this.#waiting?.take(this.#nextSequence);
    if (message === undefined) return undefined;
    this.#waiting = unlessEmpty(this.#waiting);
    this.#nextSequence = this.#following(this.#nextSequence);
    return message;
  }

  /**
   * The sender has given up ordered messages up to `sequence` (RFC 3758 §3.6). Returns those of them
   * that are complete nevertheless, in order; `takeReady` gives what follows.
   */
  skipThrough(sequence: number): readonly InboundMessage[] {
    if (this.isPast(sequence)) return [];
    this.#nextSequence = this.#following(sequence);
    const complete = this.#waiting?.takeThrough(sequence) ?? [];
    this.#waiting = unlessEmpty(this.#waiting);
    return complete;
  }

  /** I-DATA: the fragments of one message that were received so far. */
  partial(isUnordered: boolean, sequence: number): FragmentRuns | undefined {
    return this.#partials(isUnordered)?.get(sequence);
  }

  /** I-DATA: starts to collect the fragments of a message. */
  addPartial(isUnordered: boolean, sequence: number): FragmentRuns {
    const runs = new FragmentRuns();
    const partials = this.#partials(isUnordered) ?? new SerialMap<FragmentRuns>(this.#bits);
    partials.add(sequence, runs);
    this.#setPartials(isUnordered, partials);
    return runs;
  }

  /** I-DATA: the message is complete. */
  deletePartial(isUnordered: boolean, sequence: number): void {
    const partials = this.#partials(isUnordered);
    partials?.take(sequence);
    this.#setPartials(isUnordered, unlessEmpty(partials));
  }

  /** I-DATA: takes out the fragments of unfinished messages up to `sequence` (RFC 8260 §2.3.1). */
  takePartialsThrough(isUnordered: boolean, sequence: number): readonly FragmentRuns[] {
    const partials = this.#partials(isUnordered);
    const taken = partials?.takeThrough(sequence) ?? [];
    this.#setPartials(isUnordered, unlessEmpty(partials));
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

  #partials(isUnordered: boolean): SerialMap<FragmentRuns> | undefined {
    return isUnordered ? this.#partialUnordered : this.#partialOrdered;
  }

  #setPartials(isUnordered: boolean, partials: SerialMap<FragmentRuns> | undefined): void {
    if (isUnordered) this.#partialUnordered = partials;
    else this.#partialOrdered = partials;
  }

  #isAfter(a: number, b: number): boolean {
    return this.#bits === 16 ? isSerial16After(a, b) : isSerial32After(a, b);
  }

  #following(sequence: number): number {
    return this.#bits === 16 ? (sequence + 1) & 0xffff : (sequence + 1) >>> 0;
  }
}

function unlessEmpty<Value>(map: SerialMap<Value> | undefined): SerialMap<Value> | undefined {
  return map && map.size > 0 ? map : undefined;
}
