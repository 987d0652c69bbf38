import { Queue } from "../base/queue.ts";
import type { TaskQueue } from "./task-queue.ts";

/** A message that waits for its task. */
export type InboxMessage = { readonly isText: boolean; readonly payload: Uint8Array };

/** What happens to a channel in the order in which it came: messages, and changes of its state. */
type Step = InboxMessage | (() => void);

/**
 * Runs what happens to one channel step by step, each in a task of its own. Nothing runs before the
 * channel has been announced as open: the first message may be here before the `datachannel` event.
 */
export class ChannelInbox {
  readonly #tasks: TaskQueue;
  readonly #onMessage: (message: InboxMessage) => void;
  readonly #steps = new Queue<Step>();
  #isHeld: boolean;

  constructor(tasks: TaskQueue, isHeld: boolean, onMessage: (message: InboxMessage) => void) {
    this.#tasks = tasks;
    this.#isHeld = isHeld;
    this.#onMessage = onMessage;
  }

  push(step: Step): void {
    this.#steps.push(step);
    if (!this.#isHeld) this.#tasks.queue(this.#runNext);
  }

  /** What comes from now on waits for `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Queues a task for each step that has waited. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    for (let count = this.#steps.size; count > 0; count--) this.#tasks.queue(this.#runNext);
  }

  readonly #runNext = (): void => {
    const step = this.#steps.shift();
    if (typeof step === "function") step();
    else if (step !== undefined) this.#onMessage(step);
  };
}
