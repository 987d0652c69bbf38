import type { SessionStatistics } from "../../session/session-statistics.ts";
import type { RTCPeerConnectionStats } from "./stats-dictionaries.ts";
import type { StatsContext } from "./stats-source.ts";

/** https://w3c.github.io/webrtc-stats/#pcstats-dict* */
export function peerConnectionStats(
  { openedChannels, closedChannels }: SessionStatistics,
  context: StatsContext,
): RTCPeerConnectionStats {
  return {
    id: context.ids.of("P"),
    timestamp: context.timestamp,
    type: "peer-connection",
    dataChannelsOpened: openedChannels,
    dataChannelsClosed: closedChannels,
  };
}
