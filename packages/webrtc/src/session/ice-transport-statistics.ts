import type { IceRole, IceState, IceStatistics } from "../ice/index.ts";

/** The ICE of one transport, at one instant, through all its restarts. */
export type IceTransportStatistics = {
  readonly state: IceState;
  readonly role: IceRole;
  /** Of the newest generation, which may not carry data yet. */
  readonly localUfrag: string;
  /**
   * The one that carries data first, then the one that is to take over, if there is one. What a
   * restart has ended is not here any more (webrtc-stats, "candidate-pair").
   */
  readonly generations: readonly IceStatistics[];
  /** How often another pair, or none, became the one that carries data. */
  readonly selectedPairChanges: number;
};

/**
 * What remains of a generation once the next one has begun: "a candidate pair that is not the current
 * pair for a transport is deleted when the RTCIceTransport does an ICE restart", and with it the
 * candidates that are of no other (https://w3c.github.io/webrtc-stats/#rtcstatstype-candidate-pair).
 */
export function pathStatisticsOf(statistics: IceStatistics): IceStatistics {
  const pairs = statistics.pairs.filter(({ id }) => id === statistics.selectedPairId);
  return {
    ...statistics,
    pairs,
    localCandidates: statistics.localCandidates.filter((candidate) =>
      pairs.some(({ local }) => local === candidate),
    ),
    remoteCandidates: statistics.remoteCandidates.filter(({ candidate: { address, port } }) =>
      pairs.some(({ remote }) => remote.address === address && remote.port === port),
    ),
  };
}
