import type { Deadline } from "../runtime/runtime.ts";

/** The longest delay that Node's timers keep; beyond it they fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * A deadline on one Node timer. Moving it later costs two assignments: the timer stays as it is, and
 * when it fires too early it is set again. A busy connection moves its deadline with every packet.
 */
export class NodeDeadline implements Deadline {
  readonly #nowMs: () => number;
  readonly #onReached: () => void;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(nowMs: () => number, onReached: () => void) {
    this.#nowMs = nowMs;
    this.#onReached = onReached;
  }

  set(atMs: number): void {
    this.#atMs = atMs;
    if (this.#timer === undefined || atMs < this.#timerAtMs) this.#start();
  }

  clear(): void {
    this.#atMs = Number.POSITIVE_INFINITY;
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
  }

  #start(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    const delayMs = Math.min(Math.max(Math.ceil(this.#atMs - this.#nowMs()), 0), MAX_DELAY_MS);
    this.#timerAtMs = this.#atMs;
    this.#timer = setTimeout(this.#fire, delayMs);
  }

  readonly #fire = (): void => {
    this.#timer = undefined;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    if (this.#atMs === Number.POSITIVE_INFINITY) return;
    if (this.#nowMs() < this.#atMs) return this.#start();
    this.#atMs = Number.POSITIVE_INFINITY;
    this.#onReached();
  };
}
