import type { ChannelStatistics } from "../../session/session-statistics.ts";
import { presentMembers } from "./present-members.ts";
import type { RTCDataChannelStats } from "./stats-dictionaries.ts";
import type { StatsContext } from "./stats-source.ts";

/** https://w3c.github.io/webrtc-stats/#dcstats-dict* */
export function dataChannelStats(
  channel: ChannelStatistics,
  context: StatsContext,
): RTCDataChannelStats {
  return presentMembers<RTCDataChannelStats>({
    id: context.ids.of("D", channel.key),
    timestamp: context.timestamp,
    type: "data-channel",
    label: channel.label,
    protocol: channel.protocol,
    dataChannelIdentifier: channel.streamId,
    state: channel.state,
    messagesSent: channel.messagesSent,
    bytesSent: channel.bytesSent,
    messagesReceived: channel.messagesReceived,
    bytesReceived: channel.bytesReceived,
  });
}
