import { Queue } from "../base/queue.ts";

type Overhead = { readonly atByte: number; readonly bytes: number };

/**
 * Tells the application's bytes from the protocol's among those that left a stream's send queue.
 *
 * SCTP reports how many bytes of a stream were sent; OPEN, ACK and the byte that stands for an empty
 * message are among them, and `bufferedAmount` must not know of these (W3C webrtc-pc, bufferedAmount).
 */
export class SentBytes {
  readonly #overheads = new Queue<Overhead>();
  #queuedBytes = 0;
  #sentBytes = 0;

  /** All that was queued and has not been sent. */
  get pendingBytes(): number {
    return this.#queuedBytes - this.#sentBytes;
  }

  addData(bytes: number): void {
    this.#queuedBytes += bytes;
  }

  addOverhead(bytes: number): void {
    this.#overheads.push({ atByte: this.#queuedBytes, bytes });
    this.#queuedBytes += bytes;
  }

  /** How many of `bytes` more that were sent are the application's. */
  take(bytes: number): number {
    const fromByte = this.#sentBytes;
    const toByte = fromByte + Math.min(bytes, this.pendingBytes);
    let dataBytes = toByte - fromByte;
    for (let next = this.#overheads.peek(); next !== undefined; next = this.#overheads.peek()) {
      const endByte = next.atByte + next.bytes;
      dataBytes -= Math.max(0, Math.min(endByte, toByte) - Math.max(next.atByte, fromByte));
      if (endByte > toByte) break;
      this.#overheads.shift();
    }
    this.#sentBytes = toByte;
    return dataBytes;
  }
}
