import { readUint32, roundUpTo4 } from "../base/bytes.ts";
import type { Endpoint } from "../base/endpoint.ts";
import { ProtocolFailure, UsageError, WireFormatError } from "../base/errors.ts";
import { Queue } from "../base/queue.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";
import type { Abortion } from "./association-failures.ts";
import * as failures from "./association-failures.ts";
import type { AssociationOptions } from "./association-options.ts";
import { DEFAULT_ASSOCIATION_OPTIONS } from "./association-options.ts";
import type { AssociationState } from "./association-state.ts";
import { nextTimeoutOf, transferOf } from "./association-state.ts";
import type { AssociationStats } from "./association-stats.ts";
import { collectStats, createCounters } from "./association-stats.ts";
import type { DataTransfer } from "./data-transfer.ts";
import type { HandshakeStep } from "./handshake-procedure.ts";
import { HandshakeProcedure } from "./handshake-procedure.ts";
import { CHUNK_TYPE, chunkEnd, unknownChunkAction } from "./packet/chunk.ts";
import type { ErrorCause } from "./packet/error-cause.ts";
import { CAUSE_CODE, reasonCause, unrecognizedChunkCause } from "./packet/error-cause.ts";
import { decodeErrorCauses, encodeAbortChunk, encodeErrorChunk } from "./packet/error-chunk.ts";
import { COMMON_HEADER_BYTES, checkPacketBytes } from "./packet/sctp-packet.ts";
import { Outbox } from "./outbox.ts";
import { isForeignPacket } from "./packet-gate.ts";
import { encodeShutdownCompleteChunk } from "./packet/shutdown-chunk.ts";
import type { SctpEvent } from "./sctp-events.ts";
import * as shutdown from "./shutdown.ts";
import type { MessageToSend } from "./tx/outgoing-message.ts";
import { SendQueue } from "./tx/send-queue.ts";

const CLOSED: AssociationState = { name: "closed", hasEnded: false };
const ENDED: AssociationState = { name: "closed", hasEnded: true };

/**
 * One SCTP association over DTLS (RFC 9260, RFC 8261): messages on numbered streams, reliable or not.
 *
 * Both ends call `connect`, as WebRTC has it, or only one does: an association answers an INIT in any
 * case. Commands and `handle…` methods take the time and change the state; then `pollTransmit` gives
 * the packets and `pollEvent` tells what happened, until both return `undefined`. `sent` events come
 * into being in `pollTransmit`, so events are to be polled after the packets too.
 */
export class SctpAssociation implements Endpoint<Uint8Array, SctpEvent> {
  readonly #options: AssociationOptions;
  readonly #handshake: HandshakeProcedure;
  readonly #queue: SendQueue;
  readonly #events = new Queue<SctpEvent>();
  readonly #outbox: Outbox;
  readonly #counters = createCounters();
  #state: AssociationState = CLOSED;
  #finalStats: AssociationStats | undefined;
  #nowMs = 0;

  /** What `options` leaves out is as in `DEFAULT_ASSOCIATION_OPTIONS`. */
  constructor(options: Partial<AssociationOptions>, crypto: CryptoPort) {
    this.#options = { ...DEFAULT_ASSOCIATION_OPTIONS, ...options };
    this.#queue = new SendQueue(this.#options.maxBufferedBytes);
    this.#outbox = new Outbox(this.#options);
    this.#handshake = new HandshakeProcedure({
      options: this.#options,
      crypto,
      queue: this.#queue,
      events: this.#events,
      outbox: this.#outbox,
    });
  }

  get state(): AssociationState["name"] {
    return this.#state.name;
  }

  /** A snapshot; costs an object. After the end, what it was then. */
  get stats(): AssociationStats {
    const { maxPacketBytes } = this.#outbox;
    return (
      this.#finalStats ?? collectStats(this.#counters, transferOf(this.#state), maxPacketBytes)
    );
  }

  get nextTimeoutAtMs(): number {
    return nextTimeoutOf(this.#state);
  }

  /** Sends INIT (RFC 9260 §5.1, A). Does nothing unless the association is closed and never was open. */
  connect(nowMs: number): void {
    if (this.#state.name !== "closed" || this.#state.hasEnded) return;
    this.#nowMs = nowMs;
    this.#state = this.#handshake.connect(nowMs);
  }

  /**
   * Queues a message; never blocks. False, and nothing is queued, if `maxBufferedBytes` would be
   * exceeded or the association has ended. Throws `UsageError` for an empty payload or a stream that
   * was not negotiated.
   */
  send(message: MessageToSend, nowMs: number): boolean {
    this.#begin(nowMs);
    switch (this.#state.name) {
      case "closed":
        if (this.#state.hasEnded) return false;
        break;
      case "established":
        this.#checkStream(message.streamId, this.#state.transfer);
        break;
      case "cookieWait":
      case "cookieEchoed":
        break;
      default:
        return false; // §9.2: nothing new is accepted while shutting down.
    }
    return this.#queue.push(message, nowMs);
  }

  /** Payload bytes on the stream that were not sent for the first time. */
  bufferedBytes(streamId: number): number {
    return this.#queue.bufferedBytes(streamId);
  }

  /**
   * Resets the outgoing stream once what is queued on it was sent and acknowledged (RFC 6525,
   * RFC 8831 §6.7); `streamResetDone` tells. What is sent on it from now on waits for that.
   */
  resetStream(streamId: number, nowMs: number): void {
    if (this.#state.name === "closed" && this.#state.hasEnded) return;
    this.#begin(nowMs);
    this.#queue.beginReset(streamId);
    if (this.#state.name === "established") this.#state.transfer.streamReset.handleProgress(nowMs);
  }

  /** Ends the association once everything that is queued was acknowledged (RFC 9260 §9.2). */
  shutdown(nowMs: number): void {
    this.#begin(nowMs);
    if (this.#state.name === "established") {
      this.#state = shutdown.beginShutdown(this.#state);
      this.#advanceShutdown();
    } else if (this.#state.name === "cookieWait" || this.#state.name === "cookieEchoed") {
      this.abort("closed before it was established", nowMs);
    } else if (this.#state.name === "closed" && !this.#state.hasEnded) {
      this.#end();
    }
  }

  /** Ends the association at once; `reason` is what the peer is told (RFC 9260 §9.1). */
  abort(reason: string, nowMs: number): void {
    if (this.#state.name === "closed" && this.#state.hasEnded) return;
    this.#begin(nowMs);
    this.#abort({ cause: reasonCause(CAUSE_CODE.userInitiatedAbort, reason) });
  }

  /** The path carries packets of this size from now on, SCTP header included. */
  setMaxPacketBytes(bytes: number): void {
    this.#outbox.maxPacketBytes = bytes;
    transferOf(this.#state)?.sender.setMaxPacketBytes(bytes);
  }

  /** Delivered payload that the application has not taken yet: it narrows the announced window. */
  setUnreadBytes(byteCount: number, nowMs: number): void {
    this.#begin(nowMs);
    transferOf(this.#state)?.receiver.setUnreadBytes(byteCount);
  }

  /** One decrypted SCTP packet, which belongs to the association from here on. Never throws for what is in it. */
  handlePacket(bytes: Uint8Array, nowMs: number): void {
    this.#begin(nowMs);
    this.#counters.packetsReceived++;
    this.#counters.bytesReceived += bytes.byteLength;
    try {
      checkPacketBytes(bytes);
      if (isForeignPacket(bytes, this.#state, this.#options)) this.#counters.foreignPackets++;
      else this.#handleChunks(bytes);
    } catch (error) {
      if (!(error instanceof WireFormatError)) throw error;
      this.#counters.malformedPackets++;
    }
    const transfer = transferOf(this.#state);
    if (!transfer) return;
    if (transfer.handlePacketEnd(nowMs)) shutdown.repeatShutdown(this.#state, nowMs);
    this.#advanceShutdown();
  }

  /** The path below was broken and works again, or another has taken its place. */
  handlePathRestored(nowMs: number): void {
    this.#begin(nowMs);
    const state = this.#state;
    if (state.name === "cookieWait" || state.name === "cookieEchoed") state.t1.hasten(nowMs);
    transferOf(state)?.handlePathRestored(nowMs);
  }

  handleTimeout(nowMs: number): void {
    this.#begin(nowMs);
    const state = this.#state;
    if (state.name === "cookieWait" || state.name === "cookieEchoed") {
      this.#apply(this.#handshake.handleTimeout(state, this.#counters.packetsReceived, nowMs));
    }
    const step = shutdown.handleShutdownTimeout(this.#state, nowMs);
    if (step === "exhausted") this.#abort(failures.shutdownTimedOut());
    const transfer = transferOf(this.#state);
    if (!transfer) return;
    transfer.handleTimeout(nowMs);
    if (transfer.liveness.isDead && this.#state.name !== "cookieEchoed") {
      this.#abort(failures.peerUnreachable(transfer));
    }
  }

  pollTransmit(): Uint8Array | undefined {
    const packet = this.#outbox.shift() ?? this.#buildPacket() ?? this.#buildLastPacket();
    if (packet) {
      this.#counters.packetsSent++;
      this.#counters.bytesSent += packet.byteLength;
    }
    return packet;
  }

  pollEvent(): SctpEvent | undefined {
    const event = this.#events.shift();
    if (event) return event;
    const stream = this.#queue.takeUnreported();
    if (!stream) return undefined;
    const bytes = stream.unreportedBytes;
    stream.unreportedBytes = 0;
    return { kind: "sent", streamId: stream.id, bytes };
  }

  #begin(nowMs: number): void {
    this.#nowMs = nowMs;
    transferOf(this.#state)?.sender.beginBurst();
  }

  #checkStream(streamId: number, { agreement }: DataTransfer): void {
    if (streamId < agreement.maxOutgoingStreams) return;
    const limit = agreement.maxOutgoingStreams;
    throw new UsageError("ERR_RANGE", `stream ${streamId}: the peer accepts ${limit} streams`);
  }

  // --- outgoing packets

  #buildPacket(): Uint8Array | undefined {
    const state = this.#state;
    if (state.name === "closed" || state.name === "cookieWait") return undefined;
    if (state.name !== "cookieEchoed") {
      return this.#outbox.fill(state.transfer, undefined, this.#nowMs);
    }
    if (!state.isEchoDue) return undefined; // §5.1, C: one packet until the COOKIE ACK.
    this.#state = { ...state, isEchoDue: false };
    return this.#outbox.fill(state.transfer, state.cookie, this.#nowMs);
  }

  /** Where the last messages have expired instead of being sent, the shutdown goes on from here. */
  #buildLastPacket(): Uint8Array | undefined {
    const before = this.#state;
    this.#advanceShutdown();
    return this.#state === before ? undefined : this.#buildPacket();
  }

  // --- incoming packets

  #handleChunks(packet: Uint8Array): void {
    transferOf(this.#state)?.heartbeat.noteHeard(this.#nowMs);
    const packetEnd = packet.byteLength;
    for (let start = COMMON_HEADER_BYTES; start < packetEnd;) {
      const end = chunkEnd(packet, start, packetEnd);
      const type = packet[start]!;
      if (this.#state.name === "cookieEchoed" && impliesCookieAck(type)) {
        this.#state = this.#handshake.handleCookieAck(this.#state, this.#nowMs);
      }
      const transfer = transferOf(this.#state);
      if (transfer && (type === CHUNK_TYPE.data || type === CHUNK_TYPE.iData)) {
        this.#handleData(transfer, packet, start, end);
      } else if (transfer && type === CHUNK_TYPE.sack) {
        transfer.handleSack(packet, start, end, this.#nowMs);
      } else if (!this.#handleControl(packet.subarray(start, end), packet)) {
        return;
      }
      start += roundUpTo4(end - start);
    }
  }

  #handleData(transfer: DataTransfer, packet: Uint8Array, start: number, end: number): void {
    const isIData = packet[start] === CHUNK_TYPE.iData;
    if (isIData !== transfer.agreement.isInterleaved) {
      this.#abort(failures.wrongDataKind(isIData));
      return;
    }
    const outcome = transfer.handleData(packet, start, end);
    if (outcome === "noUserData") this.#abort(failures.noUserData(readUint32(packet, start + 4)));
    else if (outcome === "exhausted") {
      this.#abort(failures.windowExhausted(transfer.receiver.heldBytes));
    }
  }

  /** False if the rest of the packet is not to be looked at. */
  #handleControl(chunk: Uint8Array, packet: Uint8Array): boolean {
    const transfer = transferOf(this.#state);
    switch (chunk[0]) {
      case CHUNK_TYPE.init:
        this.#handshake.handleInit(this.#state, chunk, packet.byteLength, this.#nowMs);
        return false;
      case CHUNK_TYPE.initAck:
        this.#apply(this.#handshake.handleInitAck(this.#state, chunk, this.#nowMs));
        return false;
      case CHUNK_TYPE.cookieEcho:
        return this.#handleCookieEcho(chunk, readUint32(packet, 4));
      case CHUNK_TYPE.cookieAck:
        this.#state = this.#handshake.handleCookieAck(this.#state, this.#nowMs);
        return true;
      case CHUNK_TYPE.heartbeat:
        transfer?.heartbeat.handleHeartbeat(chunk);
        return true;
      case CHUNK_TYPE.heartbeatAck:
        transfer?.heartbeat.handleHeartbeatAck(chunk, this.#nowMs);
        return true;
      case CHUNK_TYPE.abort:
        this.#end(failures.peerAborted(decodeErrorCauses(chunk)));
        return false;
      case CHUNK_TYPE.error:
        this.#handleError(decodeErrorCauses(chunk));
        return true;
      case CHUNK_TYPE.shutdown:
        this.#state = shutdown.handleShutdown(this.#state, chunk, this.#options, this.#nowMs);
        return true;
      case CHUNK_TYPE.shutdownAck:
        this.#handleShutdownAck();
        return false;
      case CHUNK_TYPE.shutdownComplete:
        if (this.#state.name === "shutdownAckSent") this.#end();
        return false;
      case CHUNK_TYPE.reConfig:
        transfer?.handleReConfig(chunk, this.#nowMs);
        return true;
      case CHUNK_TYPE.forwardTsn:
      case CHUNK_TYPE.iForwardTsn:
        return this.#handleForwardTsn(chunk);
      case CHUNK_TYPE.data:
      case CHUNK_TYPE.iData:
      case CHUNK_TYPE.sack:
        return false; // There is no association that they could belong to.
      default:
        return this.#handleUnknown(chunk);
    }
  }

  #handleCookieEcho(chunk: Uint8Array, tag: number): boolean {
    const step = this.#handshake.handleCookieEcho(this.#state, chunk, tag, this.#nowMs);
    if (step) this.#apply(step);
    else this.#counters.refusedCookies++;
    return step !== undefined;
  }

  #handleForwardTsn(chunk: Uint8Array): boolean {
    const transfer = transferOf(this.#state);
    const isInterleaved = chunk[0] === CHUNK_TYPE.iForwardTsn;
    if (transfer?.agreement.isInterleaved === isInterleaved) transfer.handleForwardTsn(chunk);
    return true;
  }

  #handleUnknown(chunk: Uint8Array): boolean {
    const { shouldContinue, shouldReport } = unknownChunkAction(chunk[0]!);
    const fits = chunk.byteLength + COMMON_HEADER_BYTES + 8 <= this.#outbox.maxPacketBytes;
    if (shouldReport && fits) {
      transferOf(this.#state)?.control.push(encodeErrorChunk([unrecognizedChunkCause(chunk)]));
    }
    return shouldContinue;
  }

  // --- the end (RFC 9260 §9)

  #handleError(causes: readonly ErrorCause[]): void {
    const isAgainstCookie = causes.some(({ type }) => type === CAUSE_CODE.staleCookie);
    if (this.#state.name === "cookieEchoed" && isAgainstCookie) {
      this.#end(failures.handshakeRefused(causes));
    }
  }

  #advanceShutdown(): void {
    this.#state = shutdown.advanceShutdown(this.#state, this.#options, this.#nowMs);
  }

  #handleShutdownAck(): void {
    const state = this.#state;
    if (state.name !== "shutdownSent" && state.name !== "shutdownAckSent") return;
    const verificationTag = state.transfer.peer.verificationTag;
    this.#outbox.push({ verificationTag, chunk: encodeShutdownCompleteChunk(false) });
    this.#end();
  }

  #abort({ cause, failure }: Pick<Abortion, "cause"> & Partial<Abortion>): void {
    const verificationTag = transferOf(this.#state)?.peer.verificationTag;
    if (verificationTag !== undefined) {
      this.#outbox.clear();
      this.#outbox.push({ verificationTag, chunk: encodeAbortChunk([cause], false) });
    }
    this.#end(failure);
  }

  #apply(step: HandshakeStep): void {
    if (step instanceof ProtocolFailure) this.#end(step);
    else this.#state = step;
  }

  #end(failure?: ProtocolFailure): void {
    this.#finalStats = this.stats;
    this.#state = ENDED;
    this.#queue.clear();
    this.#events.push(failure ? { kind: "closed", failure } : { kind: "closed" });
  }
}

/**
 * True if the peer can have sent such a chunk only after it took our cookie: the COOKIE ACK was lost
 * or overtaken. Taken in before the association is up, data would be acknowledged and lost.
 */
function impliesCookieAck(type: number): boolean {
  return type === CHUNK_TYPE.data || type === CHUNK_TYPE.iData || type === CHUNK_TYPE.sack;
}
