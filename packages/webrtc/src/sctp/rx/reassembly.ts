import type { Queue } from "../../base/queue.ts";
import type { DataFields } from "../packet/data-chunk.ts";
import { DATA_FLAG } from "../packet/data-chunk.ts";
import type { ForwardTsnChunk } from "../packet/forward-tsn-chunk.ts";
import type { SctpEvent } from "../sctp-events.ts";
import type { FragmentRun } from "./fragment-runs.ts";
import { FragmentRuns, assembleRun } from "./fragment-runs.ts";
import { InboundStream } from "./inbound-stream.ts";

/** Counted per held fragment or message besides its payload, so that tiny ones are not free. */
const OVERHEAD_BYTES = 64;
/** Counted for each unfinished message of I-DATA: it has book-keeping of its own. */
const PARTIAL_OVERHEAD_BYTES = 512;
const WHOLE = DATA_FLAG.begin | DATA_FLAG.end;

/**
 * From fragments to messages in their order (RFC 9260 §6.5, §6.6, §6.9; RFC 8260 §2.2).
 *
 * Everything that is kept counts in `heldBytes`. Complete messages go straight to `events`.
 */
export class Reassembly {
  readonly #isInterleaved: boolean;
  readonly #events: Queue<SctpEvent>;
  readonly #streams = new Map<number, InboundStream>();
  /** DATA: fragments of all streams, by TSN. */
  readonly #runsByTsn = new FragmentRuns();
  #heldBytes = 0;
  #deliveredCount = 0;

  constructor(isInterleaved: boolean, events: Queue<SctpEvent>) {
    this.#isInterleaved = isInterleaved;
    this.#events = events;
  }

  /** Bytes of fragments and early messages, with an allowance for each. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Messages handed over so far. */
  get deliveredCount(): number {
    return this.#deliveredCount;
  }

  /** What a chunk of `payloadBytes` counts while it is held. */
  costOf(payloadBytes: number): number {
    return payloadBytes + OVERHEAD_BYTES;
  }

  /** False if there are so many holes that a chunk which is not the next one must be dropped. */
  get hasRoom(): boolean {
    return this.#runsByTsn.hasRoom;
  }

  /** Takes in one chunk whose TSN is new. `packet` belongs to this object from here on. */
  handleChunk(packet: Uint8Array, fields: DataFields): void {
    if ((fields.flags & WHOLE) === WHOLE) this.#handleWhole(packet, fields);
    else if (this.#isInterleaved) this.#handleInterleaved(packet, fields);
    else this.#handleFragment(packet, fields);
  }

  /** The sender has given up messages (RFC 3758 §3.6, RFC 8260 §2.3.1). */
  skip({ newCumulativeTsn, skipped }: ForwardTsnChunk): void {
    if (!this.#isInterleaved) {
      for (const run of this.#runsByTsn.dropThrough(newCumulativeTsn)) this.#releaseRun(run);
    }
    const seen = new Set<number>();
    for (const { streamId, isUnordered, sequence } of skipped) {
      const key = streamId * 2 + (isUnordered ? 1 : 0);
      if (seen.has(key)) continue; // Once each: a repetition would only cost time.
      seen.add(key);
      this.#skipStream(this.#stream(streamId), isUnordered, sequence);
    }
  }

  /** The peer starts the numbering of these streams anew; none given: of all (RFC 6525 §5.2.2). */
  resetStreams(streamIds: readonly number[]): void {
    for (const streamId of streamIds.length === 0 ? this.#streams.keys() : streamIds) {
      const stream = this.#streams.get(streamId);
      if (!stream) continue;
      const { waiting, partials } = stream.takeAll();
      for (const message of waiting) this.#heldBytes -= message.heldBytes;
      for (const runs of partials) this.#releasePartial(runs);
      this.#streams.delete(streamId);
    }
  }

  #handleWhole(packet: Uint8Array, fields: DataFields): void {
    const payload = ownPayload(packet, fields);
    if ((fields.flags & DATA_FLAG.unordered) !== 0) {
      this.#deliver(fields.streamId, fields.ppid, payload);
      return;
    }
    this.#handleOrdered(fields.streamId, fields.sequence, fields.ppid, payload);
  }

  #handleFragment(packet: Uint8Array, fields: DataFields): void {
    const payload = ownPayload(packet, fields);
    this.#heldBytes += this.costOf(payload.byteLength);
    const run = this.#runsByTsn.insert(fields.tsn, fields, payload);
    if (run) this.#handleCompleteRun(run);
  }

  #handleInterleaved(packet: Uint8Array, fields: DataFields): void {
    const { sequence, fragmentIndex } = fields;
    const isUnordered = (fields.flags & DATA_FLAG.unordered) !== 0;
    const stream = this.#stream(fields.streamId);
    if (!isUnordered && (stream.isPast(sequence) || stream.isWaiting(sequence))) return;
    let runs = stream.partial(isUnordered, sequence);
    if (runs === undefined) {
      runs = stream.addPartial(isUnordered, sequence);
      this.#heldBytes += PARTIAL_OVERHEAD_BYTES;
    }
    // The same fragment under two TSNs, or thousands of holes in one message: no honest sender's work.
    if (runs.has(fragmentIndex) || !runs.hasRoom) return;
    const payload = ownPayload(packet, fields);
    this.#heldBytes += this.costOf(payload.byteLength);
    const run = runs.insert(fragmentIndex, fields, payload);
    if (!run) return;
    // What is left of other runs of this message lies after its end, and is of no use.
    for (const rest of runs.dropAll()) this.#releaseRun(rest);
    stream.deletePartial(isUnordered, sequence);
    this.#heldBytes -= PARTIAL_OVERHEAD_BYTES;
    this.#handleCompleteRun(run);
  }

  #handleCompleteRun(run: FragmentRun): void {
    this.#releaseRun(run);
    const payload = assembleRun(run);
    if (run.isUnordered) this.#deliver(run.streamId, run.ppid, payload);
    else this.#handleOrdered(run.streamId, run.sequence, run.ppid, payload);
  }

  #handleOrdered(streamId: number, sequence: number, ppid: number, payload: Uint8Array): void {
    const stream = this.#stream(streamId);
    if (stream.advanceIfNext(sequence)) {
      this.#deliver(streamId, ppid, payload);
      this.#deliverReady(stream);
      return;
    }
    if (stream.isPast(sequence) || stream.isWaiting(sequence)) return; // A number used twice.
    const heldBytes = this.costOf(payload.byteLength);
    this.#heldBytes += heldBytes;
    stream.hold(sequence, { ppid, payload, heldBytes });
  }

  #skipStream(stream: InboundStream, isUnordered: boolean, sequence: number): void {
    for (const runs of stream.takePartialsThrough(isUnordered, sequence))
      this.#releasePartial(runs);
    if (isUnordered) return;
    for (const message of stream.skipThrough(sequence)) {
      this.#heldBytes -= message.heldBytes;
      this.#deliver(stream.id, message.ppid, message.payload);
    }
    this.#deliverReady(stream);
  }

  #deliverReady(stream: InboundStream): void {
    for (let message = stream.takeReady(); message; message = stream.takeReady()) {
      this.#heldBytes -= message.heldBytes;
      this.#deliver(stream.id, message.ppid, message.payload);
    }
  }

  #deliver(streamId: number, ppid: number, payload: Uint8Array): void {
    this.#deliveredCount++;
    this.#events.push({ kind: "message", streamId, ppid, payload });
  }

  #releaseRun(run: FragmentRun): void {
    this.#heldBytes -= run.payloadBytes + run.fragmentCount * OVERHEAD_BYTES;
  }

  #releasePartial(runs: FragmentRuns): void {
    this.#heldBytes -= PARTIAL_OVERHEAD_BYTES;
    for (const run of runs.dropAll()) this.#releaseRun(run);
  }

  #stream(streamId: number): InboundStream {
    let stream = this.#streams.get(streamId);
    if (stream === undefined) {
      stream = new InboundStream(streamId, this.#isInterleaved ? 32 : 16);
      this.#streams.set(streamId, stream);
    }
    return stream;
  }
}

/**
 * The chunk's payload as a view of the packet, or as a copy where the view would keep more than
 * twice its size alive.
 */
function ownPayload(packet: Uint8Array, fields: DataFields): Uint8Array {
  const { payloadStart, payloadEnd } = fields;
  if (2 * (payloadEnd - payloadStart) >= packet.buffer.byteLength) {
    return packet.subarray(payloadStart, payloadEnd);
  }
  return packet.slice(payloadStart, payloadEnd);
}
