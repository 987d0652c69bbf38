import type { Queue } from "../../base/queue.ts";
import type { Tsn } from "../../base/serial-number.ts";
import { addToTsn } from "../../base/serial-number.ts";
import type { DataFields } from "../packet/data-chunk.ts";
import { DATA_FLAG } from "../packet/data-chunk.ts";
import type { ForwardTsnChunk } from "../packet/forward-tsn-chunk.ts";
import type { PacketWriter } from "../packet/packet-writer.ts";
import type { SackChunk } from "../packet/sack-chunk.ts";
import { maxGapBlocks, sackBytes, writeSackChunk } from "../packet/sack-chunk.ts";
import type { SctpEvent } from "../sctp-events.ts";
import { AckPolicy } from "./ack-policy.ts";
import { Reassembly } from "./reassembly.ts";
import { ReceivedTsns } from "./received-tsns.ts";

/** Room left beside the gap blocks for the duplicates that are told at most. */
const MAX_DUPLICATES_BYTES = 64;
const NO_GAPS: readonly number[] = [];

/** What a receiver has to know from the start. */
export type ReceiverOptions = {
  readonly initialTsn: Tsn;
  readonly isInterleaved: boolean;
  readonly receiveWindowBytes: number;
  readonly delayedAckMs: number;
};

/** What became of a chunk: all is well, the peer broke a rule, or memory is exhausted. */
export type ReceiveOutcome = "taken" | "dropped" | "invalidStream" | "noUserData" | "exhausted";

/**
 * The receiving half of an association: TSNs, reassembly, and the SACKs that tell of them
 * (RFC 9260 §6.2, §6.5 to §6.7).
 */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #tsns: ReceivedTsns;
  readonly #reassembly: Reassembly;
  readonly #acks: AckPolicy;
  #maxStreams: number;
  #unreadBytes = 0;
  #announcedWindowBytes: number;
  #hasDataInPacket = false;
  #isUrgent = false;
  #duplicateCount = 0;
  #droppedCount = 0;

  /** `maxStreams`: streams that the peer may use. */
  constructor(options: ReceiverOptions, maxStreams: number, events: Queue<SctpEvent>) {
    this.#options = options;
    this.#tsns = new ReceivedTsns(options.initialTsn);
    this.#reassembly = new Reassembly(options.isInterleaved, events);
    this.#acks = new AckPolicy(options.delayedAckMs);
    this.#maxStreams = maxStreams;
    this.#announcedWindowBytes = options.receiveWindowBytes;
  }

  get cumulativeTsn(): Tsn {
    return this.#tsns.cumulativeTsn;
  }

  get maxStreams(): number {
    return this.#maxStreams;
  }

  /** Chunks that came again. */
  get duplicateCount(): number {
    return this.#duplicateCount;
  }

  /** Chunks that were refused: beyond the window, or too many holes. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Messages delivered so far. */
  get messageCount(): number {
    return this.#reassembly.deliveredCount;
  }

  /** Bytes that wait for reassembly or for their turn. */
  get heldBytes(): number {
    return this.#reassembly.heldBytes;
  }

  /** True if a SACK has to go out now. */
  get isAckDue(): boolean {
    return this.#acks.isDue;
  }

  /** True if a SACK would tell something new, so that it may ride along with data. */
  get isAckPending(): boolean {
    return this.#acks.isPending;
  }

  get nextTimeoutAtMs(): number {
    return this.#acks.dueAtMs;
  }

  handleTimeout(nowMs: number): void {
    this.#acks.handleTimeout(nowMs);
  }

  /** Takes in one DATA or I-DATA chunk of `packet`, which belongs to the receiver from here on. */
  handleData(packet: Uint8Array, fields: DataFields): ReceiveOutcome {
    const payloadBytes = fields.payloadEnd - fields.payloadStart;
    if (payloadBytes === 0) return "noUserData";
    this.#hasDataInPacket = true;
    if ((fields.flags & DATA_FLAG.immediate) !== 0) this.#isUrgent = true;
    const place = this.#tsns.placeOf(fields.tsn);
    if (place !== "new") return this.#refuse(place, fields.tsn);
    if (fields.streamId >= this.#maxStreams) {
      this.#tsns.record(fields.tsn);
      return "invalidStream";
    }
    if (!this.#canHold(payloadBytes)) {
      // The next chunk in line may exceed the window, or a full window could never empty itself.
      if (fields.tsn !== addToTsn(this.#tsns.cumulativeTsn, 1))
        return this.#refuse("tooFar", fields.tsn);
      if (this.#reassembly.heldBytes >= 2 * this.#options.receiveWindowBytes) return "exhausted";
    }
    this.#tsns.record(fields.tsn);
    this.#reassembly.handleChunk(packet, fields);
    return "taken";
  }

  /**
   * All chunks of a packet were handled: decides whether to acknowledge at once (RFC 9260 §6.2).
   * True if there was data in it.
   */
  handlePacketEnd(nowMs: number): boolean {
    if (!this.#hasDataInPacket) return false;
    const isUrgent = this.#isUrgent || this.#tsns.hasGaps || this.#tsns.hasDuplicates;
    this.#acks.handleDataPacket(isUrgent, nowMs);
    this.#hasDataInPacket = false;
    this.#isUrgent = false;
    return true;
  }

  /** FORWARD TSN or I-FORWARD-TSN (RFC 3758 §3.6, RFC 8260 §2.3.1). */
  handleForwardTsn(chunk: ForwardTsnChunk): void {
    this.#acks.requestNow();
    if (this.#tsns.skipTo(chunk.newCumulativeTsn)) this.#reassembly.skip(chunk);
  }

  /** These outgoing streams of the peer start anew; none given: all (RFC 6525 §5.2.2). */
  resetStreams(streamIds: readonly number[]): void {
    this.#reassembly.resetStreams(streamIds);
  }

  /** The peer was allowed more streams (RFC 6525 §5.2.5). */
  addStreams(count: number): void {
    this.#maxStreams += count;
  }

  /** Delivered bytes that the application has not taken yet: they narrow the announced window. */
  setUnreadBytes(byteCount: number): void {
    this.#unreadBytes = byteCount;
    const isOpening =
      this.#announcedWindowBytes < this.#options.receiveWindowBytes / 4 &&
      this.#windowBytes >= this.#options.receiveWindowBytes / 2;
    if (isOpening) this.#acks.requestNow();
  }

  /** Makes a SACK due at once. */
  requestAck(): void {
    this.#acks.requestNow();
  }

  /** Adds a SACK to the packet if it fits (RFC 9260 §6.2). */
  writeSack(writer: PacketWriter): void {
    const chunk = this.#createSack(writer.roomBytes - MAX_DUPLICATES_BYTES);
    const neededBytes = sackBytes(chunk);
    if (neededBytes > writer.roomBytes) return;
    const offset = writer.reserve(neededBytes);
    writeSackChunk(writer.bytes, offset, chunk);
    this.#announcedWindowBytes = chunk.receiveWindowBytes;
    this.#acks.markSent();
  }

  #createSack(roomBytes: number): SackChunk {
    return {
      cumulativeTsn: this.#tsns.cumulativeTsn,
      receiveWindowBytes: this.#windowBytes,
      gapBlocks: this.#tsns.hasGaps ? this.#tsns.gapBlocks(maxGapBlocks(roomBytes)) : NO_GAPS,
      duplicateTsns: this.#tsns.takeDuplicates(),
    };
  }

  get #windowBytes(): number {
    const takenBytes = this.#reassembly.heldBytes + this.#unreadBytes;
    return Math.max(0, this.#options.receiveWindowBytes - takenBytes);
  }

  #canHold(payloadBytes: number): boolean {
    const heldBytes = this.#reassembly.heldBytes + this.#reassembly.costOf(payloadBytes);
    return heldBytes <= this.#options.receiveWindowBytes && this.#reassembly.hasRoom;
  }

  #refuse(place: "duplicate" | "tooFar", tsn: Tsn): ReceiveOutcome {
    if (place === "duplicate") {
      this.#duplicateCount++;
      this.#tsns.noteDuplicate(tsn);
    } else {
      this.#droppedCount++;
      this.#isUrgent = true;
    }
    return "dropped";
  }
}
