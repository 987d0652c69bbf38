import type { Random } from "../base/random.ts";
import { LossProcess, NO_LOSS } from "./loss-model.ts";
import type { LossModel } from "./loss-model.ts";

/** What one direction of a link does to packets. Sizes are of whole IP packets, headers included. */
export type LinkOptions = {
  /** Propagation: every packet takes it. */
  readonly delayMs: number;
  /** Up to so much more, uniformly. Packets stay in order, as in a queue. */
  readonly jitterMs: number;
  /** Bits a second; packets wait their turn. `Infinity` for no limit. */
  readonly rateBps: number;
  /** Waiting room before the link; what finds it full is dropped (tail drop). */
  readonly queueBytes: number;
  /** A larger packet is dropped, silently, as where ICMP is filtered. */
  readonly mtuBytes: number;
  readonly loss: LossModel;
  /** Probability, from 0 to 1, of a second copy. */
  readonly duplication: number;
  /** Probability, from 0 to 1, of being held back by {@link reorderByMs} and overtaken. */
  readonly reordering: number;
  readonly reorderByMs: number;
};

/** A link that does nothing: no delay, no loss, no limit. */
export const IDEAL_LINK: LinkOptions = {
  delayMs: 0,
  jitterMs: 0,
  rateBps: Number.POSITIVE_INFINITY,
  queueBytes: Number.POSITIVE_INFINITY,
  mtuBytes: Number.POSITIVE_INFINITY,
  loss: NO_LOSS,
  duplication: 0,
  reordering: 0,
  reorderByMs: 0,
};

/** Why a link did not carry a packet. */
export type LinkDropReason = "cut" | "tooLarge" | "lost" | "queueFull";

/** What becomes of a packet: when it arrives, once or twice, or why it does not. */
export type LinkVerdict =
  | { readonly kind: "carried"; readonly arrivesAtMs: number; readonly copyArrivesAtMs?: number }
  | { readonly kind: "dropped"; readonly reason: LinkDropReason };

/** What a link has done so far. */
export type LinkCounters = {
  readonly offered: number;
  readonly carried: number;
  readonly duplicated: number;
  readonly heldBack: number;
  readonly dropped: Readonly<Record<LinkDropReason, number>>;
};

const BITS_PER_BYTE = 8;
const MS_PER_SECOND = 1_000;

/**
 * One direction of a link, without a clock of its own: it is told of a packet and says when that
 * arrives.
 *
 * Each packet costs the same count of random numbers whatever its fate, so the fate of the n-th
 * packet of a direction depends on the seed and on n, not on what happened before.
 */
export class VirtualLink {
  readonly #random: Random;
  #options: LinkOptions;
  #loss: LossProcess;
  #isCut = false;
  #outages: { readonly fromMs: number; readonly untilMs: number }[] = [];
  #idleFromMs = Number.NEGATIVE_INFINITY;
  #lastArrivalMs = Number.NEGATIVE_INFINITY;
  readonly #counters = { offered: 0, carried: 0, duplicated: 0, heldBack: 0 };
  readonly #dropped = { cut: 0, tooLarge: 0, lost: 0, queueFull: 0 };

  constructor(options: Partial<LinkOptions>, random: Random) {
    this.#random = random;
    this.#options = { ...IDEAL_LINK, ...options };
    this.#loss = new LossProcess(this.#options.loss);
  }

  get options(): LinkOptions {
    return this.#options;
  }

  get counters(): LinkCounters {
    return { ...this.#counters, dropped: { ...this.#dropped } };
  }

  /** Changes some properties from the next packet on. */
  change(options: Partial<LinkOptions>): void {
    this.#options = { ...this.#options, ...options };
    if (options.loss !== undefined) this.#loss = new LossProcess(options.loss);
  }

  /** Drops every packet from now on; those on the way still arrive. */
  cut(): void {
    this.#isCut = true;
  }

  /** Ends {@link cut}. */
  restore(): void {
    this.#isCut = false;
  }

  /** Drops every packet offered from `fromMs` on and before `untilMs`. */
  cutBetween(fromMs: number, untilMs: number): void {
    this.#outages.push({ fromMs, untilMs });
  }

  /** Decides on a packet of `wireBytes` that is offered at `nowMs`. Instants must not go backwards. */
  carry(wireBytes: number, nowMs: number): LinkVerdict {
    const index = this.#counters.offered++;
    const stateDraw = this.#random.fraction();
    const lossDraw = this.#random.fraction();
    const jitterDraw = this.#random.fraction();
    const reorderDraw = this.#random.fraction();
    const copyDraw = this.#random.fraction();

    // Asked for every packet, so that a burst goes on while packets are dropped for other reasons.
    const isLost = this.#loss.isLost(index, stateDraw, lossDraw);
    if (this.#isCutAt(nowMs)) return this.#drop("cut");
    if (wireBytes > this.#options.mtuBytes) return this.#drop("tooLarge");
    if (!this.#hasRoomFor(wireBytes, nowMs)) return this.#drop("queueFull");
    const leavesAtMs = this.#serialise(wireBytes, nowMs);
    if (isLost) return this.#drop("lost"); // On the way: it has taken its share of the rate.

    this.#counters.carried++;
    const arrivesAtMs = this.#arrivalOf(leavesAtMs, jitterDraw, reorderDraw);
    if (copyDraw >= this.#options.duplication) return { kind: "carried", arrivesAtMs };
    this.#counters.duplicated++;
    return { kind: "carried", arrivesAtMs, copyArrivesAtMs: arrivesAtMs };
  }

  #drop(reason: LinkDropReason): LinkVerdict {
    this.#dropped[reason]++;
    return { kind: "dropped", reason };
  }

  #isCutAt(nowMs: number): boolean {
    if (this.#isCut) return true;
    if (this.#outages.length === 0) return false;
    this.#outages = this.#outages.filter(({ untilMs }) => untilMs > nowMs);
    return this.#outages.some(({ fromMs }) => fromMs <= nowMs);
  }

  #hasRoomFor(wireBytes: number, nowMs: number): boolean {
    const waitingMs = Math.max(0, this.#idleFromMs - nowMs);
    if (waitingMs === 0) return true; // The packet goes straight onto the wire.
    const waitingBytes = (waitingMs * this.#options.rateBps) / BITS_PER_BYTE / MS_PER_SECOND;
    return waitingBytes + wireBytes <= this.#options.queueBytes;
  }

  /** When the packet's last bit has left. */
  #serialise(wireBytes: number, nowMs: number): number {
    const sendingMs = (wireBytes * BITS_PER_BYTE * MS_PER_SECOND) / this.#options.rateBps;
    this.#idleFromMs = Math.max(nowMs, this.#idleFromMs) + sendingMs;
    return this.#idleFromMs;
  }

  #arrivalOf(leavesAtMs: number, jitterDraw: number, reorderDraw: number): number {
    const { delayMs, jitterMs, reordering, reorderByMs } = this.#options;
    const inOrderAtMs = Math.max(leavesAtMs + delayMs + jitterDraw * jitterMs, this.#lastArrivalMs);
    if (reorderDraw < reordering) {
      this.#counters.heldBack++;
      return inOrderAtMs + reorderByMs; // Those behind it do not wait.
    }
    this.#lastArrivalMs = inOrderAtMs;
    return inOrderAtMs;
  }
}
