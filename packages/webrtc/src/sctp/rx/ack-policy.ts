import { NEVER_AT_MS } from "../../base/endpoint.ts";

/**
 * When to acknowledge (RFC 9260 §6.2): every second packet with data at once, a single one after a
 * short while, and at once whenever the sender learns something from it.
 */
export class AckPolicy {
  readonly #delayMs: number;
  #unackedPackets = 0;
  #dueAtMs = NEVER_AT_MS;
  #isDueNow = false;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** True if something has arrived since the last SACK: it may ride along with data. */
  get isPending(): boolean {
    return this.#isDueNow || this.#unackedPackets > 0;
  }

  /** True if a SACK is to go out now, even alone. */
  get isDue(): boolean {
    return this.#isDueNow;
  }

  /** When `handleTimeout` makes the SACK due. */
  get dueAtMs(): number {
    return this.#isDueNow ? NEVER_AT_MS : this.#dueAtMs;
  }

  /** A packet with data has been taken in; `isUrgent` after a gap, a duplicate or an I bit. */
  handleDataPacket(isUrgent: boolean, nowMs: number): void {
    this.#unackedPackets++;
    if (isUrgent || this.#unackedPackets >= 2) this.#isDueNow = true;
    else this.#dueAtMs = nowMs + this.#delayMs;
  }

  /** Asks for a SACK without delay, for instance after a FORWARD TSN. */
  requestNow(): void {
    this.#isDueNow = true;
  }

  handleTimeout(nowMs: number): void {
    if (nowMs >= this.#dueAtMs) this.#isDueNow = true;
  }

  /** A SACK is on its way. */
  markSent(): void {
    this.#unackedPackets = 0;
    this.#isDueNow = false;
    this.#dueAtMs = NEVER_AT_MS;
  }
}
