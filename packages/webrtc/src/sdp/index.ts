export { findAttribute, filterAttributes, hasAttribute } from "./attribute.ts";
export type { Attribute, AttributeKind, AttributeOf, OtherAttribute } from "./attribute.ts";
export { attributeName } from "./attribute-table.ts";
export type { DtlsAttribute, SetupRole } from "./attributes/dtls.ts";
export type { IceAttribute, RemoteCandidate } from "./attributes/ice.ts";
export type { RtcpAttribute } from "./attributes/rtcp.ts";
export type { PayloadTypeOrAll, RtpAttribute } from "./attributes/rtp.ts";
export type { SctpAttribute } from "./attributes/sctp.ts";
export type { MediaDirection, SessionAttribute } from "./attributes/session.ts";
export type {
  RidRestriction,
  SimulcastEncoding,
  SimulcastStream,
  StreamAttribute,
} from "./attributes/stream.ts";
export { parseCandidate, serializeCandidate } from "./candidate.ts";
export type { CandidateExtension, IceCandidateAttribute } from "./candidate.ts";
export type { ChannelParameters } from "./channel-parameters.ts";
export { readDataChannelSection } from "./data-channel-section.ts";
export type { DataChannelSection } from "./data-channel-section.ts";
export { formatFormatParameters, parseFormatParameters } from "../base/format-parameters.ts";
export { parseSessionDescription } from "./parse-session-description.ts";
export { DEFAULT_SDP_LIMITS } from "./sdp-limits.ts";
export type { SdpLimits } from "./sdp-limits.ts";
export { quoteLine, SdpSyntaxError } from "./sdp-syntax-error.ts";
export {
  serializeAttribute,
  serializeSessionDescription,
} from "./serialize-session-description.ts";
export { UNBOUNDED_TIMING } from "./session-description.ts";
export type {
  Bandwidth,
  Connection,
  MediaDescription,
  Origin,
  SessionDescription,
  Timing,
} from "./session-description.ts";
export { sourceLineOf } from "./source-line.ts";
export type { SourceLine } from "./source-line.ts";
