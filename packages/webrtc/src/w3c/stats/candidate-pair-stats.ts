import type { IcePairStatistics } from "../../session/session-statistics.ts";
import { localCandidateIdOf, remoteCandidateIdOf } from "./candidate-stats.ts";
import { presentMembers } from "./present-members.ts";
import type { RTCIceCandidatePairStats } from "./stats-dictionaries.ts";
import type { StatsContext, StatsGeneration } from "./stats-source.ts";

/**
 * https://w3c.github.io/webrtc-stats/#candidatepair-dict*. No available bitrates, since nothing here
 * estimates them, and no discarded packets: sockets do not tell.
 */
export function candidatePairStats(
  pair: IcePairStatistics,
  generation: StatsGeneration,
  context: StatsContext,
): RTCIceCandidatePairStats {
  const { traffic, currentRoundTripTimeMs } = pair;
  return presentMembers<RTCIceCandidatePairStats>({
    id: candidatePairIdOf(pair.id, generation, context),
    timestamp: context.timestamp,
    type: "candidate-pair",
    transportId: context.transportIdOf(generation.transport),
    localCandidateId: localCandidateIdOf(pair.local, generation, context),
    remoteCandidateId: remoteCandidateIdOf(pair.remote, generation, context),
    state: pair.state,
    nominated: pair.isNominated,
    packetsSent: traffic.packetsSent,
    packetsReceived: traffic.packetsReceived,
    bytesSent: traffic.bytesSent,
    bytesReceived: traffic.bytesReceived,
    lastPacketSentTimestamp: context.epochMsOf(traffic.lastSentAtMs),
    lastPacketReceivedTimestamp: context.epochMsOf(traffic.lastReceivedAtMs),
    totalRoundTripTime: pair.totalRoundTripTimeMs / 1000,
    currentRoundTripTime:
      currentRoundTripTimeMs === undefined ? undefined : currentRoundTripTimeMs / 1000,
    availableOutgoingBitrate: undefined,
    availableIncomingBitrate: undefined,
    requestsReceived: pair.requestsReceived,
    requestsSent: pair.requestsSent,
    responsesReceived: pair.responsesReceived,
    responsesSent: pair.responsesSent,
    consentRequestsSent: pair.consentRequestsSent,
    packetsDiscardedOnSend: undefined,
    bytesDiscardedOnSend: undefined,
  });
}

/** The id of a pair by its name in ICE, which is of one generation of one transport. */
export function candidatePairIdOf(
  pairId: string,
  { transport, localUfrag }: StatsGeneration,
  { ids }: StatsContext,
): string {
  return ids.of("CP", transport.serial, localUfrag, pairId);
}
