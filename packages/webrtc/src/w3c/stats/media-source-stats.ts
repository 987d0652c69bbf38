import type { TransceiverState } from "../../negotiation/transceiver.ts";
import type { RTCAudioSourceStats, RTCVideoSourceStats } from "./stats-dictionaries.ts";
import type { StatsContext } from "./stats-source.ts";

/**
 * https://w3c.github.io/webrtc-stats/#mststats-dict* for a track that is attached to a sender. No
 * frame or sample has gone from a track to a sender yet, which the counters say.
 */
export function mediaSourceStats(
  trackId: string,
  kind: TransceiverState["kind"],
  context: StatsContext,
): RTCAudioSourceStats | RTCVideoSourceStats {
  const common = {
    id: context.ids.ofSource(trackId),
    timestamp: context.timestamp,
    type: "media-source",
    trackIdentifier: trackId,
    kind,
  } as const;
  return kind === "audio"
    ? { ...common, totalAudioEnergy: 0, totalSamplesDuration: 0 }
    : { ...common, frames: 0 };
}
