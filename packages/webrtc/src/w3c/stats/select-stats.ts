import type { TransceiverId } from "../../negotiation/transceiver.ts";
import { CONSTRUCTION_TOKEN } from "../webidl/index.ts";
import { RTCStatsReport } from "./rtc-stats-report.ts";
import type { RTCAnyStats } from "./stats-dictionaries.ts";

/** The sender or the receiver of a transceiver. */
export type StatsSelector = {
  readonly side: "sender" | "receiver";
  readonly transceiverId: TransceiverId;
};

/**
 * The objects of `rootIds` and all that they refer to, directly or not
 * (https://w3c.github.io/webrtc-pc/#dfn-stats-selection-algorithm, steps 3 and 4), in the order of
 * `report`.
 */
export function selectStats(report: RTCStatsReport, rootIds: Iterable<string>): RTCStatsReport {
  const selected = new Set<string>();
  const open = [...rootIds];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const stats = report.get(id);
    if (stats === undefined || selected.has(id)) continue;
    selected.add(id);
    open.push(...referencesOf(stats));
  }
  const chosen = [...report.values()].filter(({ id }) => selected.has(id));
  return new RTCStatsReport(CONSTRUCTION_TOKEN, chosen);
}

/** Names that end in "Id" are references (webrtc-stats, "Guidelines for design of stats objects"). */
function referencesOf(stats: RTCAnyStats): readonly string[] {
  return Object.entries(stats).flatMap(([name, value]) =>
    name.endsWith("Id") && typeof value === "string" ? [value] : [],
  );
}

/**
 * The sender or receiver that a track stands for
 * (https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-getstats, step 4). Throws
 * "InvalidAccessError" if none has the track, or more than one.
 */
export function selectorOfTrack(
  track: object,
  holders: Iterable<{ readonly track: object | null; readonly selector: StatsSelector }>,
): StatsSelector {
  const [holder, ...others] = [...holders].filter((candidate) => candidate.track === track);
  if (holder !== undefined && others.length === 0) return holder.selector;
  const problem = holder === undefined ? "no sender or receiver has" : "more than one object has";
  throw new DOMException(`getStats: ${problem} this track`, "InvalidAccessError");
}
