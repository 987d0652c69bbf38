import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { CandidatePair } from "./candidate-pair.ts";
import type { Checklist } from "./checklist.ts";
import type { IceTimings } from "./ice-options.ts";

/** The rank of a nomination that has no number of its own. */
export const PLAIN_RANK = 0;

/**
 * Which pair is used (RFC 8445 §8.1.1).
 *
 * The controlling side nominates the best pair that works as soon as no better one can still be
 * expected to win: at once from host to host, else after a grace that depends on how many better
 * pairs are still to be tried. Data need not wait for it: any valid pair may carry it.
 */
export class Nomination {
  readonly #timings: IceTimings;
  #nominating: CandidatePair | undefined;
  #graceEndsAtMs = NEVER_AT_MS;

  constructor(timings: IceTimings) {
    this.#timings = timings;
  }

  /** When {@link choose} may come to another result by itself. */
  get nextTimeoutAtMs(): number {
    return this.#graceEndsAtMs;
  }

  /** The pair whose next check carries USE-CANDIDATE. */
  get nominating(): CandidatePair | undefined {
    return this.#nominating;
  }

  /**
   * For the controlling side: the pair to be nominated now, given once. `areCandidatesComplete`: no
   * further candidate of either side will come. `avoided`: the selected pair, if it has stopped
   * working.
   */
  choose(
    checklist: Checklist,
    areCandidatesComplete: boolean,
    avoided: CandidatePair | undefined,
    nowMs: number,
  ): CandidatePair | undefined {
    this.#graceEndsAtMs = NEVER_AT_MS;
    if (this.#nominating !== undefined) return undefined;
    // The pairs are in decreasing order of priority.
    const best = checklist.pairs.find((pair) => pair.isValid && pair !== avoided);
    if (best === undefined) return undefined;
    const graceEndsAtMs = this.#graceEndOf(best, checklist.pairs, areCandidatesComplete);
    if (nowMs < graceEndsAtMs) {
      this.#graceEndsAtMs = graceEndsAtMs;
      return undefined;
    }
    this.#nominating = best;
    return best;
  }

  /** The nominating check was answered: the pair is the chosen one. */
  confirm(pair: CandidatePair): void {
    if (this.#nominating === pair) pair.nominate(PLAIN_RANK);
  }

  /** There is a nominated pair that works: no choice is to be made. */
  stopWaiting(): void {
    this.#graceEndsAtMs = NEVER_AT_MS;
  }

  /** The chosen pair came to nothing, or the role changed: choose again. */
  reset(): void {
    this.#nominating = undefined;
    this.#graceEndsAtMs = NEVER_AT_MS;
  }

  #graceEndOf(
    best: CandidatePair,
    pairs: readonly CandidatePair[],
    areCandidatesComplete: boolean,
  ): number {
    if (best.isHostToHost) return best.succeededAtMs;
    let betterCount = 0;
    for (const pair of pairs) if (pair.priority > best.priority && isUndecided(pair)) betterCount++;
    if (betterCount === 0 && areCandidatesComplete) return best.succeededAtMs;
    const { taMs, nominationGraceMs, maxNominationGraceMs } = this.#timings;
    const roundTripTimeMs = best.counters.currentRoundTripTimeMs ?? 0;
    const graceMs = betterCount * taMs + Math.max(nominationGraceMs, 2 * roundTripTimeMs);
    return best.succeededAtMs + Math.min(graceMs, maxNominationGraceMs);
  }
}

/**
 * The pair that data should take: the nominated one; of several, the last nominated, then the best
 * (RFC 8445 §8.1.1 for peers that nominate aggressively); before any nomination the best valid one.
 * `avoided`: the selected pair, if it has stopped working; any other nominated one is better.
 */
export function selectPair(
  pairs: readonly CandidatePair[],
  avoided?: CandidatePair,
): CandidatePair | undefined {
  let selected: CandidatePair | undefined;
  let resort: CandidatePair | undefined;
  for (const pair of pairs) {
    if (!pair.isValid) continue;
    if (pair === avoided || !pair.isNominated) resort ??= pair;
    else if (selected === undefined || pair.nominationRank > selected.nominationRank) {
      selected = pair;
    }
  }
  return selected ?? (avoided?.isValid ? avoided : resort);
}

function isUndecided({ state }: CandidatePair): boolean {
  return state === "waiting" || state === "in-progress" || state === "frozen";
}
