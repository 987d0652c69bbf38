import { NEVER_AT_MS } from "../base/endpoint.ts";

/** Lets a burst through at once and then one at a time, `spacingMs` apart. */
export class TokenBucket {
  readonly #burst: number;
  readonly #spacingMs: number;
  /** The bucket is full from here on; each token taken moves it by one spacing. */
  #fullAtMs = Number.NEGATIVE_INFINITY;

  constructor(burst: number, spacingMs: number) {
    this.#burst = burst;
    this.#spacingMs = spacingMs;
  }

  /** When the next token is there, possibly in the past. */
  get nextAtMs(): number {
    return this.#burst < 1 ? NEVER_AT_MS : this.#fullAtMs - (this.#burst - 1) * this.#spacingMs;
  }

  /** True if there was a token, which is gone now. */
  take(nowMs: number): boolean {
    if (nowMs < this.nextAtMs) return false;
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + this.#spacingMs;
    return true;
  }
}
