import { NEVER_AT_MS } from "../base/endpoint.ts";

/** When a request over UDP is repeated and when it is given up (RFC 8489 §6.2.1). */
export type RetransmissionTimings = {
  /** Wait behind the first transmission, in ms; doubled behind each further one. */
  readonly rtoMs: number;
  /** The doubling stops here. The RFC lets it go on. */
  readonly maxRtoMs: number;
  /** Rc: how often the request is sent in all. */
  readonly maxRequests: number;
  /** Wait behind the last transmission, in ms: the RFC's Rm times RTO. */
  readonly lastWaitMs: number;
};

/** The RFC's own values: 7 requests within 31.5 s, given up after 39.5 s. */
export const RFC8489_TIMINGS: RetransmissionTimings = {
  rtoMs: 500,
  maxRtoMs: NEVER_AT_MS,
  maxRequests: 7,
  lastWaitMs: 8_000,
};

/** The clock of one request: says when to send it (again) and when no answer will come any more. */
export class Retransmission {
  readonly #timings: RetransmissionTimings;
  #requestsSent = 0;
  #rtoMs: number;
  #nextAtMs: number;
  #isCancelled = false;

  /** The first transmission is due at once: call `handleTimeout(nowMs)`. */
  constructor(timings: RetransmissionTimings, nowMs: number) {
    this.#timings = timings;
    this.#rtoMs = timings.rtoMs;
    this.#nextAtMs = nowMs;
  }

  /** How often the request has gone out. */
  get requestsSent(): number {
    return this.#requestsSent;
  }

  get nextTimeoutAtMs(): number {
    return this.#nextAtMs;
  }

  /** "send": transmit the request now. "timedOut": it is over; that is said once. */
  handleTimeout(nowMs: number): "wait" | "send" | "timedOut" {
    if (nowMs < this.#nextAtMs) return "wait";
    if (this.#isCancelled || this.#requestsSent === this.#timings.maxRequests) {
      this.#nextAtMs = NEVER_AT_MS;
      return "timedOut";
    }
    this.#requestsSent++;
    const isLast = this.#requestsSent === this.#timings.maxRequests;
    this.#nextAtMs = nowMs + (isLast ? this.#timings.lastWaitMs : this.#rtoMs);
    this.#rtoMs = Math.min(this.#rtoMs * 2, this.#timings.maxRtoMs);
    return "send";
  }

  /**
   * Sends no more, but an answer to what was sent is still welcome until `untilMs`
   * (RFC 8445 §7.3.1.4).
   */
  cancel(untilMs: number): void {
    this.#isCancelled = true;
    this.#nextAtMs = untilMs;
  }
}
