import type { SocketId } from "../base/datagram.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";

/** Who nominates (RFC 8445 §6.1.1). */
export type IceRole = "controlling" | "controlled";

/** A user name fragment and a password: who may check and be checked (RFC 8445 §5.3). */
export type IceParameters = {
  readonly ufrag: string;
  readonly password: string;
  /** The peer only answers checks and sends none. */
  readonly isLite?: boolean;
};

/** A STUN server from the configuration. */
export type IceServer = {
  /** An IP address, or a name to be resolved. */
  readonly address: string;
  readonly port: number;
  /** As the user wrote it, for candidates and errors. */
  readonly url: string;
};

/** Tunables in milliseconds. The defaults follow RFC 8445 §14 unless a line says otherwise. */
export type IceTimings = {
  /**
   * Ta: distance between two new checks, and between two STUN requests of the gatherer. The RFC's
   * default is 50 ms, its floor 5 ms. 20 ms is what browsers come close to; at some 120 bytes a check
   * it is 50 kbit/s while it lasts.
   */
  readonly taMs: number;
  /**
   * Distance between two triggered checks once a small burst is used up: the RFC's floor. Each
   * answers an authenticated check of the peer or nominates, so they do not wait for Ta here.
   */
  readonly triggeredSpacingMs: number;
  /** How many triggered checks may go out back to back. */
  readonly triggeredBurst: number;
  /** Wait before a check is repeated for the first time; the RFC forbids less. */
  readonly checkRtoMs: number;
  /** The wait doubles up to here. The RFC lets it grow to 16 s, which a lossy path cannot afford. */
  readonly checkMaxRtoMs: number;
  /** Transmissions of one check in all. */
  readonly checkMaxRequests: number;
  /** Wait behind the last transmission. A check fails after 19.5 s with the defaults. */
  readonly checkLastWaitMs: number;
  /**
   * How long to wait for a working pair behind the last new pair, when nothing is left to check
   * (RFC 8863 §4: checks may still arrive from a peer that sees more).
   */
  readonly exhaustedPatienceMs: number;
  /** The same while something could still come: late candidates, unanswered checks. */
  readonly patienceMs: number;
  /** Least time that better pairs get, once a pair other than host to host works. */
  readonly nominationGraceMs: number;
  /** Most time that better pairs get. */
  readonly maxNominationGraceMs: number;
  /** Between consent checks, spread over 0.8 to 1.2 of it (RFC 7675 §5.1). */
  readonly consentIntervalMs: number;
  /** Consent ends that long after the last answer (RFC 7675 §5.1). */
  readonly consentLifetimeMs: number;
  /**
   * Distance of the quick checks that follow a consent check without an answer. RFC 7675 §5.1 forbids
   * less than 4 s; then two lost datagrams would look like a dead path, and a dead path would be
   * noticed three times as late. Browsers ask as often when a path is in doubt.
   */
  readonly consentRecheckMs: number;
  /** Time without an answer to a consent check after which the path counts as disconnected. */
  readonly consentPatienceMs: number;
  /** Distance of consent checks while disconnected; the same departure. */
  readonly disconnectedCheckMs: number;
  /**
   * When gathering ends whatever is missing. RFC 8489 would wait 39.5 s for a dead server; an answer
   * that takes longer than this belongs to a path that nobody wants.
   */
  readonly gatheringTimeoutMs: number;
  /** Between requests that keep a server-reflexive mapping open until ICE is done (RFC 8445 §5.1.1.4). */
  readonly reflexiveKeepaliveMs: number;
};

/** Used where `IceAgentOptions.timings` says nothing. */
export const DEFAULT_ICE_TIMINGS: IceTimings = {
  taMs: 20,
  triggeredSpacingMs: 5,
  triggeredBurst: 8,
  checkRtoMs: 500,
  checkMaxRtoMs: 2_000,
  checkMaxRequests: 10,
  checkLastWaitMs: 4_000,
  exhaustedPatienceMs: 20_000,
  patienceMs: 30_000,
  nominationGraceMs: 100,
  maxNominationGraceMs: 1_000,
  consentIntervalMs: 5_000,
  consentLifetimeMs: 30_000,
  consentRecheckMs: 300,
  consentPatienceMs: 2_000,
  disconnectedCheckMs: 1_000,
  gatheringTimeoutMs: 5_000,
  reflexiveKeepaliveMs: 15_000,
};

/** What bounds the work and memory that a peer or a page can cause. */
export type IceLimits = {
  /** Remote candidates that were announced. */
  readonly maxRemoteCandidates: number;
  /** Of these, with one IP address: a page must not aim a flood of checks at somebody. */
  readonly maxCandidatesPerAddress: number;
  /** Remote candidates that were learned from checks; new ones take the place of useless ones. */
  readonly maxLearnedCandidates: number;
  /** Own candidates; beyond it no more are learned from what the peer says it sees. */
  readonly maxLocalCandidates: number;
  /** RFC 8445 §6.1.2.5. */
  readonly maxPairs: number;
  /** Checks kept for later while the peer's parameters are unknown. */
  readonly maxEarlyChecks: number;
  /** Refusals of unauthenticated requests that are sent in a second. */
  readonly maxRefusalsPerSecond: number;
};

/** Used where `IceAgentOptions.limits` says nothing. */
export const DEFAULT_ICE_LIMITS: IceLimits = {
  maxRemoteCandidates: 100,
  maxCandidatesPerAddress: 20,
  maxLearnedCandidates: 20,
  maxLocalCandidates: 100,
  maxPairs: 100,
  maxEarlyChecks: 16,
  maxRefusalsPerSecond: 20,
};

/** How an agent begins its life. */
export type IceAgentOptions = {
  readonly crypto: CryptoPort;
  readonly role: IceRole;
  /** What the local description says already; drawn if not given. */
  readonly localParameters?: IceParameters;
  /** Known from the remote description before its parameters are set. */
  readonly isRemoteLite?: boolean;
  readonly stunServers: readonly IceServer[];
  /** "relay": no host or server-reflexive candidate is gathered (W3C `iceTransportPolicy`). */
  readonly transportPolicy: "all" | "relay";
  /** Several agents may share one world of sockets, so the owner draws the numbers. */
  readonly allocateSocketId: () => SocketId;
  readonly timings?: Partial<IceTimings>;
  readonly limits?: Partial<IceLimits>;
};
