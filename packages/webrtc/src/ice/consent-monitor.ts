import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { Endpoint } from "../base/endpoint.ts";
import type { Random } from "../base/random.ts";
import { TRANSACTION_ID_BYTES } from "../stun/stun-header.ts";
import type { IceTimings } from "./ice-options.ts";

/** What happened to the right to send. */
export type ConsentEvent =
  /** Several checks in a row had no answer; consent itself still holds. */
  | { readonly kind: "consentMissing" }
  /** An answer came after all. */
  | { readonly kind: "consentRestored" }
  /** Nothing may be sent any more. */
  | { readonly kind: "consentLost" };

type Outstanding = { readonly transactionId: string; readonly sentAtMs: number };

/**
 * Answers to older checks than these are not waited for. Nobody can make checks follow each other
 * faster than `consentRecheckMs`, so each has at least 16 times that for its answer.
 */
const MAX_OUTSTANDING = 16;

/**
 * Keeps the right to send on the selected pair alive, and tells early when the peer is gone
 * (RFC 7675 §5.1).
 *
 * A check that has no answer is followed by quick ones, so that a single lost datagram does no harm
 * and a dead path is noticed some 7 s after its last sign of life. It speaks in STUN transaction ids
 * only (hexadecimal): the agent turns an outgoing id into a Binding request, and reports an id back
 * once the matching response has passed integrity and address checks.
 */
export class ConsentMonitor implements Endpoint<string, ConsentEvent> {
  readonly #random: Random;
  readonly #timings: IceTimings;
  readonly #transmits: string[] = [];
  readonly #events: ConsentEvent[] = [];
  #outstanding: Outstanding[] = [];
  #confirmedAtMs: number;
  #nextCheckAtMs: number;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  /** When the first check was sent that has no answer yet. */
  #unansweredSinceMs = NEVER_AT_MS;
  #isMissing = false;
  #isLost = false;

  /** `confirmedAtMs`: when a check on the pair was last answered. */
  constructor(random: Random, timings: IceTimings, confirmedAtMs: number) {
    this.#random = random;
    this.#timings = timings;
    this.#confirmedAtMs = confirmedAtMs;
    this.#nextCheckAtMs = confirmedAtMs + this.#jitteredIntervalMs();
  }

  /** No recent check was answered. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  get nextTimeoutAtMs(): number {
    if (this.#isLost) return NEVER_AT_MS;
    const missingAtMs = this.#isMissing ? NEVER_AT_MS : this.#missingAtMs;
    return Math.min(this.#nextCheckAtMs, missingAtMs, this.#expiresAtMs);
  }

  /** The round-trip time if the id is one of a check that waits for its answer. */
  handleResponse(transactionId: string, nowMs: number): number | undefined {
    const answered = this.#outstanding.find((check) => check.transactionId === transactionId);
    if (answered === undefined || this.#isLost) return undefined; // Late, duplicated or forged.
    this.confirm(nowMs);
    return nowMs - answered.sentAtMs;
  }

  /** The peer answered a check on this very path, be it a connectivity check. */
  confirm(nowMs: number): void {
    if (this.#isLost) return;
    this.#outstanding = [];
    this.#confirmedAtMs = nowMs;
    this.#unansweredSinceMs = NEVER_AT_MS;
    this.#nextCheckAtMs = nowMs + this.#jitteredIntervalMs();
    if (this.#isMissing) this.#events.push({ kind: "consentRestored" });
    this.#isMissing = false;
  }

  /**
   * The peer shows up again: asks at once instead of at the next turn, but not more often than the
   * quick checks. Our check is a sign of life for the peer in turn, and signs can be replayed.
   */
  hasten(nowMs: number): void {
    if (!this.#isMissing) return;
    const soonestAtMs = Math.max(nowMs, this.#checkedAtMs + this.#timings.consentRecheckMs);
    this.#nextCheckAtMs = Math.min(this.#nextCheckAtMs, soonestAtMs);
  }

  /**
   * Brings the next check forward, unless one is under way or was just answered: whoever provokes
   * this does not get more than the rate of the quick checks.
   */
  probe(nowMs: number): void {
    const isUnanswered = this.#unansweredSinceMs !== NEVER_AT_MS;
    if (isUnanswered || nowMs - this.#confirmedAtMs < this.#timings.consentRecheckMs) return;
    this.#nextCheckAtMs = Math.min(this.#nextCheckAtMs, nowMs);
  }

  handleTimeout(nowMs: number): void {
    if (this.#isLost) return;
    if (nowMs >= this.#expiresAtMs) {
      this.#isLost = true;
      this.#events.push({ kind: "consentLost" });
      return;
    }
    if (!this.#isMissing && nowMs >= this.#missingAtMs) {
      this.#isMissing = true;
      this.#events.push({ kind: "consentMissing" });
    }
    if (nowMs >= this.#nextCheckAtMs) this.#check(nowMs);
  }

  pollTransmit(): string | undefined {
    return this.#transmits.shift();
  }

  pollEvent(): ConsentEvent | undefined {
    return this.#events.shift();
  }

  get #expiresAtMs(): number {
    return this.#confirmedAtMs + this.#timings.consentLifetimeMs;
  }

  get #missingAtMs(): number {
    return this.#unansweredSinceMs + this.#timings.consentPatienceMs;
  }

  #check(nowMs: number): void {
    // Each check is a transaction of its own and never repeated (RFC 7675 §5.1).
    const transactionId = this.#random.hex(TRANSACTION_ID_BYTES);
    if (this.#outstanding.length === MAX_OUTSTANDING) this.#outstanding.shift();
    this.#outstanding.push({ transactionId, sentAtMs: nowMs });
    this.#transmits.push(transactionId);
    this.#checkedAtMs = nowMs;
    this.#unansweredSinceMs = Math.min(this.#unansweredSinceMs, nowMs);
    const { disconnectedCheckMs, consentRecheckMs } = this.#timings;
    this.#nextCheckAtMs = nowMs + (this.#isMissing ? disconnectedCheckMs : consentRecheckMs);
  }

  /** Spread over 0.8 to 1.2 of the interval, so that a fleet of peers does not fall into step. */
  #jitteredIntervalMs(): number {
    return this.#timings.consentIntervalMs * (0.8 + 0.4 * this.#random.fraction());
  }
}
