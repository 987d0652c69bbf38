import type { Channel } from "./channel.ts";

/** Counted per message besides its bytes, at least what SCTP counts: a million tiny messages are not free. */
const MESSAGE_OVERHEAD_BYTES = 64;

/** What waits in SCTP's send queue, counted against one limit for all channels. */
export class SendBudget {
  readonly #maxBytes: number;
  #bufferedBytes = 0;
  #starved: Channel[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What was queued and has not been sent, overhead included. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /**
   * False if a message of `bytes` does not fit; the channel is then among those that wait for room. An
   * empty queue has room for any one message: nothing would ever be sent that makes room for it.
   */
  hasRoomFor(channel: Channel, bytes: number): boolean {
    if (this.#bufferedBytes === 0) return true;
    if (this.#bufferedBytes + bytes + MESSAGE_OVERHEAD_BYTES <= this.#maxBytes) return true;
    if (!channel.isStarved) this.#starved.push(channel);
    channel.isStarved = true;
    return false;
  }

  /** One message of the application was queued. */
  addData(channel: Channel, bytes: number): void {
    channel.sentBytes.addData(bytes);
    this.#bufferedBytes += bytes + MESSAGE_OVERHEAD_BYTES;
  }

  /** One message of the protocol was queued, or the byte that stands for an empty one. */
  addOverhead(channel: Channel, bytes: number): void {
    channel.sentBytes.addOverhead(bytes);
    this.#bufferedBytes += bytes + MESSAGE_OVERHEAD_BYTES;
  }

  /** `bytes` of the channel's stream were sent; returns how many of them are the application's. */
  take(channel: Channel, bytes: number): number {
    const costBefore = costOf(channel);
    const dataBytes = channel.sentBytes.take(bytes);
    this.#bufferedBytes -= costBefore - costOf(channel);
    return dataBytes;
  }

  /** Nothing of the channel waits any more. */
  drop(channel: Channel): void {
    this.#bufferedBytes -= costOf(channel);
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

function costOf(channel: Channel): number {
  const { pendingBytes, pendingMessages } = channel.sentBytes;
  return pendingBytes + pendingMessages * MESSAGE_OVERHEAD_BYTES;
}
