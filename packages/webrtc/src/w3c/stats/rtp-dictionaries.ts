import type { RTCStats } from "./stats-dictionaries.ts";

/** https://w3c.github.io/webrtc-stats/#dom-rtcqualitylimitationreason */
export type RTCQualityLimitationReason = "none" | "cpu" | "bandwidth" | "other";

/** https://w3c.github.io/webrtc-stats/#streamstats-dict*. What all RTP streams have. */
export interface RTCRtpStreamStats extends RTCStats {
  ssrc: number;
  kind: string;
  transportId?: string;
  codecId?: string;
}

/** https://w3c.github.io/webrtc-stats/#receivedrtpstats-dict*. What the receiving end of a stream measures. */
export interface RTCReceivedRtpStreamStats extends RTCRtpStreamStats {
  packetsReceived?: number;
  packetsReceivedWithEct1?: number;
  packetsReceivedWithCe?: number;
  packetsReportedAsLost?: number;
  packetsReportedAsLostButRecovered?: number;
  packetsLost?: number;
  jitter?: number;
}

/** https://w3c.github.io/webrtc-stats/#inboundrtpstats-dict* */
export interface RTCInboundRtpStreamStats extends RTCReceivedRtpStreamStats {
  type: "inbound-rtp";
  trackIdentifier: string;
  mid?: string;
  remoteId?: string;
  framesDecoded?: number;
  keyFramesDecoded?: number;
  framesRendered?: number;
  framesDropped?: number;
  frameWidth?: number;
  frameHeight?: number;
  framesPerSecond?: number;
  qpSum?: number;
  totalDecodeTime?: number;
  totalInterFrameDelay?: number;
  totalSquaredInterFrameDelay?: number;
  pauseCount?: number;
  totalPausesDuration?: number;
  freezeCount?: number;
  totalFreezesDuration?: number;
  lastPacketReceivedTimestamp?: number;
  headerBytesReceived?: number;
  packetsDiscarded?: number;
  fecBytesReceived?: number;
  fecPacketsReceived?: number;
  fecPacketsDiscarded?: number;
  bytesReceived?: number;
  nackCount?: number;
  firCount?: number;
  pliCount?: number;
  totalProcessingDelay?: number;
  estimatedPlayoutTimestamp?: number;
  jitterBufferDelay?: number;
  jitterBufferTargetDelay?: number;
  jitterBufferEmittedCount?: number;
  jitterBufferMinimumDelay?: number;
  totalSamplesReceived?: number;
  concealedSamples?: number;
  silentConcealedSamples?: number;
  concealmentEvents?: number;
  insertedSamplesForDeceleration?: number;
  removedSamplesForAcceleration?: number;
  audioLevel?: number;
  totalAudioEnergy?: number;
  totalSamplesDuration?: number;
  framesReceived?: number;
  decoderImplementation?: string;
  playoutId?: string;
  powerEfficientDecoder?: boolean;
  framesAssembledFromMultiplePackets?: number;
  totalAssemblyTime?: number;
  retransmittedPacketsReceived?: number;
  retransmittedBytesReceived?: number;
  rtxSsrc?: number;
  fecSsrc?: number;
  totalCorruptionProbability?: number;
  totalSquaredCorruptionProbability?: number;
  corruptionMeasurements?: number;
}

/** https://w3c.github.io/webrtc-stats/#remoteinboundrtpstats-dict* */
export interface RTCRemoteInboundRtpStreamStats extends RTCReceivedRtpStreamStats {
  type: "remote-inbound-rtp";
  localId?: string;
  roundTripTime?: number;
  totalRoundTripTime?: number;
  fractionLost?: number;
  roundTripTimeMeasurements?: number;
  packetsWithBleachedEct1Marking?: number;
}

/** https://w3c.github.io/webrtc-stats/#sentrtpstats-dict*. What the sending end of a stream measures. */
export interface RTCSentRtpStreamStats extends RTCRtpStreamStats {
  packetsSent?: number;
  bytesSent?: number;
}

/** https://w3c.github.io/webrtc-stats/#outboundrtpstats-dict* */
export interface RTCOutboundRtpStreamStats extends RTCSentRtpStreamStats {
  type: "outbound-rtp";
  mid?: string;
  mediaSourceId?: string;
  remoteId?: string;
  rid?: string;
  encodingIndex?: number;
  headerBytesSent?: number;
  retransmittedPacketsSent?: number;
  retransmittedBytesSent?: number;
  rtxSsrc?: number;
  targetBitrate?: number;
  totalEncodedBytesTarget?: number;
  frameWidth?: number;
  frameHeight?: number;
  framesPerSecond?: number;
  framesSent?: number;
  hugeFramesSent?: number;
  framesEncoded?: number;
  keyFramesEncoded?: number;
  qpSum?: number;
  psnrSum?: Record<string, number>;
  psnrMeasurements?: number;
  totalEncodeTime?: number;
  totalPacketSendDelay?: number;
  qualityLimitationReason?: RTCQualityLimitationReason;
  qualityLimitationDurations?: Record<string, number>;
  qualityLimitationResolutionChanges?: number;
  nackCount?: number;
  firCount?: number;
  pliCount?: number;
  encoderImplementation?: string;
  powerEfficientEncoder?: boolean;
  active?: boolean;
  scalabilityMode?: string;
  packetsSentWithEct1?: number;
}

/** https://w3c.github.io/webrtc-stats/#remoteoutboundrtpstats-dict* */
export interface RTCRemoteOutboundRtpStreamStats extends RTCSentRtpStreamStats {
  type: "remote-outbound-rtp";
  localId?: string;
  remoteTimestamp?: number;
  reportsSent?: number;
  roundTripTime?: number;
  totalRoundTripTime?: number;
  roundTripTimeMeasurements?: number;
}
