import { NEVER_AT_MS } from "../base/endpoint.ts";

/** What a timer says when its owner asks. */
export type TimerVerdict = "waiting" | "retry" | "exhausted";

/** Tunables of a {@link BackoffTimer}. */
export type BackoffOptions = {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Expiries after which it gives up instead of asking for another try. */
  readonly maxRetries: number;
};

/** A timer that waits twice as long each time: T1 and T2 (RFC 9260 §5.1.6, §9.2). */
export class BackoffTimer {
  readonly #options: BackoffOptions;
  #delayMs: number;
  #dueAtMs: number;
  #expiries = 0;

  /** Starts at once. */
  constructor(options: BackoffOptions, nowMs: number) {
    this.#options = options;
    this.#delayMs = options.initialMs;
    this.#dueAtMs = nowMs + options.initialMs;
  }

  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  /** How often it has expired. */
  get expiries(): number {
    return this.#expiries;
  }

  /** Starts over with the delay it has reached, for a transmission that something else caused. */
  restart(nowMs: number): void {
    this.#dueAtMs = nowMs + this.#delayMs;
  }

  /** If it has expired before, it is due at once, and begins from the beginning. */
  hasten(nowMs: number): void {
    if (this.#dueAtMs === NEVER_AT_MS || this.#expiries === 0) return;
    this.#expiries = 0;
    this.#delayMs = this.#options.initialMs / 2; // The expiry doubles it.
    this.#dueAtMs = nowMs;
  }

  handleTimeout(nowMs: number): TimerVerdict {
    if (nowMs < this.#dueAtMs) return "waiting";
    this.#expiries++;
    if (this.#expiries > this.#options.maxRetries) {
      this.#dueAtMs = NEVER_AT_MS;
      return "exhausted";
    }
    this.#delayMs = Math.min(this.#options.maxMs, this.#delayMs * 2);
    this.#dueAtMs = nowMs + this.#delayMs;
    return "retry";
  }
}
