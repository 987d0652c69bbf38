import type { RTCDtlsTransportState, RTCIceTransportState } from "../connection-states.ts";
import type { RTCDataChannelState } from "../rtc-data-channel.ts";
import type {
  RTCIceCandidateType,
  RTCIceServerTransportProtocol,
  RTCIceTcpCandidateType,
} from "../rtc-ice-candidate.ts";
import type { RTCIceRole } from "../rtc-ice-transport.ts";
import type {
  RTCInboundRtpStreamStats,
  RTCOutboundRtpStreamStats,
  RTCRemoteInboundRtpStreamStats,
  RTCRemoteOutboundRtpStreamStats,
} from "./rtp-dictionaries.ts";

/** https://w3c.github.io/webrtc-stats/#rtcstatstype-str* */
export type RTCStatsType =
  | "codec"
  | "inbound-rtp"
  | "outbound-rtp"
  | "remote-inbound-rtp"
  | "remote-outbound-rtp"
  | "media-source"
  | "media-playout"
  | "peer-connection"
  | "data-channel"
  | "transport"
  | "candidate-pair"
  | "local-candidate"
  | "remote-candidate"
  | "certificate";

/** https://w3c.github.io/webrtc-stats/#dom-rtcdtlsrole */
export type RTCDtlsRole = "client" | "server" | "unknown";

/** https://w3c.github.io/webrtc-stats/#dom-rtcstatsicecandidatepairstate */
export type RTCStatsIceCandidatePairState =
  | "frozen"
  | "waiting"
  | "in-progress"
  | "failed"
  | "succeeded";

/** https://w3c.github.io/webrtc-pc/#rtcstats-dictionary */
export interface RTCStats {
  id: string;
  /** Milliseconds since 1970, with fractions. */
  timestamp: number;
  type: RTCStatsType;
}

/** https://w3c.github.io/webrtc-stats/#codec-dict* */
export interface RTCCodecStats extends RTCStats {
  type: "codec";
  payloadType: number;
  transportId: string;
  mimeType: string;
  clockRate?: number;
  channels?: number;
  sdpFmtpLine?: string;
}

/** https://w3c.github.io/webrtc-stats/#mststats-dict*: what both kinds of sources have. */
export interface RTCMediaSourceStats extends RTCStats {
  type: "media-source";
  /** The `id` of the track. */
  trackIdentifier: string;
  kind: string;
}

/** https://w3c.github.io/webrtc-stats/#audiosourcestats-dict* */
export interface RTCAudioSourceStats extends RTCMediaSourceStats {
  audioLevel?: number;
  totalAudioEnergy?: number;
  /** Seconds. */
  totalSamplesDuration?: number;
  echoReturnLoss?: number;
  echoReturnLossEnhancement?: number;
}

/** https://w3c.github.io/webrtc-stats/#videosourcestats-dict* */
export interface RTCVideoSourceStats extends RTCMediaSourceStats {
  width?: number;
  height?: number;
  frames?: number;
  framesPerSecond?: number;
}

/** https://w3c.github.io/webrtc-stats/#playoutstats-dict*. Nothing here has a loudspeaker. */
export interface RTCAudioPlayoutStats extends RTCStats {
  type: "media-playout";
  kind: string;
  synthesizedSamplesDuration?: number;
  synthesizedSamplesEvents?: number;
  totalSamplesDuration?: number;
  totalPlayoutDelay?: number;
  totalSamplesCount?: number;
}

/** https://w3c.github.io/webrtc-stats/#pcstats-dict* */
export interface RTCPeerConnectionStats extends RTCStats {
  type: "peer-connection";
  dataChannelsOpened?: number;
  dataChannelsClosed?: number;
}

/** https://w3c.github.io/webrtc-stats/#dcstats-dict* */
export interface RTCDataChannelStats extends RTCStats {
  type: "data-channel";
  label?: string;
  protocol?: string;
  dataChannelIdentifier?: number;
  state: RTCDataChannelState;
  messagesSent?: number;
  bytesSent?: number;
  messagesReceived?: number;
  bytesReceived?: number;
}

/** https://w3c.github.io/webrtc-stats/#transportstats-dict* */
export interface RTCTransportStats extends RTCStats {
  type: "transport";
  packetsSent?: number;
  packetsReceived?: number;
  bytesSent?: number;
  bytesReceived?: number;
  iceRole?: RTCIceRole;
  iceLocalUsernameFragment?: string;
  dtlsState: RTCDtlsTransportState;
  iceState?: RTCIceTransportState;
  selectedCandidatePairId?: string;
  localCertificateId?: string;
  remoteCertificateId?: string;
  /** Four hexadecimal digits: "FEFD" is DTLS 1.2. */
  tlsVersion?: string;
  dtlsCipher?: string;
  dtlsRole?: RTCDtlsRole;
  srtpCipher?: string;
  selectedCandidatePairChanges?: number;
  ccfbMessagesSent?: number;
  ccfbMessagesReceived?: number;
}

/** https://w3c.github.io/webrtc-stats/#icecandidate-dict* */
export interface RTCIceCandidateStats extends RTCStats {
  type: "local-candidate" | "remote-candidate";
  transportId: string;
  /** Null for an address of the peer that the application does not know. */
  address?: string | null;
  port?: number;
  protocol?: string;
  candidateType: RTCIceCandidateType;
  priority?: number;
  url?: string;
  relayProtocol?: RTCIceServerTransportProtocol;
  foundation?: string;
  relatedAddress?: string;
  relatedPort?: number;
  usernameFragment?: string;
  tcpType?: RTCIceTcpCandidateType;
}

/** https://w3c.github.io/webrtc-stats/#candidatepair-dict*. Times of round trips are in seconds. */
export interface RTCIceCandidatePairStats extends RTCStats {
  type: "candidate-pair";
  transportId: string;
  localCandidateId: string;
  remoteCandidateId: string;
  state: RTCStatsIceCandidatePairState;
  nominated?: boolean;
  packetsSent?: number;
  packetsReceived?: number;
  bytesSent?: number;
  bytesReceived?: number;
  /** Milliseconds since 1970, with fractions. */
  lastPacketSentTimestamp?: number;
  /** Milliseconds since 1970, with fractions. */
  lastPacketReceivedTimestamp?: number;
  totalRoundTripTime?: number;
  currentRoundTripTime?: number;
  availableOutgoingBitrate?: number;
  availableIncomingBitrate?: number;
  requestsReceived?: number;
  requestsSent?: number;
  responsesReceived?: number;
  responsesSent?: number;
  consentRequestsSent?: number;
  packetsDiscardedOnSend?: number;
  bytesDiscardedOnSend?: number;
}

/** https://w3c.github.io/webrtc-stats/#certificatestats-dict* */
export interface RTCCertificateStats extends RTCStats {
  type: "certificate";
  fingerprint: string;
  fingerprintAlgorithm: string;
  base64Certificate: string;
  issuerCertificateId?: string;
}

/** Every dictionary that a report may hold, told apart by `type`. */
export type RTCAnyStats =
  | RTCCodecStats
  | RTCInboundRtpStreamStats
  | RTCOutboundRtpStreamStats
  | RTCRemoteInboundRtpStreamStats
  | RTCRemoteOutboundRtpStreamStats
  | RTCAudioSourceStats
  | RTCVideoSourceStats
  | RTCAudioPlayoutStats
  | RTCPeerConnectionStats
  | RTCDataChannelStats
  | RTCTransportStats
  | RTCIceCandidateStats
  | RTCIceCandidatePairStats
  | RTCCertificateStats;
