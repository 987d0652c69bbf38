/**
 * Counts transmissions in a row that drew no answer: data by T3, and heartbeats (RFC 9260 §8.1, §8.3).
 * One path, so the association's counter and the path's are the same.
 */
export class PeerLiveness {
  readonly #maxStrikes: number;
  #strikes = 0;

  constructor(maxStrikes: number) {
    this.#maxStrikes = maxStrikes;
  }

  /** Unanswered transmissions since the peer was last heard. */
  get strikes(): number {
    return this.#strikes;
  }

  /** True once the peer has to be considered unreachable. */
  get isDead(): boolean {
    return this.#strikes > this.#maxStrikes;
  }

  /** A transmission has timed out. */
  strike(): void {
    this.#strikes++;
  }

  /** The peer has acknowledged something new. */
  reset(): void {
    this.#strikes = 0;
  }
}
