/**
 * The chain on which a connection runs its asynchronous operations, one after another
 * (https://w3c.github.io/webrtc-pc/#dfn-chain).
 */
export class OperationsChain {
  readonly #isClosed: () => boolean;
  readonly #onEmpty: () => void;
  #operations: (() => void)[] = [];

  /**
   * `isClosed` is asked before each step: on a closed connection a promise stays pending for ever,
   * as the specification wants. `onEmpty` is called when the last operation has settled.
   */
  constructor(isClosed: () => boolean, onEmpty: () => void) {
    this.#isClosed = isClosed;
    this.#onEmpty = onEmpty;
  }

  get isEmpty(): boolean {
    return this.#operations.length === 0;
  }

  /** Runs `operation` after those before it. The promise settles as the operation's does. */
  run<T>(operation: () => Promise<T>): Promise<T> {
    // Step 2
    if (this.#isClosed()) {
      return Promise.reject(new DOMException("the connection is closed", "InvalidStateError"));
    }
    // Steps 4 to 6
    return new Promise<T>((resolve, reject) => {
      const start = (): void => {
        promiseOf(operation).then(
          (value) => this.#settle(() => resolve(value)),
          (error: unknown) => this.#settle(() => reject(error)),
        );
      };
      this.#operations.push(start);
      if (this.#operations.length === 1) start();
    });
  }

  #settle(settle: () => void): void {
    if (this.#isClosed()) return; // Steps 7.1 and 8.1
    settle(); // Steps 7.2 and 7.3
    // Steps 8.2 to 8.6
    this.#operations.shift();
    const next = this.#operations[0];
    if (next !== undefined) next();
    else this.#onEmpty();
  }
}

/** What an operation of Web IDL that returns a promise does with an exception: it becomes a rejection (§3.7.7). */
export function promiseOf<T>(steps: () => Promise<T>): Promise<T> {
  try {
    return steps();
  } catch (error) {
    return Promise.reject(error);
  }
}
