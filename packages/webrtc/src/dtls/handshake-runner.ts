import { NEVER_AT_MS } from "../base/endpoint.ts";
import { ProtocolFailure, WireFormatError } from "../base/errors.ts";
import type { Handshake, HandshakeStep } from "./handshakes/handshake.ts";
import {
  decodeHandshakeFragment,
  HANDSHAKE_HEADER_BYTES,
  HANDSHAKE_TYPE,
  type HandshakeMessage,
} from "./messages/handshake-message.ts";
import { Reassembler } from "./reassembler.ts";
import { PROTECTED_EPOCH } from "./record/record-protection.ts";

/**
 * How long a refused hello or an alert without protection may still be followed by what proves it
 * wrong. Anybody who can put a datagram on the path can send either (CVE-2023-51443), and the true
 * peer's next message is never far behind it.
 */
const REFUSAL_GRACE_MS = 2_000;

/** What the runner does to the world around it. */
export interface HandshakeHost {
  /** Applies what a message led to. */
  applyStep(step: HandshakeStep, nowMs: number): void;
  /** The peer repeats the flight that our last one answered. */
  resendFlight(nowMs: number): void;
  /** The handshake is over. */
  fail(failure: ProtocolFailure): void;
}

/**
 * Feeds a handshake with whole messages in order and decides what a bad one means: noise is dropped
 * and waited out, a peer that proves to be the wrong one ends the connection. Exists only until
 * the connection stands.
 */
export class HandshakeRunner {
  readonly #handshake: Handshake;
  readonly #host: HandshakeHost;
  readonly #reassembler = new Reassembler();
  readonly #timeoutMs: number;
  #deadlineAtMs: number;
  /** Time that is left, while the clock stands still. */
  #remainingMs: number | undefined;
  #pendingRefusal: { readonly failure: ProtocolFailure; readonly dueAtMs: number } | undefined;
  #lastProblem: WireFormatError | undefined;
  #hasHeardPeer = false;
  #isOver = false;
  #refusedMessages = 0;
  /** The last message of the peer's flight that ours answered; seen again, ours was lost. */
  #answeredSequence = -1;

  constructor(handshake: Handshake, host: HandshakeHost, nowMs: number, timeoutMs: number) {
    this.#handshake = handshake;
    this.#host = host;
    this.#timeoutMs = timeoutMs;
    this.#deadlineAtMs = nowMs + timeoutMs;
  }

  /** Messages and fragments that were dropped. */
  get refusedMessages(): number {
    return this.#refusedMessages;
  }

  get isAwaitingHello(): boolean {
    return this.#handshake.isAwaitingHello;
  }

  get nextTimeoutAtMs(): number {
    if (this.#isOver) return NEVER_AT_MS;
    return Math.min(this.#deadlineAtMs, this.#pendingRefusal?.dueAtMs ?? NEVER_AT_MS);
  }

  handleTimeout(nowMs: number): void {
    if (nowMs < this.nextTimeoutAtMs) return;
    this.#end(this.#pendingRefusal?.failure ?? this.#timedOut());
  }

  /** There is no path to the peer, which cannot be held against it: the clock stands still. */
  pause(nowMs: number): void {
    if (this.#remainingMs !== undefined) return;
    this.#remainingMs = this.#deadlineAtMs - nowMs;
    this.#deadlineAtMs = NEVER_AT_MS;
  }

  /** The clock goes on where it was paused. */
  resume(nowMs: number): void {
    if (this.#remainingMs === undefined) return;
    this.#deadlineAtMs = nowMs + this.#remainingMs;
    this.#remainingMs = undefined;
  }

  /** Takes the content of a handshake record; `payload` may hold several fragments. */
  handleRecord(payload: Uint8Array, epoch: number, nowMs: number): void {
    this.#hasHeardPeer = true;
    try {
      for (let offset = 0; offset < payload.byteLength && !this.#isOver;) {
        const fragment = decodeHandshakeFragment(payload, offset);
        offset += HANDSHAKE_HEADER_BYTES + fragment.fragment.byteLength;
        this.#acceptFragment(fragment, epoch, nowMs);
      }
    } catch (error) {
      this.#note(error);
    }
  }

  /**
   * The peer may have given up, but anybody could have said so: the failure counts unless the
   * handshake moves on.
   */
  suspect(failure: ProtocolFailure, nowMs: number): void {
    this.#pendingRefusal ??= { failure, dueAtMs: nowMs + REFUSAL_GRACE_MS };
  }

  #acceptFragment(
    fragment: ReturnType<typeof decodeHandshakeFragment>,
    epoch: number,
    nowMs: number,
  ): void {
    const isFinished = fragment.type === HANDSHAKE_TYPE.finished;
    if (isFinished !== (epoch === PROTECTED_EPOCH)) {
      throw new WireFormatError("RFC 6347 §4.1", `message ${fragment.type} in epoch ${epoch}`);
    }
    const outcome = this.#reassembler.accept(fragment, epoch);
    if (outcome === "kept") {
      this.#handleCompleteMessages(nowMs);
    } else if (outcome === "refused") {
      this.#refusedMessages++;
    } else if (fragment.sequence === this.#answeredSequence) {
      const end = fragment.fragmentOffset + fragment.fragment.byteLength;
      if (end === fragment.messageBytes) this.#host.resendFlight(nowMs);
    }
  }

  #handleCompleteMessages(nowMs: number): void {
    for (let message = this.#reassembler.peek(); message; message = this.#reassembler.peek()) {
      const step = this.#tryMessage(message, nowMs);
      if (!step) {
        this.#reassembler.discard();
        return;
      }
      this.#reassembler.advance();
      this.#pendingRefusal = undefined;
      if (step.flight) this.#answeredSequence = message.sequence;
      if (step.result) this.#finish();
      this.#host.applyStep(step, nowMs);
      if (this.#isOver) return;
    }
  }

  #tryMessage(message: HandshakeMessage, nowMs: number): HandshakeStep | undefined {
    const wasAwaitingHello = this.#handshake.isAwaitingHello;
    try {
      return this.#handshake.handleMessage(message);
    } catch (error) {
      if (!(error instanceof ProtocolFailure)) {
        this.#note(error);
      } else if (wasAwaitingHello) {
        this.#refusedMessages++;
        this.suspect(error, nowMs);
      } else {
        this.#end(error);
      }
      return undefined;
    }
  }

  /** Counts noise; anything else is a bug of ours and goes up. */
  #note(error: unknown): void {
    if (!(error instanceof WireFormatError)) throw error;
    this.#lastProblem = error;
    this.#refusedMessages++;
  }

  #end(failure: ProtocolFailure): void {
    this.#finish();
    this.#host.fail(failure);
  }

  #finish(): void {
    this.#isOver = true;
    this.#reassembler.clear();
  }

  #timedOut(): ProtocolFailure {
    const seconds = this.#timeoutMs / 1000;
    const reason = this.#lastProblem
      ? `the last message that could not be used: ${this.#lastProblem.message}`
      : this.#hasHeardPeer
        ? "the peer stopped answering"
        : "the peer never answered; ICE found a path, so it may not have applied our description yet or does not speak DTLS";
    return new ProtocolFailure(
      "ERR_TIMED_OUT",
      "RFC 6347 §4.2.4",
      `DTLS handshake not finished after ${seconds} s: ${reason}`,
      this.#lastProblem ? { cause: this.#lastProblem } : {},
    );
  }
}
