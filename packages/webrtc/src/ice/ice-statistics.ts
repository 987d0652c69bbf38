import type { SocketId } from "../base/datagram.ts";
import type { CandidatePair, CandidatePairCounters, CandidatePairState } from "./candidate-pair.ts";
import type { IceCandidate } from "./ice-candidate.ts";
import type { PathTraffic } from "./path-traffic.ts";
import type { UnusableReason } from "./remote-candidates.ts";

/** Where data goes. */
export type IcePath = {
  readonly socketId: SocketId;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Whoever sends along the path counts here. */
  readonly traffic: PathTraffic;
};

/** A pair as W3C `RTCIceCandidatePairStats` shows it. */
export type IcePairStatistics = Readonly<CandidatePairCounters> & {
  /** Stable for the life of the agent. */
  readonly id: string;
  readonly local: IceCandidate;
  readonly remote: IceCandidate;
  readonly state: CandidatePairState;
  readonly priority: bigint;
  readonly isNominated: boolean;
  /** Our last check on it was answered. */
  readonly isValid: boolean;
  readonly traffic: Readonly<PathTraffic>;
};

/** A candidate of the peer, with how much of it the application has a right to know. */
export type IceRemoteCandidateStatistics = {
  /** With the username fragment that was signaled for it, if one was. */
  readonly candidate: IceCandidate;
  /** The peer's description or a trickled candidate has named this address. */
  readonly isAddressSignaled: boolean;
};

/** The candidates and pairs of one agent, at one instant. */
export type IceStatistics = {
  /** Of its own; tells agents of one transport apart. */
  readonly localUfrag: string;
  readonly localCandidates: readonly IceCandidate[];
  readonly remoteCandidates: readonly IceRemoteCandidateStatistics[];
  /** Best first. */
  readonly pairs: readonly IcePairStatistics[];
  readonly selectedPairId: string | undefined;
};

/** What an agent ignored, and why it may lack candidates. */
export type IceDiagnostics = {
  readonly malformedDatagrams: number;
  /** Well-formed, but asked for by nobody: late, duplicated or forged. */
  readonly strayMessages: number;
  /** Signed answers to our checks that came from another address than asked: replayed, or a strange NAT. */
  readonly asymmetricAnswers: number;
  readonly unauthenticatedRequests: number;
  readonly unusableRemoteCandidates: { readonly [Reason in UnusableReason]?: number };
  /** In words. */
  readonly bindFailures: readonly string[];
  /** URLs. */
  readonly silentServers: readonly string[];
};

/** A snapshot. */
export function pairStatisticsOf(pair: CandidatePair): IcePairStatistics {
  return {
    ...pair.counters,
    id: pair.id,
    local: pair.validLocal,
    remote: pair.remote.candidate,
    state: pair.state,
    priority: pair.priority,
    isNominated: pair.isNominated,
    isValid: pair.isValid,
    traffic: { ...pair.traffic },
  };
}
