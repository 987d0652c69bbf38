import { equalBytes } from "../base/bytes.ts";
import type { Random } from "../base/random.ts";
import type { ControlQueue } from "./control-queue.ts";
import { decodeHeartbeatChunk, encodeHeartbeatChunk } from "./packet/heartbeat-chunk.ts";
import type { PeerLiveness } from "./peer-liveness.ts";
import type { RoundTripTimer } from "./tx/round-trip-timer.ts";

const NONCE_BYTES = 8;

/** What a heartbeat works with. */
export type HeartbeatParts = {
  readonly intervalMs: number;
  readonly random: Random;
  readonly roundTrip: RoundTripTimer;
  readonly liveness: PeerLiveness;
  readonly control: ControlQueue;
};

/** Asks a silent peer whether it is still there, and answers when asked (RFC 9260 §8.3). */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  #dueAtMs: number;
  #heardAtMs: number;
  #pending: { readonly nonce: Uint8Array; readonly sentAtMs: number } | undefined;

  constructor(parts: HeartbeatParts, nowMs: number) {
    this.#parts = parts;
    this.#heardAtMs = nowMs;
    this.#dueAtMs = nowMs + this.#delayMs();
  }

  get nextTimeoutAtMs(): number {
    return this.#dueAtMs;
  }

  /** A packet of the association has come. */
  noteHeard(nowMs: number): void {
    this.#heardAtMs = nowMs;
  }

  /** Sends one when nothing was heard for a while; an unanswered one counts against the peer. */
  handleTimeout(nowMs: number): void {
    if (nowMs < this.#dueAtMs) return;
    const { intervalMs, random, roundTrip, liveness, control } = this.#parts;
    if (!this.#pending && nowMs - this.#heardAtMs < intervalMs) {
      this.#dueAtMs = this.#heardAtMs + this.#delayMs();
      return;
    }
    if (this.#pending) {
      liveness.strike();
      roundTrip.backOff();
    }
    this.#pending = { nonce: random.bytes(NONCE_BYTES), sentAtMs: nowMs };
    control.push(encodeHeartbeatChunk("heartbeat", this.#pending.nonce));
    this.#dueAtMs = nowMs + this.#delayMs();
  }

  /** The peer asks: its information goes back unchanged. Throws `WireFormatError`. */
  handleHeartbeat(chunk: Uint8Array): void {
    this.#parts.control.push(encodeHeartbeatChunk("heartbeatAck", decodeHeartbeatChunk(chunk)));
  }

  /** The peer has answered. Throws `WireFormatError`. */
  handleHeartbeatAck(chunk: Uint8Array, nowMs: number): void {
    const pending = this.#pending;
    if (!pending || !equalBytes(decodeHeartbeatChunk(chunk), pending.nonce)) return;
    this.#pending = undefined;
    this.#parts.liveness.reset();
    this.#parts.roundTrip.handleSample(nowMs - pending.sentAtMs);
  }

  /** The interval plus an RTO, spread by half an RTO each way (RFC 9260 §8.3). */
  #delayMs(): number {
    const { intervalMs, random, roundTrip } = this.#parts;
    return intervalMs + roundTrip.rtoMs * (0.5 + random.fraction());
  }
}
