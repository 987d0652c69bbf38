import type { AckSummary, CongestionControl } from "./congestion-control.ts";

/** RFC 9260 §7.2.1 says about 4 packets; ten, as RFC 6928 gives TCP, save a short transfer two round trips. */
const INITIAL_WINDOW_PACKETS = 10;
const MIN_THRESHOLD_PACKETS = 4;
/**
 * Slow start grows by what was acknowledged, up to so many packets a SACK (RFC 3465's L). RFC 9260
 * says one, for SACKs that stand for two packets; a busy receiver of ours acknowledges once per turn
 * of its event loop, which is up to 32 datagrams. Bursts are limited elsewhere.
 */
const MAX_GROWTH_PACKETS = 32;

/** Slow start, congestion avoidance and halving on loss (RFC 9260 §7.2). */
export class Rfc9260CongestionControl implements CongestionControl {
  #maxPacketBytes: number;
  #windowBytes: number;
  #thresholdBytes: number;
  #partialBytesAcked = 0;

  /** `maxPacketBytes`: chunks that a packet holds. `peerWindowBytes`: the receive window of the peer's INIT, the first slow start threshold. */
  constructor(maxPacketBytes: number, peerWindowBytes: number) {
    this.#maxPacketBytes = maxPacketBytes;
    this.#windowBytes = INITIAL_WINDOW_PACKETS * maxPacketBytes;
    this.#thresholdBytes = peerWindowBytes;
  }

  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** §7.2.1 and §7.2.2: grows only when the window was used, and not while a loss is repaired. */
  handleAck(ack: AckSummary): void {
    if (ack.isInRecovery || !ack.hasAdvanced) return;
    if (this.#windowBytes <= this.#thresholdBytes) {
      if (!ack.wasWindowFull) return;
      const limitBytes = MAX_GROWTH_PACKETS * this.#maxPacketBytes;
      this.#windowBytes += Math.min(ack.ackedBytes, limitBytes);
      return;
    }
    this.#partialBytesAcked += ack.ackedBytes;
    if (this.#partialBytesAcked < this.#windowBytes) return;
    this.#partialBytesAcked = ack.wasWindowFull ? this.#partialBytesAcked - this.#windowBytes : 0;
    if (ack.wasWindowFull) this.#windowBytes += this.#maxPacketBytes;
  }

  /** §7.2.3, §7.2.4 step 2. */
  handleLoss(): void {
    this.#halveThreshold();
    this.#windowBytes = this.#thresholdBytes;
    this.#partialBytesAcked = 0;
  }

  /** §7.2.3. */
  handleTimeout(): void {
    this.#halveThreshold();
    this.#windowBytes = this.#maxPacketBytes;
    this.#partialBytesAcked = 0;
  }

  /** §7.2.1: the window of an idle path is halved every RTO, down to the initial one. */
  handleIdle(idleRtos: number): void {
    const initialBytes = INITIAL_WINDOW_PACKETS * this.#maxPacketBytes;
    for (let rto = 0; rto < idleRtos && this.#windowBytes > initialBytes; rto++) {
      this.#windowBytes = Math.max(initialBytes, this.#windowBytes / 2);
    }
  }

  setMaxPacketBytes(maxPacketBytes: number): void {
    this.#maxPacketBytes = maxPacketBytes;
    this.#windowBytes = Math.max(this.#windowBytes, maxPacketBytes);
  }

  #halveThreshold(): void {
    const floorBytes = MIN_THRESHOLD_PACKETS * this.#maxPacketBytes;
    this.#thresholdBytes = Math.max(this.#windowBytes / 2, floorBytes);
  }
}
