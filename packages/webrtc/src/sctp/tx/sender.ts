import { NEVER_AT_MS } from "../../base/endpoint.ts";
import type { Tsn } from "../../base/serial-number.ts";
import { addToTsn, isTsnAfter } from "../../base/serial-number.ts";
import {
  DATA_FLAG,
  DATA_HEADER_BYTES,
  createDataFields,
  writeDataHeader,
} from "../packet/data-chunk.ts";
import { encodeForwardTsnChunk } from "../packet/forward-tsn-chunk.ts";
import { I_DATA_HEADER_BYTES, writeIDataHeader } from "../packet/i-data-chunk.ts";
import { encodeIForwardTsnChunk } from "../packet/i-forward-tsn-chunk.ts";
import type { PacketWriter } from "../packet/packet-writer.ts";
import type { SackChunk } from "../packet/sack-chunk.ts";
import { COMMON_HEADER_BYTES } from "../packet/sctp-packet.ts";
import type { PeerLiveness } from "../peer-liveness.ts";
import type { CongestionControl } from "./congestion-control.ts";
import { CHUNK_STATE } from "./in-flight-chunks.ts";
import type { OutstandingOptions } from "./outstanding-data.ts";
import { OutstandingData } from "./outstanding-data.ts";
import type { OutgoingMessage } from "./outgoing-message.ts";
import type { RoundTripTimer } from "./round-trip-timer.ts";
import type { SendQueue } from "./send-queue.ts";

/** Fewer than the half circle of 16-bit numbers: every receiver can tell the order of what is under way. */
const MAX_OUTSTANDING_CHUNKS = 0x7fff;
/** Copying byte by byte beats a typed array's `set` up to about here. */
const SMALL_COPY_BYTES = 32;
const FORWARD_TSN_HEADER_BYTES = 8;

/** What a sender has to know from the start. */
export type SenderOptions = OutstandingOptions & {
  readonly maxPacketBytes: number;
  readonly maxBurstPackets: number;
  /** The receive window that the peer announced in its INIT or INIT ACK. */
  readonly peerWindowBytes: number;
};

/** Counters of a sender. */
export type SenderStats = {
  readonly sentChunks: number;
  readonly retransmittedChunks: number;
  readonly fastRecoveries: number;
  readonly timeouts: number;
  readonly ignoredSacks: number;
};

/** What a sender works with. */
export type SenderParts = {
  readonly queue: SendQueue;
  readonly congestion: CongestionControl;
  readonly roundTrip: RoundTripTimer;
  readonly liveness: PeerLiveness;
};

/**
 * The sending half of an association: puts chunks into packets as windows allow, and repairs what is
 * lost (RFC 9260 §6.1, §6.3, §7.2; RFC 3758 §3.5).
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #queue: SendQueue;
  readonly #congestion: CongestionControl;
  readonly #roundTrip: RoundTripTimer;
  readonly #liveness: PeerLiveness;
  readonly #outstanding: OutstandingData;
  readonly #fields = createDataFields();
  readonly #headerBytes: number;
  readonly #stats = {
    sentChunks: 0,
    retransmittedChunks: 0,
    fastRecoveries: 0,
    timeouts: 0,
    ignoredSacks: 0,
  };
  #maxPacketBytes: number;
  #peerWindowBytes: number;
  #t3AtMs = NEVER_AT_MS;
  #lastSentAtMs = 0;
  /** Packets that the present input may still release. */
  #burstPackets: number;
  /** The last TSN that was out when the current recovery began (RFC 9260 §7.2.4). */
  #recoveryExitTsn: Tsn | undefined;
  #isFastRetransmitDue = false;
  #isForwardTsnDue = false;
  /** One chunk per round trip is timed (RFC 9260 §6.3.1, C4). */
  #timedTsn: Tsn | undefined;
  #timedSinceMs = 0;
  #wantsPromptAcks = false;

  constructor(options: SenderOptions, parts: SenderParts) {
    this.#options = options;
    this.#queue = parts.queue;
    this.#congestion = parts.congestion;
    this.#roundTrip = parts.roundTrip;
    this.#liveness = parts.liveness;
    this.#outstanding = new OutstandingData(options, parts.queue);
    this.#headerBytes = options.isInterleaved ? I_DATA_HEADER_BYTES : DATA_HEADER_BYTES;
    this.#maxPacketBytes = options.maxPacketBytes;
    this.#peerWindowBytes = options.peerWindowBytes;
    this.#burstPackets = options.maxBurstPackets;
  }

  get stats(): SenderStats {
    return this.#stats;
  }

  get flightBytes(): number {
    return this.#outstanding.flightBytes;
  }

  get windowBytes(): number {
    return this.#congestion.windowBytes;
  }

  /** What the peer can take beyond what is in flight. */
  get peerWindowBytes(): number {
    return Math.max(0, this.#peerWindowBytes - this.#outstanding.flightBytes);
  }

  get abandonedMessages(): number {
    return this.#outstanding.abandonedMessages;
  }

  /** The TSN that the next chunk gets. */
  get nextTsn(): Tsn {
    return this.#outstanding.chunks.nextTsn;
  }

  /** The highest TSN up to which the peer has acknowledged everything. */
  get ackedTsn(): Tsn {
    return addToTsn(this.#outstanding.chunks.firstTsn, -1);
  }

  /** True if all that was queued was sent and acknowledged (RFC 9260 §9.2). */
  get isIdle(): boolean {
    return this.#queue.isEmpty && this.#outstanding.chunks.count === 0;
  }

  get nextTimeoutAtMs(): number {
    return this.#t3AtMs;
  }

  /**
   * A new input has come: it may release up to `maxBurstPackets` packets, and a SACK as many more as
   * it took off the path. Without those a SACK that stands for many packets could never fill the window.
   */
  beginBurst(): void {
    this.#burstPackets = Math.max(this.#burstPackets, this.#options.maxBurstPackets);
  }

  /** From here on every chunk asks to be acknowledged without delay (RFC 9260 §6.1: the I bit). */
  requestPromptAcks(): void {
    this.#wantsPromptAcks = true;
  }

  setMaxPacketBytes(maxPacketBytes: number): void {
    this.#maxPacketBytes = maxPacketBytes;
    this.#congestion.setMaxPacketBytes(chunkRoomOf(maxPacketBytes));
  }

  /** RFC 9260 §6.2.1. */
  handleSack(sack: SackChunk, nowMs: number): void {
    const wasWindowFull = this.#isWindowUsed;
    const wasInRecovery = this.#recoveryExitTsn !== undefined;
    const outcome = this.#outstanding.handleSack(sack, wasInRecovery, nowMs);
    if (!outcome) {
      this.#stats.ignoredSacks++;
      return;
    }
    const { ackedBytes, hasAdvanced, hasLoss } = outcome;
    this.#peerWindowBytes = sack.receiveWindowBytes;
    // A peer whose window is shut answers every probe without taking it: it is alive (§6.1, A).
    if (ackedBytes > 0 || hasAdvanced || sack.receiveWindowBytes === 0) this.#liveness.reset();
    this.#burstPackets += Math.ceil(ackedBytes / this.#maxPacketBytes);
    this.#takeRoundTripSample(nowMs);
    this.#congestion.handleAck({
      ackedBytes,
      hasAdvanced,
      wasWindowFull,
      isInRecovery: wasInRecovery,
    });
    this.#leaveRecovery(sack.cumulativeTsn);
    if (hasLoss) this.#enterRecovery();
    if (this.#outstanding.hasAbandonedFirst) this.#isForwardTsnDue = true;
    if (this.#outstanding.chunks.count === 0) this.#t3AtMs = NEVER_AT_MS;
    else if (hasAdvanced) this.#t3AtMs = nowMs + this.#roundTrip.rtoMs;
  }

  /** SHUTDOWN acknowledges as well, without a word on gaps or windows (RFC 9260 §9.2). */
  handleCumulativeAck(cumulativeTsn: Tsn, nowMs: number): void {
    const receiveWindowBytes = this.#peerWindowBytes;
    this.handleSack({ cumulativeTsn, receiveWindowBytes, gapBlocks: [], duplicateTsns: [] }, nowMs);
  }

  /** T3-rtx (RFC 9260 §6.3.3). */
  handleTimeout(nowMs: number): void {
    if (nowMs < this.#t3AtMs) return;
    this.#stats.timeouts++;
    this.#liveness.strike();
    this.#roundTrip.backOff();
    this.#retransmitAll(nowMs);
  }

  /** What T3 has found to be lost goes out again now, not when a timer that has backed off says so. */
  handlePathRestored(nowMs: number): void {
    if (this.#t3AtMs !== NEVER_AT_MS) this.#retransmitAll(nowMs);
  }

  #retransmitAll(nowMs: number): void {
    this.#congestion.handleTimeout();
    this.#outstanding.loseAll(nowMs);
    this.#recoveryExitTsn = undefined;
    this.#isFastRetransmitDue = false;
    this.#timedTsn = undefined;
    if (this.#outstanding.hasAbandonedFirst) this.#isForwardTsnDue = true;
    this.#t3AtMs = nowMs + this.#roundTrip.rtoMs;
  }

  /** True if `writeChunks` would write something into an empty packet. */
  hasWork(nowMs: number): boolean {
    if (this.#isForwardTsnDue) return true;
    if (this.#burstPackets <= 0) return false;
    if (this.#outstanding.hasLost) return this.#isFastRetransmitDue || this.#isWindowOpen;
    return this.#queue.peek(nowMs) !== undefined && this.#canSendNew(1);
  }

  /** Fills the packet with FORWARD TSN, retransmissions and new chunks, in this order (§6.1, C). */
  writeChunks(writer: PacketWriter, nowMs: number): void {
    if (this.#isForwardTsnDue) this.#writeForwardTsn(writer, nowMs);
    if (this.#burstPackets <= 0) return;
    const roomBytes = writer.roomBytes;
    this.#writeLost(writer, nowMs);
    if (!this.#outstanding.hasLost) this.#writeNew(writer, nowMs);
    if (writer.roomBytes !== roomBytes) {
      this.#burstPackets--;
      this.#lastSentAtMs = nowMs;
    }
  }

  #writeForwardTsn(writer: PacketWriter, nowMs: number): void {
    const entryBytes = this.#options.isInterleaved ? 8 : 4;
    const maxSkipped = Math.floor((writer.roomBytes - FORWARD_TSN_HEADER_BYTES) / entryBytes);
    if (maxSkipped < 1) return; // It goes into the next packet.
    this.#isForwardTsnDue = false;
    if (!this.#outstanding.hasAbandonedFirst) return;
    const chunk = this.#outstanding.createForwardTsn(maxSkipped);
    writer.append(
      this.#options.isInterleaved ? encodeIForwardTsnChunk(chunk) : encodeForwardTsnChunk(chunk),
    );
    this.#startT3(nowMs);
  }

  /** The first packet of a fast retransmit goes out whatever the window says (§7.2.4, step 3). */
  #writeLost(writer: PacketWriter, nowMs: number): void {
    const outstanding = this.#outstanding;
    const { chunks } = outstanding;
    const isExempt = this.#isFastRetransmitDue;
    while (outstanding.hasLost) {
      if (!isExempt && !this.#isWindowOpen) return;
      const tsn = outstanding.firstLostTsn;
      const slot = chunks.slotOf(tsn);
      const message = chunks.message(slot);
      if (outstanding.isOverdue(message, nowMs)) {
        this.#giveUp(message);
        continue;
      }
      if (!writer.isEmpty && outstanding.chunkBytes(slot) > writer.roomBytes) break;
      if (tsn === this.#timedTsn) this.#timedTsn = undefined; // Karn: its ack could mean either.
      if (isExempt && tsn === chunks.firstTsn) this.#t3AtMs = NEVER_AT_MS; // Starts anew: §7.2.4, step 4.
      outstanding.markRetransmitted(slot);
      this.#stats.retransmittedChunks++;
      this.#writeChunk(writer, slot, tsn, nowMs);
    }
    this.#isFastRetransmitDue = false;
  }

  #writeNew(writer: PacketWriter, nowMs: number): void {
    const outstanding = this.#outstanding;
    let message = this.#queue.peek(nowMs);
    if (message && outstanding.chunks.count === 0) this.#noteIdleTime(nowMs);
    for (; message; message = this.#queue.peek(nowMs)) {
      if (message.sentBytes > 0 && outstanding.isOverdue(message, nowMs)) {
        this.#giveUp(message);
        continue;
      }
      const roomBytes = writer.roomBytes - this.#headerBytes;
      const payloadBytes = this.#queue.fragmentBytes(message, roomBytes, writer.isEmpty);
      if (payloadBytes <= 0 || !this.#canSendNew(payloadBytes)) return;
      const tsn = outstanding.chunks.nextTsn;
      const slot = outstanding.assign(message, payloadBytes);
      this.#queue.advance(message, payloadBytes);
      if (this.#timedTsn === undefined) {
        this.#timedTsn = tsn;
        this.#timedSinceMs = nowMs;
      }
      this.#stats.sentChunks++;
      this.#writeChunk(writer, slot, tsn, nowMs);
    }
  }

  #writeChunk(writer: PacketWriter, slot: number, tsn: Tsn, nowMs: number): void {
    const { chunks } = this.#outstanding;
    const message = chunks.message(slot);
    const start = chunks.payloadStart(slot);
    const payloadBytes = chunks.payloadBytes(slot);
    const offset = writer.reserve(this.#headerBytes + payloadBytes);
    const fields = this.#fields;
    fields.tsn = tsn;
    fields.streamId = message.stream.id;
    fields.sequence = message.sequence;
    fields.ppid = message.ppid;
    fields.fragmentIndex = chunks.fragmentIndex(slot);
    fields.payloadStart = offset + this.#headerBytes;
    fields.payloadEnd = fields.payloadStart + payloadBytes;
    fields.flags = this.#flagsOf(message, start, payloadBytes);
    if (this.#options.isInterleaved) writeIDataHeader(writer.bytes, offset, fields);
    else writeDataHeader(writer.bytes, offset, fields);
    copyPayload(message.payload, start, payloadBytes, writer.bytes, fields.payloadStart);
    this.#startT3(nowMs);
  }

  #flagsOf(message: OutgoingMessage, start: number, payloadBytes: number): number {
    let flags = message.isUnordered ? DATA_FLAG.unordered : 0;
    if (start === 0) flags |= DATA_FLAG.begin;
    if (start + payloadBytes === message.payload.byteLength) flags |= DATA_FLAG.end;
    const isUrgent =
      this.#wantsPromptAcks ||
      message.stream.resetState !== "none" ||
      this.#congestion.windowBytes <= 2 * this.#maxPacketBytes;
    return isUrgent ? flags | DATA_FLAG.immediate : flags;
  }

  #giveUp(message: OutgoingMessage): void {
    this.#outstanding.abandon(message);
    this.#forgetTimedIfAbandoned();
    if (this.#outstanding.hasAbandonedFirst) this.#isForwardTsnDue = true;
  }

  /**
   * The window counts as used (RFC 9260 §7.2.1) when it is full, or half full with more data waiting:
   * the burst limit, which is no sign of the path, keeps it from being filled at once then.
   */
  get #isWindowUsed(): boolean {
    const { flightBytes } = this.#outstanding;
    const { windowBytes } = this.#congestion;
    if (flightBytes + this.#maxPacketBytes > windowBytes) return true;
    return !this.#queue.isEmpty && flightBytes * 2 >= windowBytes;
  }

  get #isWindowOpen(): boolean {
    return this.#outstanding.flightBytes < this.#congestion.windowBytes;
  }

  /** §6.1, A and B: an empty path may always carry one chunk, which probes a shut window. */
  #canSendNew(payloadBytes: number): boolean {
    const { flightBytes, chunks } = this.#outstanding;
    if (!this.#isWindowOpen || chunks.count >= MAX_OUTSTANDING_CHUNKS) return false;
    const chunkBytes = payloadBytes + this.#headerBytes;
    return flightBytes + chunkBytes <= this.#peerWindowBytes || flightBytes === 0;
  }

  #takeRoundTripSample(nowMs: number): void {
    this.#forgetTimedIfAbandoned();
    const tsn = this.#timedTsn;
    if (tsn === undefined) return;
    const { chunks } = this.#outstanding;
    if (chunks.has(tsn) && chunks.state(chunks.slotOf(tsn)) !== CHUNK_STATE.acked) return;
    this.#timedTsn = undefined;
    this.#roundTrip.handleSample(nowMs - this.#timedSinceMs);
  }

  #forgetTimedIfAbandoned(): void {
    const tsn = this.#timedTsn;
    const { chunks } = this.#outstanding;
    if (tsn === undefined || !chunks.has(tsn)) return;
    if (chunks.message(chunks.slotOf(tsn)).isAbandoned) this.#timedTsn = undefined;
  }

  #enterRecovery(): void {
    if (this.#recoveryExitTsn !== undefined) return;
    this.#stats.fastRecoveries++;
    this.#congestion.handleLoss();
    this.#recoveryExitTsn = addToTsn(this.#outstanding.chunks.nextTsn, -1);
    this.#isFastRetransmitDue = true;
  }

  #leaveRecovery(cumulativeTsn: Tsn): void {
    const exitTsn = this.#recoveryExitTsn;
    if (exitTsn !== undefined && !isTsnAfter(exitTsn, cumulativeTsn))
      this.#recoveryExitTsn = undefined;
  }

  #noteIdleTime(nowMs: number): void {
    const idleRtos = Math.floor((nowMs - this.#lastSentAtMs) / this.#roundTrip.rtoMs);
    if (this.#lastSentAtMs > 0 && idleRtos > 0) this.#congestion.handleIdle(Math.min(idleRtos, 64));
  }

  #startT3(nowMs: number): void {
    if (this.#t3AtMs === NEVER_AT_MS) this.#t3AtMs = nowMs + this.#roundTrip.rtoMs;
  }
}

/** What a packet holds besides its header: windows count chunks, not packets. */
export function chunkRoomOf(maxPacketBytes: number): number {
  return (maxPacketBytes & ~3) - COMMON_HEADER_BYTES;
}

function copyPayload(
  source: Uint8Array,
  start: number,
  byteCount: number,
  target: Uint8Array,
  offset: number,
): void {
  if (byteCount <= SMALL_COPY_BYTES) {
    for (let index = 0; index < byteCount; index++) target[offset + index] = source[start + index]!;
  } else if (byteCount === source.byteLength) {
    target.set(source, offset);
  } else {
    target.set(source.subarray(start, start + byteCount), offset);
  }
}
