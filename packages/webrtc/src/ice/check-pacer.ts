import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { CandidatePair } from "./candidate-pair.ts";
import type { Checklist } from "./checklist.ts";
import type { IceTimings } from "./ice-options.ts";
import { TokenBucket } from "./token-bucket.ts";

/**
 * When the next check may go out (RFC 8445 §6.1.4.2, §14.2): ordinary checks every Ta, triggered ones
 * at once within a small burst. Into an idle line the first check goes without waiting.
 */
export class CheckPacer {
  readonly #taMs: number;
  readonly #triggered: TokenBucket;
  #nextOrdinaryAtMs = Number.NEGATIVE_INFINITY;

  constructor(timings: IceTimings) {
    this.#taMs = timings.taMs;
    this.#triggered = new TokenBucket(timings.triggeredBurst, timings.triggeredSpacingMs);
  }

  /** When {@link take} may give something; {@link NEVER_AT_MS} if there is nothing to check. */
  nextAtMs(checklist: Checklist): number {
    const triggeredAtMs = checklist.hasTriggered ? this.#triggered.nextAtMs : NEVER_AT_MS;
    const ordinaryAtMs = checklist.hasOrdinary ? this.#nextOrdinaryAtMs : NEVER_AT_MS;
    return Math.min(triggeredAtMs, ordinaryAtMs);
  }

  /** The pair to be checked now, if any. Call until it gives none. */
  take(checklist: Checklist, nowMs: number): CandidatePair | undefined {
    if (checklist.hasTriggered && this.#triggered.take(nowMs)) {
      this.#nextOrdinaryAtMs = Math.max(this.#nextOrdinaryAtMs, nowMs + this.#taMs);
      return checklist.takeTriggered();
    }
    if (nowMs < this.#nextOrdinaryAtMs) return undefined;
    const pair = checklist.takeOrdinary();
    if (pair !== undefined) this.#nextOrdinaryAtMs = nowMs + this.#taMs;
    return pair;
  }
}
