import type { Tsn } from "../../base/serial-number.ts";
import { addToTsn, toTsn, tsnDistance } from "../../base/serial-number.ts";
import type { OutgoingMessage } from "./outgoing-message.ts";

const INITIAL_CAPACITY = 64;

/** Where a chunk with a TSN stands. */
export const CHUNK_STATE = {
  inFlight: 1,
  /** Named by a gap block; the peer may still change its mind (RFC 9260 §6.2). */
  acked: 2,
  /** Considered lost. */
  toRetransmit: 3,
  /** Its message was given up (RFC 3758). */
  abandoned: 4,
} as const;

/**
 * The chunks after the cumulative TSN, in a ring of columns: no object per chunk, found by its TSN
 * in constant time. `slotOf` gives the index into the columns; it holds until the next `append`.
 */
export class InFlightChunks {
  #capacity = INITIAL_CAPACITY;
  #head = 0;
  #count = 0;
  #firstTsn: Tsn;
  #message: (OutgoingMessage | undefined)[] = Array.from({ length: INITIAL_CAPACITY });
  #state = new Uint8Array(INITIAL_CAPACITY);
  #misses = new Uint8Array(INITIAL_CAPACITY);
  #transmits = new Uint16Array(INITIAL_CAPACITY);
  #payloadStart = new Uint32Array(INITIAL_CAPACITY);
  #payloadBytes = new Uint16Array(INITIAL_CAPACITY);
  #fragmentIndex = new Uint32Array(INITIAL_CAPACITY);
  #barrierTsn = new Uint32Array(INITIAL_CAPACITY);
  #previousTsn = new Uint32Array(INITIAL_CAPACITY);

  /** `initialTsn` is the first to be assigned. */
  constructor(initialTsn: Tsn) {
    this.#firstTsn = initialTsn;
  }

  get count(): number {
    return this.#count;
  }

  /** The lowest TSN that is not acknowledged cumulatively. */
  get firstTsn(): Tsn {
    return this.#firstTsn;
  }

  /** The TSN that the next chunk gets. */
  get nextTsn(): Tsn {
    return addToTsn(this.#firstTsn, this.#count);
  }

  /** True if `tsn` belongs to a chunk in the ring. */
  has(tsn: Tsn): boolean {
    return tsnDistance(this.#firstTsn, tsn) < this.#count;
  }

  /** Index into the columns for a TSN in the ring. */
  slotOf(tsn: Tsn): number {
    return (this.#head + tsnDistance(this.#firstTsn, tsn)) & (this.#capacity - 1);
  }

  message(slot: number): OutgoingMessage {
    return this.#message[slot]!;
  }

  /** One of {@link CHUNK_STATE}. */
  state(slot: number): number {
    return this.#state[slot]!;
  }

  /** `state` is one of {@link CHUNK_STATE}. */
  setState(slot: number, state: number): void {
    this.#state[slot] = state;
  }

  /** How often the chunk was put into a packet. */
  transmits(slot: number): number {
    return this.#transmits[slot]!;
  }

  /** Where in the message's payload the fragment begins. */
  payloadStart(slot: number): number {
    return this.#payloadStart[slot]!;
  }

  payloadBytes(slot: number): number {
    return this.#payloadBytes[slot]!;
  }

  /** Place of the fragment in its message. */
  fragmentIndex(slot: number): number {
    return this.#fragmentIndex[slot]!;
  }

  /** The fragment before this one of the same message; of no meaning in the first. */
  previousTsn(slot: number): Tsn {
    return toTsn(this.#previousTsn[slot]!);
  }

  /** One more SACK reports the chunk missing; returns how many have since its last transmission. */
  addMiss(slot: number): number {
    return ++this.#misses[slot]!;
  }

  /** SACKs that acknowledge only chunks first sent before this TSN say nothing of the chunk's last transmission. */
  barrierTsn(slot: number): Tsn {
    return toTsn(this.#barrierTsn[slot]!);
  }

  /** The chunk goes out (again). */
  markTransmitted(slot: number): void {
    this.#state[slot] = CHUNK_STATE.inFlight;
    this.#misses[slot] = 0;
    if (this.#transmits[slot]! < 0xffff) this.#transmits[slot]!++;
    this.#barrierTsn[slot] = this.nextTsn;
  }

  /**
   * Gives the next TSN to a fragment, which comes after the message's `lastTsn`; returns its slot. It
   * was not transmitted yet.
   */
  append(message: OutgoingMessage, payloadStart: number, payloadBytes: number): number {
    if (this.#count === this.#capacity) this.#grow();
    const slot = (this.#head + this.#count) & (this.#capacity - 1);
    this.#count++;
    this.#message[slot] = message;
    this.#state[slot] = CHUNK_STATE.toRetransmit;
    this.#misses[slot] = 0;
    this.#transmits[slot] = 0;
    this.#payloadStart[slot] = payloadStart;
    this.#payloadBytes[slot] = payloadBytes;
    this.#fragmentIndex[slot] = message.fragmentCount;
    this.#previousTsn[slot] = message.lastTsn;
    return slot;
  }

  /** Forgets the chunk with the lowest TSN. */
  dropFirst(): void {
    this.#message[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#capacity - 1);
    this.#firstTsn = addToTsn(this.#firstTsn, 1);
    this.#count--;
  }

  /** Doubles the ring; the first chunk comes to lie at slot 0. */
  #grow(): void {
    const capacity = this.#capacity * 2;
    this.#message = this.#unrolled(this.#message, Array.from({ length: capacity }));
    this.#state = this.#unrolled(this.#state, new Uint8Array(capacity));
    this.#misses = this.#unrolled(this.#misses, new Uint8Array(capacity));
    this.#transmits = this.#unrolled(this.#transmits, new Uint16Array(capacity));
    this.#payloadStart = this.#unrolled(this.#payloadStart, new Uint32Array(capacity));
    this.#payloadBytes = this.#unrolled(this.#payloadBytes, new Uint16Array(capacity));
    this.#fragmentIndex = this.#unrolled(this.#fragmentIndex, new Uint32Array(capacity));
    this.#barrierTsn = this.#unrolled(this.#barrierTsn, new Uint32Array(capacity));
    this.#previousTsn = this.#unrolled(this.#previousTsn, new Uint32Array(capacity));
    this.#capacity = capacity;
    this.#head = 0;
  }

  #unrolled<C extends { [index: number]: unknown }>(from: C, to: C): C {
    const mask = this.#capacity - 1;
    for (let index = 0; index < this.#count; index++) to[index] = from[(this.#head + index) & mask];
    return to;
  }
}
