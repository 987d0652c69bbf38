import type { Deadline } from "../runtime/runtime.ts";
import type { QueuedEvent } from "./event-queue.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/**
 * One timer on the virtual clock. Moving it later, which a busy connection does with every packet,
 * costs one assignment; the queue finds its new place when the old one comes up.
 */
export class VirtualDeadline implements Deadline {
  readonly #clock: VirtualClock;
  readonly #onReached: () => void;
  readonly #armed: Set<VirtualDeadline>;
  #event: QueuedEvent | undefined;

  /** `armed` holds this deadline while it is set and not reached: a test for leaks looks there. */
  constructor(clock: VirtualClock, onReached: () => void, armed: Set<VirtualDeadline>) {
    this.#clock = clock;
    this.#onReached = onReached;
    this.#armed = armed;
  }

  set(atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) return this.clear();
    const dueAtMs = Math.max(atMs, this.#clock.nowMs);
    if (this.#event !== undefined && dueAtMs >= this.#event.queuedAtMs) {
      this.#event.dueAtMs = dueAtMs;
      return;
    }
    this.clear();
    this.#event = this.#clock.schedule(dueAtMs, this.#fire);
    this.#armed.add(this);
  }

  clear(): void {
    if (this.#event === undefined) return;
    this.#clock.cancel(this.#event);
    this.#event = undefined;
    this.#armed.delete(this);
  }

  readonly #fire = (): void => {
    this.#event = undefined;
    this.#armed.delete(this);
    this.#onReached();
  };
}
