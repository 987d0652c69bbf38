import type { SocketId } from "../base/datagram.ts";
import type { CandidatePair, CandidatePairCounters, CandidatePairState } from "./candidate-pair.ts";
import type { IceCandidate } from "./ice-candidate.ts";
import type { UnusableReason } from "./remote-candidates.ts";

/** Where data goes. */
export type IcePath = {
  readonly socketId: SocketId;
  readonly remoteAddress: string;
  readonly remotePort: number;
};

/** A pair as W3C `RTCIceCandidatePairStats` shows it, the bytes of the application aside. */
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
  };
}
