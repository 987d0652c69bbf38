import type { Channel } from "./channel.ts";

/** What waits in SCTP's send queue, counted against one limit for all channels. */
export class SendBudget {
  readonly #maxBytes: number;
  #bufferedBytes = 0;
  #starved: Channel[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Payload bytes that were queued and have not been sent. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** False if `bytes` more do not fit; the channel is then among those that wait for room. */
  hasRoomFor(channel: Channel, bytes: number): boolean {
    if (this.#bufferedBytes + bytes <= this.#maxBytes) return true;
    if (!channel.isStarved) this.#starved.push(channel);
    channel.isStarved = true;
    return false;
  }

  add(bytes: number): void {
    this.#bufferedBytes += bytes;
  }

  remove(bytes: number): void {
    this.#bufferedBytes -= bytes;
  }

  /**
   * The channels that were refused, once there is room again. Half of it must be free, so that they
   * do not come back one message at a time.
   */
  takeFed(): readonly Channel[] {
    if (this.#starved.length === 0 || this.#bufferedBytes * 2 > this.#maxBytes) return [];
    const fed = this.#starved;
    this.#starved = [];
    for (const channel of fed) channel.isStarved = false;
    return fed;
  }
}
