import { roundUpTo4 } from "../../base/bytes.ts";
import type { Tsn } from "../../base/serial-number.ts";
import { addToTsn, isTsnAfter, tsnDistance } from "../../base/serial-number.ts";
import { DATA_HEADER_BYTES } from "../packet/data-chunk.ts";
import type { ForwardTsnChunk, SkippedMessage } from "../packet/forward-tsn-chunk.ts";
import { I_DATA_HEADER_BYTES } from "../packet/i-data-chunk.ts";
import type { SackChunk } from "../packet/sack-chunk.ts";
import { CHUNK_STATE, InFlightChunks } from "./in-flight-chunks.ts";
import type { OutgoingMessage } from "./outgoing-message.ts";
import type { SendQueue } from "./send-queue.ts";

/** RFC 9260 §7.2.4: so many SACKs must report a chunk missing before it counts as lost. */
const MISSES_UNTIL_LOST = 3;

/** What a SACK has changed. */
export type SackOutcome = {
  /** Bytes of chunks acknowledged for the first time. */
  readonly ackedBytes: number;
  /** True if the cumulative TSN moved. */
  readonly hasAdvanced: boolean;
  /** True if chunks were found lost. */
  readonly hasLoss: boolean;
};

/** Agreed with the peer when the association began. */
export type OutstandingOptions = {
  readonly initialTsn: Tsn;
  readonly isInterleaved: boolean;
  /** Without it every message is reliable: nothing that has a TSN can be given up. */
  readonly canForwardTsn: boolean;
};

/**
 * Everything that has a TSN and is not acknowledged cumulatively: what is in flight, what is lost,
 * what was given up (RFC 9260 §6.2.1, §7.2.4; RFC 3758 §3.5).
 */
export class OutstandingData {
  readonly chunks: InFlightChunks;
  readonly #queue: SendQueue;
  readonly #headerBytes: number;
  readonly #canForwardTsn: boolean;
  #flightBytes = 0;
  #lostCount = 0;
  /** No lost chunk comes before it. */
  #firstLostTsn: Tsn;
  #abandonedMessages = 0;

  constructor(options: OutstandingOptions, queue: SendQueue) {
    this.chunks = new InFlightChunks(options.initialTsn);
    this.#queue = queue;
    this.#headerBytes = options.isInterleaved ? I_DATA_HEADER_BYTES : DATA_HEADER_BYTES;
    this.#canForwardTsn = options.canForwardTsn;
    this.#firstLostTsn = options.initialTsn;
  }

  /** Bytes of chunks, headers and padding included, of which nothing was heard since they went out. */
  get flightBytes(): number {
    return this.#flightBytes;
  }

  get hasLost(): boolean {
    return this.#lostCount > 0;
  }

  /** Messages given up since the beginning. */
  get abandonedMessages(): number {
    return this.#abandonedMessages;
  }

  /** True if the peer has to be told of messages that were given up (RFC 3758 §3.5, C3). */
  get hasAbandonedFirst(): boolean {
    const { chunks } = this;
    return (
      chunks.count > 0 && chunks.state(chunks.slotOf(chunks.firstTsn)) === CHUNK_STATE.abandoned
    );
  }

  /** The chunk's size on the wire. */
  chunkBytes(slot: number): number {
    return this.#headerBytes + roundUpTo4(this.chunks.payloadBytes(slot));
  }

  /**
   * Applies a SACK. `undefined` if it is older than one that was applied, or acknowledges what was
   * never sent. Work is bounded by what is outstanding, whatever the blocks say.
   */
  handleSack(sack: SackChunk, isInRecovery: boolean, nowMs: number): SackOutcome | undefined {
    const { chunks } = this;
    const { cumulativeTsn, gapBlocks } = sack;
    const advance = tsnDistance(addToTsn(chunks.firstTsn, -1), cumulativeTsn);
    const lastGapOffset = gapBlocks.length === 0 ? 0 : gapBlocks[gapBlocks.length - 1]!;
    if (advance + lastGapOffset > chunks.count) return undefined;
    let ackedBytes = 0;
    for (let step = 0; step < advance; step++) ackedBytes += this.#acknowledgeFirst();
    const hasAdvanced = advance > 0;
    if (lastGapOffset === 0) return { ackedBytes, hasAdvanced, hasLoss: false };

    const gaps = this.#acknowledgeGaps(cumulativeTsn, gapBlocks);
    ackedBytes += gaps.ackedBytes;
    const highestNewlyAcked = gaps.highestTsn ?? cumulativeTsn;
    const isRepairing = isInRecovery && hasAdvanced;
    const limitTsn = isRepairing ? addToTsn(cumulativeTsn, lastGapOffset) : highestNewlyAcked;
    const hasLoss = this.#countMisses(limitTsn, highestNewlyAcked, isRepairing, nowMs);
    return { ackedBytes, hasAdvanced, hasLoss };
  }

  /** T3 has expired: all that is in flight counts as lost (RFC 9260 §6.3.3, E3). */
  loseAll(nowMs: number): void {
    const { chunks } = this;
    const lastTsn = addToTsn(chunks.nextTsn, -1);
    // The first chunk cannot be known to have arrived, unless the peer has dropped it since.
    const hasReneged =
      chunks.count > 0 && chunks.state(chunks.slotOf(chunks.firstTsn)) === CHUNK_STATE.acked;
    for (let tsn = chunks.firstTsn; !isTsnAfter(tsn, lastTsn); tsn = addToTsn(tsn, 1)) {
      const slot = chunks.slotOf(tsn);
      const state = chunks.state(slot);
      if (state === CHUNK_STATE.inFlight) this.#lose(slot, tsn, nowMs);
      else if (state === CHUNK_STATE.acked && hasReneged) this.#markLost(slot, tsn);
    }
  }

  /** The lost chunk with the lowest TSN; only to be asked while `hasLost`. */
  get firstLostTsn(): Tsn {
    const { chunks } = this;
    let tsn = chunks.has(this.#firstLostTsn) ? this.#firstLostTsn : chunks.firstTsn;
    while (chunks.state(chunks.slotOf(tsn)) !== CHUNK_STATE.toRetransmit) tsn = addToTsn(tsn, 1);
    this.#firstLostTsn = tsn;
    return tsn;
  }

  /** A lost chunk goes out again. */
  markRetransmitted(slot: number): void {
    this.#lostCount--;
    this.chunks.markTransmitted(slot);
    this.#flightBytes += this.chunkBytes(slot);
  }

  /** Gives a TSN to the next `payloadBytes` of `message`, which go out now; returns the slot. */
  assign(message: OutgoingMessage, payloadBytes: number): number {
    const { chunks } = this;
    const tsn = chunks.nextTsn;
    if (message.sentBytes === 0) message.firstTsn = tsn;
    const slot = chunks.append(message, message.sentBytes, payloadBytes);
    message.lastTsn = tsn;
    message.stream.outstandingChunks++;
    chunks.markTransmitted(slot);
    this.#flightBytes += this.chunkBytes(slot);
    return slot;
  }

  /** True if `message` may not be (re)transmitted any more (RFC 3758 §4.1, RFC 7496 §4.2). */
  isOverdue(message: OutgoingMessage, nowMs: number): boolean {
    return this.#canForwardTsn && nowMs >= message.expiresAtMs;
  }

  /**
   * Gives a message up: all its chunks, and its unsent rest (RFC 3758 §3.5, A3). A message that was
   * not sent whole gets one more TSN, which is never sent: where all its fragments have been
   * acknowledged already, that is the only way to make the peer let go of them.
   */
  abandon(message: OutgoingMessage): void {
    const { chunks } = this;
    message.isAbandoned = true;
    this.#abandonedMessages++;
    if (!message.isFullySent) this.#closeUnfinished(message);
    // From fragment to fragment: between them may lie those of a thousand other messages.
    for (let tsn = message.lastTsn; chunks.has(tsn);) {
      const slot = chunks.slotOf(tsn);
      const state = chunks.state(slot);
      if (state === CHUNK_STATE.inFlight) this.#flightBytes -= this.chunkBytes(slot);
      else if (state === CHUNK_STATE.toRetransmit) this.#lostCount--;
      chunks.setState(slot, CHUNK_STATE.abandoned);
      if (tsn === message.firstTsn) break;
      tsn = chunks.previousTsn(slot);
    }
  }

  /** How far the peer may go on, and the last message skipped per stream (RFC 3758 §3.5, C1 to C3). */
  createForwardTsn(maxSkipped: number): ForwardTsnChunk {
    const { chunks } = this;
    const skipped = new Map<number, SkippedMessage>();
    let newCumulativeTsn = addToTsn(chunks.firstTsn, -1);
    for (let count = 0; count < chunks.count; count++) {
      const tsn = addToTsn(newCumulativeTsn, 1);
      const slot = chunks.slotOf(tsn);
      if (chunks.state(slot) !== CHUNK_STATE.abandoned) break;
      const { stream, isUnordered, sequence } = chunks.message(slot);
      const key = stream.id * 2 + (isUnordered ? 1 : 0);
      if (!skipped.has(key) && skipped.size >= maxSkipped) break; // The rest has to wait.
      skipped.set(key, { streamId: stream.id, isUnordered, sequence });
      newCumulativeTsn = tsn;
    }
    return { newCumulativeTsn, skipped: [...skipped.values()] };
  }

  #closeUnfinished(message: OutgoingMessage): void {
    const { chunks } = this;
    const tsn = chunks.nextTsn;
    const slot = chunks.append(message, 0, 0);
    message.stream.outstandingChunks++;
    this.#lostCount++; // `append` leaves it to be retransmitted; the loop in `abandon` takes that back.
    chunks.setState(slot, CHUNK_STATE.toRetransmit);
    message.lastTsn = tsn;
    this.#queue.discard(message);
  }

  #acknowledgeFirst(): number {
    const { chunks } = this;
    const slot = chunks.slotOf(chunks.firstTsn);
    const ackedBytes = this.#acknowledge(slot);
    chunks.message(slot).stream.outstandingChunks--;
    chunks.dropFirst();
    return ackedBytes;
  }

  /** Takes the chunk out of flight; returns its size if that is news. */
  #acknowledge(slot: number): number {
    const state = this.chunks.state(slot);
    if (state === CHUNK_STATE.acked || state === CHUNK_STATE.abandoned) return 0;
    const chunkBytes = this.chunkBytes(slot);
    if (state === CHUNK_STATE.inFlight) this.#flightBytes -= chunkBytes;
    else this.#lostCount--;
    return chunkBytes;
  }

  #acknowledgeGaps(
    cumulativeTsn: Tsn,
    gapBlocks: readonly number[],
  ): { readonly ackedBytes: number; readonly highestTsn: Tsn | undefined } {
    const { chunks } = this;
    let ackedBytes = 0;
    let highestTsn: Tsn | undefined;
    for (let block = 0; block < gapBlocks.length; block += 2) {
      const end = gapBlocks[block + 1]!;
      for (let offset = gapBlocks[block]!; offset <= end; offset++) {
        const tsn = addToTsn(cumulativeTsn, offset);
        const slot = chunks.slotOf(tsn);
        const newBytes = this.#acknowledge(slot);
        if (newBytes === 0) continue;
        chunks.setState(slot, CHUNK_STATE.acked);
        ackedBytes += newBytes;
        highestTsn = tsn;
      }
    }
    return { ackedBytes, highestTsn };
  }

  /**
   * RFC 9260 §7.2.4: chunks below the highest newly acknowledged TSN collect a miss; while repairing,
   * all that are reported missing do. A chunk that was retransmitted collects one only when something
   * first sent after it has arrived: so it may be retransmitted fast again, where the RFC waits for
   * T3, without being so for nothing.
   */
  #countMisses(
    limitTsn: Tsn,
    highestNewlyAcked: Tsn,
    isRepairing: boolean,
    nowMs: number,
  ): boolean {
    const { chunks } = this;
    let hasLoss = false;
    for (let tsn = chunks.firstTsn; isTsnAfter(limitTsn, tsn); tsn = addToTsn(tsn, 1)) {
      const slot = chunks.slotOf(tsn);
      if (chunks.state(slot) !== CHUNK_STATE.inFlight) continue;
      const isEvidence =
        !isTsnAfter(chunks.barrierTsn(slot), highestNewlyAcked) ||
        (isRepairing && chunks.transmits(slot) === 1);
      if (!isEvidence || chunks.addMiss(slot) < MISSES_UNTIL_LOST) continue;
      this.#lose(slot, tsn, nowMs);
      hasLoss = true;
    }
    return hasLoss;
  }

  #lose(slot: number, tsn: Tsn, nowMs: number): void {
    const message = this.chunks.message(slot);
    const isSpent = this.#canForwardTsn && this.chunks.transmits(slot) > message.maxRetransmits;
    if (isSpent || this.isOverdue(message, nowMs)) {
      this.abandon(message);
      return;
    }
    this.#flightBytes -= this.chunkBytes(slot);
    this.#markLost(slot, tsn);
  }

  #markLost(slot: number, tsn: Tsn): void {
    const isFirst = this.#lostCount === 0 || isTsnAfter(this.#firstLostTsn, tsn);
    if (isFirst) this.#firstLostTsn = tsn;
    this.#lostCount++;
    this.chunks.setState(slot, CHUNK_STATE.toRetransmit);
  }
}
