/** Limits of the retransmission timeout. */
export type RtoLimits = {
  readonly initialRtoMs: number;
  readonly minRtoMs: number;
  readonly maxRtoMs: number;
};

const SMOOTHING = 1 / 8;
const VARIANCE_SMOOTHING = 1 / 4;

/** Smoothed round-trip time and the retransmission timeout that follows from it (RFC 9260 §6.3.1). */
export class RoundTripTimer {
  readonly #limits: RtoLimits;
  #smoothedMs: number | undefined;
  #varianceMs = 0;
  #rtoMs: number;

  constructor(limits: RtoLimits) {
    this.#limits = limits;
    this.#rtoMs = limits.initialRtoMs;
  }

  /** The smoothed round-trip time; `undefined` before the first measurement. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs;
  }

  get rtoMs(): number {
    return this.#rtoMs;
  }

  /** A chunk that was sent once was acknowledged after `roundTripMs`. */
  handleSample(roundTripMs: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = roundTripMs;
      this.#varianceMs = roundTripMs / 2;
    } else {
      const error = Math.abs(this.#smoothedMs - roundTripMs);
      this.#varianceMs += VARIANCE_SMOOTHING * (error - this.#varianceMs);
      this.#smoothedMs += SMOOTHING * (roundTripMs - this.#smoothedMs);
    }
    this.#rtoMs = this.#clamp(this.#smoothedMs + 4 * this.#varianceMs);
  }

  /** The timer has expired (§6.3.3, E2). */
  backOff(): void {
    this.#rtoMs = this.#clamp(this.#rtoMs * 2);
  }

  /** Takes back what expiries added; what was measured stays. */
  forgetBackOff(): void {
    const { initialRtoMs } = this.#limits;
    const hasSample = this.#smoothedMs !== undefined;
    this.#rtoMs = hasSample ? this.#clamp(this.#smoothedMs! + 4 * this.#varianceMs) : initialRtoMs;
  }

  #clamp(rtoMs: number): number {
    return Math.min(this.#limits.maxRtoMs, Math.max(this.#limits.minRtoMs, rtoMs));
  }
}
