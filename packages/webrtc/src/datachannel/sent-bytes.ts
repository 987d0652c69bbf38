import { Queue } from "../base/queue.ts";

/**
 * What is queued on one stream and not sent, message by message.
 *
 * SCTP reports how many bytes of a stream were sent. OPEN, ACK and the byte that stands for an empty
 * message are among them, but `bufferedAmount` must not know of these (W3C webrtc-pc, bufferedAmount).
 */
export class SentBytes {
  /** Bytes of each message that was not sent whole; negative if none of them is the application's. */
  readonly #messages = new Queue<number>();
  /** Bytes of the first of them that were sent. */
  #headBytes = 0;
  #pendingBytes = 0;

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get pendingMessages(): number {
    return this.#messages.size;
  }

  addData(bytes: number): void {
    this.#messages.push(bytes);
    this.#pendingBytes += bytes;
  }

  addOverhead(bytes: number): void {
    this.#messages.push(-bytes);
    this.#pendingBytes += bytes;
  }

  /** How many of `bytes` more that were sent are the application's. */
  take(bytes: number): number {
    let leftBytes = Math.min(bytes, this.#pendingBytes);
    this.#pendingBytes -= leftBytes;
    let dataBytes = 0;
    while (leftBytes > 0) {
      const entry = this.#messages.peek()!;
      const partBytes = Math.min(leftBytes, Math.abs(entry) - this.#headBytes);
      if (entry > 0) dataBytes += partBytes;
      leftBytes -= partBytes;
      this.#headBytes += partBytes;
      if (this.#headBytes < Math.abs(entry)) break;
      this.#messages.shift();
      this.#headBytes = 0;
    }
    return dataBytes;
  }
}
