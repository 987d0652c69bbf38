import { Queue } from "../base/queue.ts";
import type { ChannelMessage } from "./channel-data.ts";
import type { ChannelPort } from "./channel-port.ts";

/** What a queued message costs besides its bytes, so that a flood of empty ones counts too. */
const MESSAGE_OVERHEAD_BYTES = 128;

type Entry = { readonly message: ChannelMessage; readonly costBytes: number };
type Reader = {
  readonly resolve: (result: IteratorResult<ChannelMessage, undefined>) => void;
  readonly reject: (reason: unknown) => void;
};

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** One reader's own queue of messages. */
export class MessageQueue {
  readonly #highWaterMarkBytes: number;
  readonly #onLevelChanged: () => void;
  readonly #onDetached: () => void;
  readonly #entries = new Queue<Entry>();
  readonly #readers = new Queue<Reader>();
  #queuedBytes = 0;
  #isFull = false;
  #hasEnded = false;
  #error: unknown = undefined;

  constructor(highWaterMarkBytes: number, onLevelChanged: () => void, onDetached: () => void) {
    this.#highWaterMarkBytes = highWaterMarkBytes;
    this.#onLevelChanged = onLevelChanged;
    this.#onDetached = onDetached;
  }

  /** Above the high-water mark, and not yet below half of it again. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Hands the message to a reader that waits, else queues it. */
  push(message: ChannelMessage, payloadBytes: number): void {
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: message });
      return;
    }
    const costBytes = payloadBytes + MESSAGE_OVERHEAD_BYTES;
    this.#entries.push({ message, costBytes });
    this.#changeLevel(costBytes);
  }

  /** No more messages will come. What is queued can still be read; then `error` is thrown, if any. */
  end(error: unknown): void {
    this.#hasEnded = true;
    this.#error = error;
    for (let reader = this.#readers.shift(); reader; reader = this.#readers.shift()) {
      this.#finish(reader);
    }
  }

  next(): Promise<IteratorResult<ChannelMessage, undefined>> {
    const entry = this.#entries.shift();
    if (entry !== undefined) {
      this.#changeLevel(-entry.costBytes);
      return Promise.resolve({ done: false, value: entry.message });
    }
    return new Promise((resolve, reject) => {
      const reader = { resolve, reject };
      if (this.#hasEnded) this.#finish(reader);
      else this.#readers.push(reader);
    });
  }

  /** The reader wants no more: its queue is thrown away and slows nobody down. */
  detach(): void {
    this.#entries.clear();
    this.#changeLevel(-this.#queuedBytes);
    this.end(undefined);
    this.#onDetached();
  }

  /** An error is thrown once; after it the queue is at its end like any other. */
  #finish(reader: Reader): void {
    const error = this.#error;
    this.#error = undefined;
    if (error === undefined) reader.resolve(DONE);
    else reader.reject(error);
  }

  #changeLevel(bytes: number): void {
    this.#queuedBytes += bytes;
    const limit = this.#isFull ? this.#highWaterMarkBytes / 2 : this.#highWaterMarkBytes;
    const isFull = this.#queuedBytes > limit;
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#onLevelChanged();
  }
}

/**
 * The receiving half of a channel, as far as its messages are read and not listened to. The slowest
 * reader sets the pace: while its queue is full the port is told to pause.
 */
export class ChannelReceiver {
  readonly #port: ChannelPort;
  readonly #queues = new Set<MessageQueue>();
  #isPaused = false;
  #hasEnded = false;

  constructor(port: ChannelPort) {
    this.#port = port;
  }

  get hasReaders(): boolean {
    return this.#queues.size > 0;
  }

  /** A queue of its own for one more reader, of the messages that come from now on. */
  attach(highWaterMarkBytes: number): MessageQueue {
    const queue = new MessageQueue(
      highWaterMarkBytes,
      () => this.#updatePaused(),
      () => this.#queues.delete(queue),
    );
    if (this.#hasEnded) queue.end(undefined);
    else this.#queues.add(queue);
    return queue;
  }

  /** Gives the message to every reader. */
  push(message: ChannelMessage, payloadBytes: number): void {
    for (const queue of this.#queues) queue.push(message, payloadBytes);
  }

  /** The channel is closed; `error` says why, if it failed. */
  end(error: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const queue of this.#queues) queue.end(error);
    this.#queues.clear();
  }

  #updatePaused(): void {
    let isPaused = false;
    for (const queue of this.#queues) isPaused ||= queue.isFull;
    if (isPaused === this.#isPaused || this.#hasEnded) return;
    this.#isPaused = isPaused;
    this.#port.setReceivePaused?.(isPaused);
  }
}
