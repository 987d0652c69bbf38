/** ICE (RFC 8445): what other folders may use. */
export { IceAgent } from "./ice-agent.ts";
export type { GatherInterface } from "./gatherer.ts";
export type { IceCandidate, IceCandidateType, IceTcpType } from "./ice-candidate.ts";
export type {
  IceCandidateErrorEvent,
  IceEvent,
  IceGatheringState,
  IceRequest,
  IceState,
} from "./ice-events.ts";
export type {
  IceAgentOptions,
  IceLimits,
  IceParameters,
  IceRole,
  IceServer,
  IceTimings,
} from "./ice-options.ts";
export { DEFAULT_ICE_LIMITS, DEFAULT_ICE_TIMINGS } from "./ice-options.ts";
export type {
  IceDiagnostics,
  IcePairStatistics,
  IcePath,
  IceRemoteCandidateStatistics,
  IceStatistics,
} from "./ice-statistics.ts";
export type { PathTraffic } from "./path-traffic.ts";
export { countReceived, countSent, createTraffic } from "./path-traffic.ts";
