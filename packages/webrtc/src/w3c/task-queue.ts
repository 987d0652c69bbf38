import { Queue } from "../base/queue.ts";
import type { Runtime } from "../runtime/runtime.ts";

/**
 * "Queue a task" of the W3C specifications, for one connection: tasks run in order, and microtasks run
 * between two of them. After `close` none runs any more, so nothing is fired at objects of a closed
 * connection.
 */
export class TaskQueue {
  readonly #runtime: Pick<Runtime, "queueTask">;
  readonly #tasks = new Queue<() => void>();
  #isClosed = false;

  constructor(runtime: Pick<Runtime, "queueTask">) {
    this.#runtime = runtime;
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
    this.#tasks.shift()?.();
  };
}
