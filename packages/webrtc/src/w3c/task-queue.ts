import { Queue } from "../base/queue.ts";
import type { Runtime } from "../runtime/runtime.ts";

/**
 * "Queue a task" of the W3C specifications, for one connection: tasks run in order, and microtasks run
 * between two of them. After `close` none runs any more, so nothing is fired at objects of a closed
 * connection.
 */
export class TaskQueue {
  readonly #runtime: Pick<Runtime, "queueTask">;
  readonly #onError: ((error: unknown) => void) | undefined;
  readonly #tasks = new Queue<() => void>();
  #isClosed = false;

  /**
   * `onError` gets what a task throws. Listeners of the application do not get there: `dispatchEvent`
   * reports what they throw. So it is a bug of ours; without `onError` it goes on to the runtime.
   */
  constructor(runtime: Pick<Runtime, "queueTask">, onError?: (error: unknown) => void) {
    this.#runtime = runtime;
    this.#onError = onError;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Runs `task` later, unless the queue is closed by then. */
  queue(task: () => void): void {
    if (this.#isClosed) return;
    this.#tasks.push(task);
    this.#runtime.queueTask(this.#runNext);
  }

  /** Drops what has not run yet, and all that comes. */
  close(): void {
    this.#isClosed = true;
    this.#tasks.clear();
  }

  /** One function for all tasks: a closure for each would cost as much as the queueing itself. */
  readonly #runNext = (): void => {
    try {
      this.#tasks.shift()?.();
    } catch (error) {
      if (this.#onError === undefined) throw error;
      this.#onError(error);
    }
  };
}
