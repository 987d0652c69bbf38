import type { SocketId } from "../base/datagram.ts";
import { CandidatePair, canPair } from "./candidate-pair.ts";
import type { IceRole } from "./ice-options.ts";
import type { LocalCandidate } from "./local-candidates.ts";
import type { RemoteCandidate } from "./remote-candidates.ts";

/**
 * The pairs of one data stream, best first, and which of them is to be checked next.
 *
 * RFC 8445 §6.1.2 and §6.1.4, RFC 8838 §12 for pairs that come late. It knows no time: when the next
 * check may go out is decided by the pacer.
 */
export class Checklist {
  readonly #maxPairs: number;
  #pairs: CandidatePair[] = [];
  #triggered: CandidatePair[] = [];
  #formed = 0;
  #isConcluded = false;

  constructor(maxPairs: number) {
    this.#maxPairs = maxPairs;
  }

  /** In decreasing order of priority. */
  get pairs(): readonly CandidatePair[] {
    return this.#pairs;
  }

  /** How many pairs were ever formed: grows when there is something new to try. */
  get formed(): number {
    return this.#formed;
  }

  get hasTriggered(): boolean {
    return this.#triggered.length > 0;
  }

  /** A pair is nominated, so only triggered checks are sent. */
  get isConcluded(): boolean {
    return this.#isConcluded;
  }

  /** An ordinary check could be sent now. */
  get hasOrdinary(): boolean {
    return !this.#isConcluded && this.#nextOrdinary() !== undefined;
  }

  /** Nothing is being checked and nothing is left to check. */
  get isExhausted(): boolean {
    return this.#pairs.every(({ state }) => state === "failed" || state === "succeeded");
  }

  /** Checks under way or waiting: what the retransmission timeout depends on (RFC 8445 §14.3). */
  get activeCount(): number {
    let count = 0;
    for (const { state } of this.#pairs)
      if (state === "waiting" || state === "in-progress") count++;
    return count;
  }

  /** Pairs two candidates, if that makes sense (RFC 8445 §6.1.2.2, §6.1.2.4). `local` is a base. */
  pairUp(local: LocalCandidate, remote: RemoteCandidate, role: IceRole): void {
    if (!canPair(local, remote) || this.#find(local, remote) !== undefined) return;
    const pair = this.#insert(local, remote, role);
    if (pair !== undefined && !this.#isConcluded && this.#mayUnfreeze(pair)) pair.awaitCheck();
  }

  /**
   * The pair of an incoming check, formed if need be (RFC 8445 §7.3.1.4). `undefined` if the list is
   * full of better ones.
   */
  obtain(local: LocalCandidate, remote: RemoteCandidate, role: IceRole): CandidatePair | undefined {
    return this.#find(local, remote) ?? this.#insert(local, remote, role);
  }

  /** The pair along which packets between these ends travel. */
  findPath(socketId: SocketId, address: string, port: number): CandidatePair | undefined {
    for (const pair of this.#pairs) if (pair.isPath(socketId, address, port)) return pair;
    return undefined;
  }

  /** Has the pair checked at the next opportunity (RFC 8445 §6.1.4.1). */
  trigger(pair: CandidatePair): void {
    if (!this.#triggered.includes(pair)) this.#triggered.push(pair);
  }

  takeTriggered(): CandidatePair | undefined {
    return this.#triggered.shift();
  }

  /** The best pair to check, if there is one (RFC 8445 §6.1.4.2, steps 2 and 3). */
  takeOrdinary(): CandidatePair | undefined {
    return this.#isConcluded ? undefined : this.#nextOrdinary();
  }

  /** After a success the pairs of the same foundation are worth trying (RFC 8445 §7.2.5.3.3). */
  unfreeze(foundation: string): void {
    for (const pair of this.#pairs) {
      if (pair.state === "frozen" && pair.foundation === foundation) pair.awaitCheck();
    }
  }

  /**
   * A pair is nominated: checks of the others end (RFC 8445 §8.1.2), save those that a peer with
   * aggressive nomination has chosen as well.
   */
  conclude(selected: CandidatePair): void {
    this.#isConcluded = true;
    const isKept = (pair: CandidatePair): boolean =>
      pair === selected || pair.isNominationRequested;
    this.#triggered = this.#triggered.filter((pair) => isKept(pair));
    for (const pair of this.#pairs) {
      if (isKept(pair)) continue;
      if (pair.state === "waiting" || pair.state === "in-progress") pair.freeze();
    }
  }

  /** Another pair was selected: {@link conclude} is to be called anew. */
  reopen(): void {
    this.#isConcluded = false;
  }

  /** The selected pair is in trouble: every other way is tried again. */
  resume(selected: CandidatePair | undefined): void {
    this.#isConcluded = false;
    for (const pair of this.#pairs) {
      if (pair !== selected && pair.state !== "in-progress") pair.awaitCheck();
    }
  }

  /** Priorities depend on the role and on what the peer announced; so does the order. */
  updatePriorities(role: IceRole): void {
    for (const pair of this.#pairs) pair.updatePriority(role);
    this.#pairs.sort(byPriority);
  }

  removeIf(isUnwanted: (pair: CandidatePair) => boolean): readonly CandidatePair[] {
    const removed = this.#pairs.filter((pair) => isUnwanted(pair));
    this.#pairs = this.#pairs.filter((pair) => !removed.includes(pair));
    this.#triggered = this.#triggered.filter((pair) => !removed.includes(pair));
    return removed;
  }

  #find(local: LocalCandidate, remote: RemoteCandidate): CandidatePair | undefined {
    const { address, port } = remote.candidate;
    return this.findPath(local.socketId, address, port);
  }

  #insert(
    local: LocalCandidate,
    remote: RemoteCandidate,
    role: IceRole,
  ): CandidatePair | undefined {
    const pair = new CandidatePair(`pair${this.#formed + 1}`, local, remote, role);
    if (this.#pairs.length >= this.#maxPairs && !this.#makeRoomFor(pair)) return undefined;
    this.#formed++;
    this.#pairs.push(pair);
    this.#pairs.sort(byPriority);
    return pair;
  }

  /** Drops the least pair that nobody works on, if it is less than `pair` (RFC 8445 §6.1.2.5). */
  #makeRoomFor(pair: CandidatePair): boolean {
    for (let index = this.#pairs.length - 1; index >= 0; index--) {
      const least = this.#pairs[index]!;
      if (least.priority >= pair.priority) return false;
      const isIdle = least.state !== "succeeded" && least.state !== "in-progress";
      if (!isIdle || this.#triggered.includes(least)) continue;
      this.#pairs.splice(index, 1);
      return true;
    }
    return false;
  }

  #nextOrdinary(): CandidatePair | undefined {
    for (const pair of this.#pairs) if (pair.state === "waiting") return pair;
    // Step 2: nothing waits, so a frozen pair of an idle foundation does.
    for (const pair of this.#pairs) {
      if (pair.state === "frozen" && this.#isIdle(pair.foundation)) return pair;
    }
    return undefined;
  }

  #mayUnfreeze(pair: CandidatePair): boolean {
    const isProven = this.#pairs.some(
      ({ state, foundation }) => state === "succeeded" && foundation === pair.foundation,
    );
    return isProven || this.#isIdle(pair.foundation);
  }

  #isIdle(foundation: string): boolean {
    return !this.#pairs.some(
      (pair) =>
        (pair.state === "waiting" || pair.state === "in-progress") &&
        pair.foundation === foundation,
    );
  }
}

function byPriority(a: CandidatePair, b: CandidatePair): number {
  if (a.priority === b.priority) return 0;
  return a.priority > b.priority ? -1 : 1;
}
