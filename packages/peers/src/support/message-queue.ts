import { PeerUsageError } from "../errors.ts";

const MAX_WAITING = 10_000;

/** Messages on their way to a `for await`. Ends when the source ends. */
export class MessageQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #onReturn: () => void;
  readonly #maxWaiting: number;
  #waiting: T[] = [];
  #readers: {
    resolve(result: IteratorResult<T, undefined>): void;
    reject(error: unknown): void;
  }[] = [];
  #end: { readonly error?: unknown } | undefined;

  /** `onReturn` runs once when the reader leaves the loop or the queue overflows. */
  constructor(onReturn: () => void, maxWaiting = MAX_WAITING) {
    this.#onReturn = onReturn;
    this.#maxWaiting = maxWaiting;
  }

  /** Hands over one message. A reader that lags too far behind gets an error instead of more memory. */
  push(message: T): void {
    if (this.#end) return;
    const reader = this.#readers.shift();
    if (reader) {
      reader.resolve({ done: false, value: message });
    } else if (this.#waiting.length < this.#maxWaiting) {
      this.#waiting.push(message);
    } else {
      this.finish(
        new PeerUsageError(
          "ERR_RANGE",
          `the reader lags more than ${this.#maxWaiting} messages behind`,
        ),
      );
      this.#onReturn();
    }
  }

  /** No more messages: what waits is still delivered, then the loop ends, with `error` if given. */
  finish(error?: unknown): void {
    if (this.#end) return;
    this.#end = error === undefined ? {} : { error };
    const readers = this.#readers;
    this.#readers = [];
    readers.forEach((reader, index) => {
      if (index === 0 && error !== undefined) reader.reject(error);
      else reader.resolve({ done: true, value: undefined });
    });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#waiting.length > 0) {
      return Promise.resolve({ done: false, value: this.#waiting.shift() as T });
    }
    if (!this.#end) {
      return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
    }
    const { error } = this.#end;
    this.#end = {};
    return error === undefined
      ? Promise.resolve({ done: true, value: undefined })
      : Promise.reject(error);
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#waiting = [];
    this.finish();
    this.#onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
