import { roundUpTo4 } from "../base/bytes.ts";
import type { ProtocolFailure } from "../base/errors.ts";
import type { Queue } from "../base/queue.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";
import { handshakeTimedOut, initAckUnusable, peerRestarted } from "./association-failures.ts";
import type { AssociationOptions } from "./association-options.ts";
import type { AssociationState } from "./association-state.ts";
import { transferOf } from "./association-state.ts";
import { BackoffTimer } from "./backoff-timer.ts";
import { DataTransfer } from "./data-transfer.ts";
import { HandshakeAnswers } from "./handshake-answers.ts";
import type { LocalHalf, PeerHalf } from "./handshake.ts";
import { agree, createInit, createLocalHalf, isUsableInit, toPeerHalf } from "./handshake.ts";
import type { Outbox } from "./outbox.ts";
import { decodeCookieEchoChunk, encodeCookieAckChunk } from "./packet/cookie-chunk.ts";
import { decodeInitChunk, encodeInitChunk } from "./packet/init-chunk.ts";
import { COMMON_HEADER_BYTES } from "./packet/sctp-packet.ts";
import type { SctpEvent } from "./sctp-events.ts";
import type { SendQueue } from "./tx/send-queue.ts";

/** What the procedure works with. */
export type HandshakeParts = {
  readonly options: AssociationOptions;
  readonly crypto: CryptoPort;
  readonly queue: SendQueue;
  readonly events: Queue<SctpEvent>;
  readonly outbox: Outbox;
};

/** The next state, or the reason why there is none. */
export type HandshakeStep = AssociationState | ProtocolFailure;

type Connecting = Extract<AssociationState, { name: "cookieWait" | "cookieEchoed" }>;

/**
 * How an association comes into being (RFC 9260 §5):
 *
 *   closed --connect, INIT--> cookieWait --INIT ACK arrives, COOKIE ECHO--> cookieEchoed
 *   cookieEchoed --COOKIE ACK arrives--> established
 *   any of these --valid COOKIE ECHO arrives, COOKIE ACK--> established
 *
 * Every method takes the state and returns the next one.
 */
export class HandshakeProcedure {
  readonly #parts: HandshakeParts;
  readonly #answers: HandshakeAnswers;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
    this.#answers = new HandshakeAnswers(parts.options, parts.crypto);
  }

  /** §5.1, A. */
  connect(nowMs: number): AssociationState {
    const local = createLocalHalf(this.#parts.crypto.random);
    this.#sendInit(local);
    return { name: "cookieWait", local, t1: this.#startT1(nowMs) };
  }

  /** T1-init and T1-cookie (§5.1.6). */
  handleTimeout(state: Connecting, receivedPackets: number, nowMs: number): HandshakeStep {
    const verdict = state.t1.handleTimeout(nowMs);
    if (verdict === "exhausted") return handshakeTimedOut(state, receivedPackets);
    if (verdict === "waiting") return state;
    if (state.name === "cookieEchoed") return { ...state, isEchoDue: true };
    this.#sendInit(state.local);
    return state;
  }

  /** §5.1, B; alone in its packet (§6.10). Changes no state. Throws `WireFormatError`. */
  handleInit(state: AssociationState, chunk: Uint8Array, packetBytes: number, nowMs: number): void {
    if (roundUpTo4(chunk.byteLength) + COMMON_HEADER_BYTES < packetBytes) return;
    const { outbox } = this.#parts;
    const init = decodeInitChunk(chunk);
    const reply = this.#answers.handleInit(state, init, outbox.maxPacketBytes, nowMs);
    if (reply) outbox.push(reply);
  }

  /** §5.1, C; an unexpected INIT ACK is ignored (§5.2.3). Throws `WireFormatError`. */
  handleInitAck(state: AssociationState, chunk: Uint8Array, nowMs: number): HandshakeStep {
    if (state.name !== "cookieWait") return state;
    const init = decodeInitChunk(chunk);
    if (!isUsableInit(init) || !init.stateCookie) return initAckUnusable();
    return {
      name: "cookieEchoed",
      cookie: init.stateCookie.slice(),
      t1: this.#startT1(nowMs),
      transfer: this.#createTransfer(state.local, toPeerHalf(init), undefined, nowMs),
      isEchoDue: true,
    };
  }

  /**
   * §5.1, D and §5.2.4. `undefined` if the cookie is refused: then the rest of the packet is of no
   * interest either. Throws `WireFormatError`.
   */
  handleCookieEcho(
    state: AssociationState,
    chunk: Uint8Array,
    verificationTag: number,
    nowMs: number,
  ): HandshakeStep | undefined {
    const cookie = decodeCookieEchoChunk(chunk);
    const decision = this.#answers.handleCookieEcho(state, cookie, verificationTag, nowMs);
    switch (decision.kind) {
      case "ignore":
        return undefined;
      case "reply":
        this.#parts.outbox.push(decision.reply);
        return undefined;
      case "restart":
        this.#parts.outbox.push(decision.reply);
        return peerRestarted();
      case "confirm":
        transferOf(state)?.control.push(encodeCookieAckChunk());
        return state.name === "cookieEchoed" ? this.#establish(state.transfer, nowMs) : state;
      case "establish":
        return this.#adopt(state, decision.local, decision.peer, nowMs);
    }
  }

  /** §5.1, E. */
  handleCookieAck(state: AssociationState, nowMs: number): AssociationState {
    return state.name === "cookieEchoed" ? this.#establish(state.transfer, nowMs) : state;
  }

  /** The association begins here, or (table 12, B) takes on what the peer has become meanwhile. */
  #adopt(
    state: AssociationState,
    local: LocalHalf,
    peer: PeerHalf,
    nowMs: number,
  ): AssociationState | undefined {
    const previous = transferOf(state);
    const { isInterleaved } = agree(this.#parts.options, peer);
    if (previous && previous.agreement.isInterleaved !== isInterleaved) return undefined;
    const transfer = this.#createTransfer(local, peer, previous, nowMs);
    transfer.control.push(encodeCookieAckChunk());
    return this.#establish(transfer, nowMs);
  }

  #establish(transfer: DataTransfer, nowMs: number): AssociationState {
    const { maxOutgoingStreams, maxIncomingStreams } = transfer.agreement;
    this.#parts.events.push({ kind: "connected", maxOutgoingStreams, maxIncomingStreams });
    transfer.liveness.reset();
    transfer.streamReset.handleProgress(nowMs);
    return { name: "established", transfer };
  }

  #createTransfer(
    local: LocalHalf,
    peer: PeerHalf,
    previous: DataTransfer | undefined,
    nowMs: number,
  ): DataTransfer {
    const { options, crypto, queue, events, outbox } = this.#parts;
    const { maxPacketBytes } = outbox;
    const context = { options, maxPacketBytes, random: crypto.random, queue, events, previous };
    return new DataTransfer(context, local, peer, nowMs);
  }

  #sendInit(local: LocalHalf): void {
    const chunk = encodeInitChunk("init", createInit(local, this.#parts.options));
    this.#parts.outbox.push({ verificationTag: 0, chunk });
  }

  #startT1(nowMs: number): BackoffTimer {
    const { initialRtoMs, maxRtoMs, maxInitRetransmits } = this.#parts.options;
    const timing = { initialMs: initialRtoMs, maxMs: maxRtoMs, maxRetries: maxInitRetransmits };
    return new BackoffTimer(timing, nowMs);
  }
}
