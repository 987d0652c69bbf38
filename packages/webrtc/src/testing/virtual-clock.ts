import { NEVER_AT_MS } from "../base/endpoint.ts";
import { UsageError } from "../base/errors.ts";
import { SimulationError } from "./errors.ts";
import { EventQueue } from "./event-queue.ts";
import type { QueuedEvent } from "./event-queue.ts";

/** How far a simulation may go before it is taken for one that never ends. */
export type ClockLimits = {
  /** Events in the whole life of the clock. */
  readonly maxEvents: number;
  /** Events at one and the same instant: a deadline in the past that is set again and again. */
  readonly maxEventsAtOneInstant: number;
  /** Events waiting at once. */
  readonly maxQueuedEvents: number;
};

/** Generous: hours of a busy connection stay below. */
export const DEFAULT_CLOCK_LIMITS: ClockLimits = {
  maxEvents: 50_000_000,
  maxEventsAtOneInstant: 100_000,
  maxQueuedEvents: 1_000_000,
};

/**
 * Time that passes only when something is due. Events happen in the order of their instants, those of
 * one instant in the order in which they were scheduled, so a run is the same every time.
 */
export class VirtualClock {
  readonly #queue = new EventQueue();
  readonly #limits: ClockLimits;
  #nowMs: number;
  #eventCount = 0;
  #eventsAtThisInstant = 0;
  #isRunning = false;

  constructor(startAtMs = 0, limits: Partial<ClockLimits> = {}) {
    this.#nowMs = startAtMs;
    this.#limits = { ...DEFAULT_CLOCK_LIMITS, ...limits };
  }

  /** The virtual instant, in milliseconds with fractions. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Events that have happened so far. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Events that are still to happen. */
  get queuedCount(): number {
    return this.#queue.size;
  }

  /** The instant of the next event, `Infinity` if there is none. */
  get nextAtMs(): number {
    return this.#queue.nextAtMs;
  }

  /**
   * Runs `run` at `atMs`, or now if that is past; never from within this call, and not at all if it is
   * {@link NEVER_AT_MS}. `isVisible` false says that it is a step inside the network, after which
   * nobody's promises need a turn.
   */
  schedule(atMs: number, run: () => void, isVisible = true): QueuedEvent {
    if (Number.isNaN(atMs)) throw new UsageError("ERR_RANGE", "an event needs an instant, got NaN");
    if (this.#queue.size >= this.#limits.maxQueuedEvents) {
      throw new SimulationError(
        "ERR_CAP_REACHED",
        `${this.#queue.size} events wait at ${this.#nowMs} ms`,
      );
    }
    const event = this.#queue.push(Math.max(atMs, this.#nowMs), run, isVisible);
    if (atMs === NEVER_AT_MS) this.#queue.cancel(event);
    return event;
  }

  /** The event happens no more. Harmless when it has happened already. */
  cancel(event: QueuedEvent): void {
    this.#queue.cancel(event);
  }

  /** Lets the next event happen and returns it; `undefined`, and no time passes, if none is due by `untilMs`. */
  step(untilMs = Number.POSITIVE_INFINITY): QueuedEvent | undefined {
    if (this.#isRunning) {
      throw new UsageError("ERR_OUT_OF_ORDER", "an event cannot make virtual time pass");
    }
    const atMs = this.#queue.nextAtMs;
    if (!(atMs <= untilMs) || atMs === Number.POSITIVE_INFINITY) return undefined;
    const event = this.#queue.shift()!;
    this.#count(atMs);
    this.#nowMs = atMs;
    this.#isRunning = true;
    try {
      event.run();
    } finally {
      this.#isRunning = false;
    }
    return event;
  }

  /** Lets time pass up to `atMs` without an event. Throws `UsageError` if one is due before. */
  skipTo(atMs: number): void {
    if (this.#queue.nextAtMs < atMs) {
      throw new UsageError("ERR_OUT_OF_ORDER", `an event is due before ${atMs} ms`);
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  #count(atMs: number): void {
    this.#eventsAtThisInstant = atMs === this.#nowMs ? this.#eventsAtThisInstant + 1 : 0;
    this.#eventCount++;
    if (this.#eventsAtThisInstant > this.#limits.maxEventsAtOneInstant) {
      throw new SimulationError(
        "ERR_LIVELOCK",
        `${this.#eventsAtThisInstant} events at ${atMs} ms: is a deadline set in the past again and again?`,
      );
    }
    if (this.#eventCount > this.#limits.maxEvents) {
      throw new SimulationError("ERR_CAP_REACHED", `${this.#eventCount} events by ${atMs} ms`);
    }
  }
}
