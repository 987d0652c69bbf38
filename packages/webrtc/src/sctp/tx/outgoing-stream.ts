import { Queue } from "../../base/queue.ts";
import type { OutgoingMessage } from "./outgoing-message.ts";

/** Where the reset of an outgoing stream stands (RFC 6525 §5.1.2). */
export type StreamResetState =
  /** Not asked for. */
  | "none"
  /** Asked for; waits until what was queued before is sent and acknowledged. */
  | "draining"
  /** The request is with the peer. */
  | "requested";

/** One outgoing stream: its queue and its numbering. */
export class OutgoingStream {
  readonly id: number;
  /** Messages that have not been sent completely, in order. */
  readonly queue = new Queue<OutgoingMessage>();
  /** Payload bytes in `queue` and `held` that were not sent for the first time. */
  queuedBytes = 0;
  /** Payload bytes that left the queue since that was last told. */
  unreportedBytes = 0;
  /** Fragments that have a TSN and are neither acknowledged nor skipped. */
  outstandingChunks = 0;
  /** True while the stream waits in the scheduler's round. */
  isScheduled = false;
  resetState: StreamResetState = "none";
  /** What was sent after a reset was asked for: it belongs to the stream's next life. */
  held: OutgoingMessage[] = [];
  #nextOrdered = 0;
  #nextUnordered = 0;

  constructor(id: number) {
    this.id = id;
  }

  /** True if nothing of the stream's current life is under way. */
  get isDrained(): boolean {
    return this.queue.size === 0 && this.outstandingChunks === 0;
  }

  /** True if no message has a number yet. */
  get isFresh(): boolean {
    return this.#nextOrdered === 0 && this.#nextUnordered === 0;
  }

  /** The number for a message whose first fragment goes out; the wire cuts it to 16 bits for DATA. */
  assignSequence(isUnordered: boolean, isInterleaved: boolean): number {
    if (isUnordered) {
      if (!isInterleaved) return 0; // RFC 9260 §6.6: of no meaning.
      const sequence = this.#nextUnordered;
      this.#nextUnordered = (sequence + 1) >>> 0;
      return sequence;
    }
    const sequence = this.#nextOrdered;
    this.#nextOrdered = isInterleaved ? (sequence + 1) >>> 0 : (sequence + 1) & 0xffff;
    return sequence;
  }

  /** The peer has agreed to start anew (RFC 6525 §5.2.7, RFC 8260 §2.3.2: both numberings). */
  restartNumbering(): void {
    this.#nextOrdered = 0;
    this.#nextUnordered = 0;
  }
}
