/** Statistics of a connection: https://w3c.github.io/webrtc-stats. What the rest of `w3c/` uses. */
export { buildStatsReport } from "./build-stats-report.ts";
export { RTCStatsReport } from "./rtc-stats-report.ts";
export type * from "./rtp-dictionaries.ts";
export { selectorOfTrack, selectStats, type StatsSelector } from "./select-stats.ts";
export type * from "./stats-dictionaries.ts";
export { StatsIds } from "./stats-ids.ts";
export type { StatsSource, StatsTransceiver } from "./stats-source.ts";
