import type { SocketId } from "../base/datagram.ts";
import { ipFamilyOf, isIpv6LinkLocal, isLoopbackAddress } from "../base/ip-address.ts";
import { pairPriority } from "./candidate-priority.ts";
import type { IceCandidate } from "./ice-candidate.ts";
import type { IceRole } from "./ice-options.ts";
import type { LocalCandidate } from "./local-candidates.ts";
import { createTraffic } from "./path-traffic.ts";
import type { RemoteCandidate } from "./remote-candidates.ts";

/** RFC 8445 §6.1.2.6. */
export type CandidatePairState = "frozen" | "waiting" | "in-progress" | "succeeded" | "failed";

/** The problem of a pair whose checks met with silence. */
export const NO_ANSWER = "no answer";

/** What W3C `RTCIceCandidatePairStats` counts of one pair, the bytes of the application aside. */
export type CandidatePairCounters = {
  /** Each request once, however often it was repeated; consent checks among them. */
  requestsSent: number;
  retransmissionsSent: number;
  requestsReceived: number;
  responsesSent: number;
  responsesReceived: number;
  consentRequestsSent: number;
  currentRoundTripTimeMs: number | undefined;
  totalRoundTripTimeMs: number;
};

/**
 * One way that packets could take: from the base of a local candidate to a remote candidate.
 *
 * The RFC's valid pair, whose local candidate is what the peer sees, is kept inside the pair that was
 * checked, since both are the same path.
 */
export class CandidatePair {
  readonly id: string;
  readonly local: LocalCandidate;
  readonly remote: RemoteCandidate;
  readonly counters: CandidatePairCounters = {
    requestsSent: 0,
    retransmissionsSent: 0,
    requestsReceived: 0,
    responsesSent: 0,
    responsesReceived: 0,
    consentRequestsSent: 0,
    currentRoundTripTimeMs: undefined,
    totalRoundTripTimeMs: 0,
  };
  readonly traffic = createTraffic();
  #state: CandidatePairState = "frozen";
  #priority: bigint;
  #validLocal: IceCandidate | undefined;
  #isKnown = false;
  #hasSucceeded = false;
  #succeededAtMs = 0;
  #nominationRank: number | undefined;
  #requestedRank: number | undefined;
  #problem: string | undefined;

  constructor(id: string, local: LocalCandidate, remote: RemoteCandidate, role: IceRole) {
    this.id = id;
    this.local = local;
    this.remote = remote;
    this.#priority = this.#computePriority(role);
  }

  get state(): CandidatePairState {
    return this.#state;
  }

  get priority(): bigint {
    return this.#priority;
  }

  /** RFC 8445 §6.1.2.6. */
  get foundation(): string {
    return `${this.local.candidate.foundation}:${this.remote.candidate.foundation}`;
  }

  /** The path works: our last check on it was answered (RFC 8445 §7.2.5.3.2). */
  get isValid(): boolean {
    return this.#validLocal !== undefined;
  }

  /** The local candidate that the peer sees; before the first answer the base. */
  get validLocal(): IceCandidate {
    return this.#validLocal ?? this.local.candidate;
  }

  /** When our last check succeeded. */
  get succeededAtMs(): number {
    return this.#succeededAtMs;
  }

  /**
   * The peer has shown that it uses this path: it sent an authenticated check over it or answered
   * ours. Data may be taken from there (RFC 8445 §12.2).
   */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  get isNominated(): boolean {
    return this.#nominationRank !== undefined;
  }

  /** The peer nominated it, our own check is still to succeed. */
  get isNominationRequested(): boolean {
    return this.#requestedRank !== undefined;
  }

  /** Among nominated pairs the higher rank wins, then the higher priority. */
  get nominationRank(): number {
    return this.#nominationRank ?? -1;
  }

  /** What stands in the way, in words; `undefined` if nothing is known. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Both ends are on a network of their own, nothing between them was traversed. */
  get isHostToHost(): boolean {
    return this.validLocal.type === "host" && this.remote.candidate.type === "host";
  }

  /** True if packets between these ends travel along this pair. */
  isPath(socketId: SocketId, remoteAddress: string, remotePort: number): boolean {
    return (
      this.local.socketId === socketId &&
      this.remote.candidate.port === remotePort &&
      this.remote.candidate.address === remoteAddress
    );
  }

  freeze(): void {
    this.#state = "frozen";
  }

  /** A check is to be sent. What earlier checks proved is forgotten. */
  awaitCheck(): void {
    this.#state = "waiting";
    this.#validLocal = undefined;
  }

  startCheck(): void {
    if (!this.isValid) this.#state = "in-progress";
  }

  /** A check was answered; `validLocal` is what the peer saw as its source. */
  succeed(validLocal: IceCandidate, roundTripTimeMs: number, nowMs: number): void {
    this.#state = "succeeded";
    this.#validLocal = validLocal;
    this.#isKnown = true;
    this.#hasSucceeded = true;
    this.#problem = undefined;
    this.#succeededAtMs = nowMs;
    this.countRoundTrip(roundTripTimeMs);
    if (this.#requestedRank !== undefined) this.nominate(this.#requestedRank);
  }

  fail(problem: string): void {
    this.#state = "failed";
    this.#validLocal = undefined;
    this.#nominationRank = undefined;
    this.#requestedRank = undefined;
    this.#problem ??= problem;
    // Checks came from there, but nobody answers: they may have been replayed by a stranger.
    if (!this.#hasSucceeded) this.#isKnown = false;
  }

  /** The path is gone for good: not even data is taken from it. */
  abandon(problem: string): void {
    this.fail(problem);
    this.#isKnown = false;
  }

  /** Remembers what the peer said or did, for the report of a failure. */
  noteProblem(problem: string): void {
    this.#problem = problem;
  }

  noteRequest(): void {
    this.#isKnown = true;
    this.counters.requestsReceived++;
  }

  countRoundTrip(roundTripTimeMs: number): void {
    this.counters.responsesReceived++;
    this.counters.currentRoundTripTimeMs = roundTripTimeMs;
    this.counters.totalRoundTripTimeMs += roundTripTimeMs;
  }

  nominate(rank: number): void {
    this.#requestedRank = undefined;
    this.#nominationRank = Math.max(rank, this.nominationRank);
  }

  /** The peer nominated before our own check was done (RFC 8445 §7.3.1.5). */
  nominateOnSuccess(rank: number): void {
    this.#requestedRank = Math.max(rank, this.#requestedRank ?? 0);
  }

  /** The role or the remote candidate's priority changed. */
  updatePriority(role: IceRole): void {
    this.#priority = this.#computePriority(role);
  }

  #computePriority(role: IceRole): bigint {
    return pairPriority(this.local.candidate.priority, this.remote.candidate.priority, role);
  }
}

/**
 * True if packets could flow between the two: same family, link-local with link-local
 * (RFC 8445 §6.1.2.2). Loopback likewise, so that a page cannot have us probe our own services.
 */
export function canPair(local: LocalCandidate, remote: RemoteCandidate): boolean {
  const from = local.base.address;
  const to = remote.candidate.address;
  return (
    ipFamilyOf(from) === ipFamilyOf(to) &&
    isIpv6LinkLocal(from) === isIpv6LinkLocal(to) &&
    isLoopbackAddress(from) === isLoopbackAddress(to)
  );
}
