import { UsageError } from "../base/errors.ts";
import { SeededRandom } from "../base/random.ts";
import type { Random } from "../base/random.ts";
import { SimulationError } from "./errors.ts";
import { NameTable } from "./name-table.ts";
import { PacketTrace } from "./packet-trace.ts";
import type { TraceEntry } from "./packet-trace.ts";
import { VirtualClock } from "./virtual-clock.ts";
import type { ClockLimits } from "./virtual-clock.ts";
import { VirtualHost } from "./virtual-host.ts";
import type { VirtualInterfaceOptions } from "./virtual-interface.ts";
import { VirtualNat } from "./virtual-nat.ts";
import type { VirtualNatOptions } from "./virtual-nat.ts";
import { VirtualNetwork } from "./virtual-network.ts";

/** What a world starts with. */
export type VirtualWorldOptions = {
  /** Everything random follows from it: print it when a test fails. */
  readonly seed: number;
  /** The wall clock at virtual instant 0, in milliseconds since 1970; 2026-01-01 if missing. */
  readonly startEpochMs?: number;
  readonly limits?: Partial<ClockLimits>;
  /** Whether the trace hash covers the bytes of the packets too, not only their way and time. */
  readonly hashesContent?: boolean;
  /** Told of every packet sent, delivered or dropped. */
  readonly onTrace?: (entry: TraceEntry) => void;
};

const DEFAULT_START_EPOCH_MS = 1_767_225_600_000;
const DEFAULT_WITHIN_MS = 60_000;
/** How long something outside virtual time, like a key made by a thread, is waited for: about 1 s. */
const MAX_IDLE_TURNS = 200_000;
const TRACE_LINES = 12;
const FNV_OFFSET = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;

/** Taken at load time: a test runner's fake timers must not stop virtual time. */
const realSetImmediate = setImmediate;

/**
 * A seeded world in virtual time: networks, NATs, hosts, and one clock that jumps from event to event.
 *
 * Two ways to make time pass. The synchronous ones (`run…`) suit state machines without promises.
 * The asynchronous ones (`advance…`, `settle`) give the promises of user code their turn after each
 * event, so that code written with `await` proceeds as it would in real life, and repeatably.
 *
 * Components draw from random sources derived from the seed and their own name, so that one more
 * host does not change what happens to the others.
 */
export class VirtualWorld {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly names: NameTable;
  readonly trace: PacketTrace;
  /** The network that everybody can reach. */
  readonly internet: VirtualNetwork;
  readonly #startEpochMs: number;
  readonly #componentNames = new Set<string>();

  constructor(options: VirtualWorldOptions) {
    this.seed = options.seed;
    this.clock = new VirtualClock(0, options.limits);
    this.names = new NameTable(this.clock);
    this.trace = new PacketTrace(options.hashesContent ?? false, options.onTrace);
    this.#startEpochMs = options.startEpochMs ?? DEFAULT_START_EPOCH_MS;
    this.internet = this.createNetwork("internet");
  }

  /** The virtual instant, in milliseconds since the world began. */
  get nowMs(): number {
    return this.clock.nowMs;
  }

  /** A random source that depends on the seed and `label` alone. */
  random(label: string): Random {
    let hash = FNV_OFFSET ^ this.seed;
    for (let index = 0; index < label.length; index++) {
      hash = Math.imul(hash ^ label.charCodeAt(index), FNV_PRIME);
    }
    return new SeededRandom(hash);
  }

  /** A network apart from the others: a local one without a way out, unless a NAT is its gateway. */
  createNetwork(name: string): VirtualNetwork {
    this.#claimName(name);
    return new VirtualNetwork(name, this);
  }

  /** A machine with these interfaces. Throws `UsageError` if a name or an address is taken. */
  createHost(name: string, ...interfaces: readonly VirtualInterfaceOptions[]): VirtualHost {
    this.#claimName(name);
    const { clock, trace, names } = this;
    const context = { clock, trace, names, startEpochMs: this.#startEpochMs };
    const host = new VirtualHost(name, context, (label) => this.random(`${name}.${label}`));
    for (const each of interfaces) host.addInterface(each);
    return host;
  }

  /** A NAT; give its `inside` to the interfaces of the hosts behind it. */
  createNat(name: string, options: VirtualNatOptions): VirtualNat {
    this.#claimName(name);
    return new VirtualNat(name, options, this, (label) => this.random(`${name}.${label}`));
  }

  /** Lets happen what is due up to and including `atMs`; then it is `atMs`. No promise gets a turn. */
  runUntil(atMs: number): void {
    while (this.clock.step(atMs) !== undefined);
    this.clock.skipTo(atMs);
  }

  /** {@link runUntil} for so long from now. */
  runFor(durationMs: number): void {
    this.runUntil(this.nowMs + durationMs);
  }

  /**
   * Until nothing is left that could happen. Throws {@link SimulationError} if that is not so within
   * `withinMs`, as with everything that sends keep-alives.
   */
  runUntilIdle(withinMs = DEFAULT_WITHIN_MS): void {
    const untilMs = this.nowMs + withinMs;
    while (this.clock.step(untilMs) !== undefined);
    if (this.clock.queuedCount > 0) throw this.#capReached("the world to become idle", withinMs);
  }

  /** Until `isTrue` after an event. Throws {@link SimulationError} if that is not within `withinMs`. */
  runUntilTrue(isTrue: () => boolean, withinMs = DEFAULT_WITHIN_MS): void {
    const untilMs = this.nowMs + withinMs;
    while (!isTrue()) {
      if (this.clock.step(untilMs) === undefined) throw this.#capReached("a condition", withinMs);
    }
  }

  /** Lets `durationMs` pass, with turns for promises before, between and after the events. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.nowMs + durationMs;
    await turn();
    while (this.clock.nextAtMs <= untilMs) await this.#stepWithTurn(untilMs);
    this.clock.skipTo(untilMs);
  }

  /**
   * {@link runUntilTrue} with turns for promises. Real work outside virtual time (a key pair made by a
   * thread) is waited for when there is nothing else to do, for about a second.
   */
  async advanceUntil(isTrue: () => boolean, withinMs = DEFAULT_WITHIN_MS): Promise<void> {
    await this.#advanceUntil(isTrue, withinMs, "a condition");
  }

  /** Lets time pass until `promise` is settled, and gives what it gives. */
  async settle<T>(promise: Promise<T>, withinMs = DEFAULT_WITHIN_MS): Promise<T> {
    let isSettled = false;
    const markSettled = (): void => {
      isSettled = true;
    };
    promise.then(markSettled, markSettled);
    await this.#advanceUntil(() => isSettled, withinMs, "a promise");
    return promise;
  }

  /** Settles after `durationMs` of virtual time: what `setTimeout` is in real time. */
  delay(durationMs: number): Promise<void> {
    return new Promise((resolve) => this.clock.schedule(this.nowMs + durationMs, resolve));
  }

  async #advanceUntil(isTrue: () => boolean, withinMs: number, what: string): Promise<void> {
    const untilMs = this.nowMs + withinMs;
    await turn();
    for (let idleTurns = 0; !isTrue();) {
      if (this.clock.nextAtMs <= untilMs) {
        await this.#stepWithTurn(untilMs);
        idleTurns = 0;
      } else {
        if (idleTurns++ >= MAX_IDLE_TURNS) throw this.#capReached(what, withinMs);
        await turn();
      }
    }
  }

  /** A step inside the network cannot have woken anybody, so it needs no turn. */
  async #stepWithTurn(untilMs: number): Promise<void> {
    let event = this.clock.step(untilMs);
    while (event !== undefined && !event.isVisible) event = this.clock.step(untilMs);
    if (event !== undefined) await turn();
  }

  #claimName(name: string): void {
    if (this.#componentNames.has(name)) {
      throw new UsageError("ERR_RANGE", `the world has a ${name} already`);
    }
    this.#componentNames.add(name);
  }

  #capReached(what: string, withinMs: number): SimulationError {
    const isIdle = this.clock.queuedCount === 0;
    const why = isIdle ? "nothing is left that could happen" : `${withinMs} ms were allowed`;
    return new SimulationError(
      isIdle ? "ERR_NOTHING_LEFT" : "ERR_CAP_REACHED",
      `waited in vain for ${what} (seed ${this.seed}, now ${this.nowMs} ms): ${why}.\n` +
        `Last packets:\n${this.trace.describe(TRACE_LINES)}`,
    );
  }
}

/** One turn of the real event loop: every microtask runs, and theirs. */
function turn(): Promise<void> {
  return new Promise((resolve) => realSetImmediate(resolve));
}
