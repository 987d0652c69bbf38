import { Queue } from "../base/queue.ts";
import type { OutgoingMessage } from "./channel-data.ts";
import type { ChannelPort } from "./channel-port.ts";

/** A message that cannot be handed on yet: a Blob that is being read, or anything behind one. */
type Waiting = {
  readonly message: OutgoingMessage;
  content: Uint8Array | "reading" | "unreadable";
};

type Waiter = { readonly atMostBytes: number; readonly wake: () => void };

/**
 * The sending half of a channel: `[[BufferedAmount]]`, and the order of messages when some of them are
 * Blobs, which can only be read later.
 */
export class ChannelSender {
  readonly #port: ChannelPort;
  readonly #onUnreadable: (message: OutgoingMessage, reason: unknown) => void;
  readonly #waiting = new Queue<Waiting>();
  #waiters: Waiter[] = [];
  #bufferedAmount = 0;
  #isClosing = false;
  #hasEnded = false;

  /** `onUnreadable` is told of a Blob that could not be read: it is left out. */
  constructor(
    port: ChannelPort,
    onUnreadable: (message: OutgoingMessage, reason: unknown) => void,
  ) {
    this.#port = port;
    this.#onUnreadable = onUnreadable;
  }

  /** Bytes that were given to `send` and have not been sent. */
  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  /** False, with nothing queued, if there is no room for the message. */
  send(message: OutgoingMessage): boolean {
    const { byteLength, content, kind } = message;
    if (this.#bufferedAmount + byteLength > this.#port.maxBufferedBytes) return false;
    if (this.#waiting.size > 0 || !(content instanceof Uint8Array)) {
      this.#wait(message);
    } else if (!this.#port.send(kind, content)) {
      return false;
    }
    this.#bufferedAmount += byteLength;
    return true;
  }

  /** `bytes` have left, or never will. */
  noteSent(bytes: number): void {
    this.#bufferedAmount = Math.max(0, this.#bufferedAmount - bytes);
    this.#wakeWaiters();
  }

  /** The port has room again. */
  noteSendable(): void {
    this.#flush();
    this.#wakeWaiters();
  }

  /** Starts the closing procedure once everything before has been handed on. */
  closeWhenFlushed(): void {
    this.#isClosing = true;
    this.#flush();
  }

  /** The channel is closed: what has not been handed on never will be. */
  end(): void {
    this.#hasEnded = true;
    this.#waiting.clear();
    this.#wakeWaiters();
  }

  /** Resolves once at most `atMostBytes` are buffered, or the channel has ended. */
  whenBufferedAtMost(atMostBytes: number): Promise<void> {
    if (this.#hasEnded || this.#bufferedAmount <= atMostBytes) return Promise.resolve();
    return new Promise((wake) => {
      this.#waiters.push({ atMostBytes, wake });
    });
  }

  /** Resolves when a message that was refused may be tried again, or the channel has ended. */
  whenRoomMayBe(): Promise<void> {
    if (this.#hasEnded) return Promise.resolve();
    return new Promise((wake) => {
      this.#waiters.push({ atMostBytes: Infinity, wake });
    });
  }

  #wait(message: OutgoingMessage): void {
    const { content } = message;
    if (content instanceof Uint8Array) {
      this.#waiting.push({ message, content });
      return;
    }
    const entry: Waiting = { message, content: "reading" };
    this.#waiting.push(entry);
    content.arrayBuffer().then(
      (buffer) => this.#finishReading(entry, new Uint8Array(buffer)),
      (reason: unknown) => {
        this.#finishReading(entry, "unreadable");
        if (!this.#hasEnded) this.#onUnreadable(message, reason);
      },
    );
  }

  #finishReading(entry: Waiting, content: Uint8Array | "unreadable"): void {
    entry.content = content;
    this.#flush();
  }

  /** Hands on what is ready, in order, up to the first Blob that is not. */
  #flush(): void {
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      const { content, message } = next;
      if (content === "reading") return;
      if (content !== "unreadable" && !this.#port.send(message.kind, content)) return;
      this.#waiting.shift();
    }
    if (!this.#isClosing || this.#hasEnded) return;
    this.#isClosing = false;
    this.#port.close();
  }

  #wakeWaiters(): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (this.#hasEnded || this.#bufferedAmount <= waiter.atMostBytes) waiter.wake();
      else this.#waiters.push(waiter);
    }
  }
}
