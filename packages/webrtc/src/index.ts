import { NodeRuntime } from "./node/node-runtime.ts";
import {
  createMediaStreamTrack as createTrack,
  type CreatedTrack,
  type MediaStreamTrackInit,
} from "./w3c/create-media-stream-track.ts";
import { setDefaultEnvironment } from "./w3c/environment.ts";

const runtime = new NodeRuntime();
setDefaultEnvironment({ runtime });

/**
 * A track whose media the application brings: raw frames, encoded chunks or RTP packets. See
 * `MediaStreamTrackInit`. Throws `TypeError` for a kind other than "audio" and "video".
 */
export function createMediaStreamTrack(init: MediaStreamTrackInit): CreatedTrack {
  return createTrack(init, runtime);
}

// What only Pallas has

export type { CreatedTrack, MediaStreamTrackInit };
export type { Logger } from "./base/log.ts";
export { PallasError, ProtocolFailure, type ProtocolFailureCode } from "./base/errors.ts";
export type { InterfaceAddress, RTCSettings } from "./w3c/environment.ts";
export type { EventHandler, EventHandlerValue, TypedEventTarget } from "./w3c/event-handler.ts";
export { ConnectionStateEvent } from "./w3c/events/connection-state-event.ts";
export type {
  CandidateHandle,
  ChannelHandle,
  ErrorHandle,
  ReceiverHandle,
  SenderHandle,
  StreamHandle,
  TrackHandle,
  TransceiverHandle,
  WithHandles,
} from "./w3c/handles.ts";
export { subscribeToTrack } from "./w3c/media-stream-track.ts";
export type { KeygenAlgorithm, PemCertificate } from "./w3c/rtc-certificate.ts";
export type { CertificateHandle } from "./w3c/rtc-configuration.ts";
export type {
  ChannelData,
  ChannelFlowOptions,
  ChannelMessage,
  ChannelStreams,
} from "./w3c/rtc-data-channel.ts";
export type { RTCAnyStats } from "./w3c/stats/index.ts";
export type {
  EncodedChunk,
  MediaConsumer,
  MediaItem,
  MediaItemKind,
  MediaProducer,
  RawFrame,
  TrackController,
} from "./w3c/track-source.ts";

// WebRTC: Real-Time Communication in Browsers, with what its extensions add

export type {
  RTCDtlsTransportState,
  RTCIceConnectionState,
  RTCIceGathererState,
  RTCIceGatheringState,
  RTCIceTransportState,
  RTCPeerConnectionState,
  RTCSignalingState,
} from "./w3c/connection-states.ts";
export { RTCDataChannelEvent } from "./w3c/events/rtc-data-channel-event.ts";
export type { RTCDataChannelEventInit } from "./w3c/events/rtc-data-channel-event.ts";
export { RTCDTMFToneChangeEvent } from "./w3c/events/rtc-dtmf-tone-change-event.ts";
export type { RTCDTMFToneChangeEventInit } from "./w3c/events/rtc-dtmf-tone-change-event.ts";
export { RTCErrorEvent } from "./w3c/events/rtc-error-event.ts";
export type { RTCErrorEventInit } from "./w3c/events/rtc-error-event.ts";
export { RTCPeerConnectionIceErrorEvent } from "./w3c/events/rtc-peer-connection-ice-error-event.ts";
export type { RTCPeerConnectionIceErrorEventInit } from "./w3c/events/rtc-peer-connection-ice-error-event.ts";
export { RTCPeerConnectionIceEvent } from "./w3c/events/rtc-peer-connection-ice-event.ts";
export type { RTCPeerConnectionIceEventInit } from "./w3c/events/rtc-peer-connection-ice-event.ts";
export { RTCTrackEvent } from "./w3c/events/rtc-track-event.ts";
export type { RTCTrackEventInit } from "./w3c/events/rtc-track-event.ts";
export type {
  ErrorCallback as RTCPeerConnectionErrorCallback,
  SessionDescriptionCallback as RTCSessionDescriptionCallback,
} from "./w3c/legacy-callbacks.ts";
export type { RTCPeerConnectionEventMap } from "./w3c/peer-connection-events.ts";
export { RTCCertificate } from "./w3c/rtc-certificate.ts";
export type { RTCCertificateExpiration, RTCDtlsFingerprint } from "./w3c/rtc-certificate.ts";
export type {
  RTCBundlePolicy,
  RTCConfiguration,
  RTCIceServer,
  RTCIceTransportPolicy,
  RTCRtcpMuxPolicy,
} from "./w3c/rtc-configuration.ts";
export { RTCDataChannel } from "./w3c/rtc-data-channel.ts";
export type {
  BinaryType,
  RTCDataChannelEventMap,
  RTCDataChannelInit,
  RTCDataChannelState,
} from "./w3c/rtc-data-channel.ts";
export { RTCDtlsTransport } from "./w3c/rtc-dtls-transport.ts";
export type { RTCDtlsTransportEventMap } from "./w3c/rtc-dtls-transport.ts";
export { RTCDTMFSender } from "./w3c/rtc-dtmf-sender.ts";
export type { RTCDTMFSenderEventMap } from "./w3c/rtc-dtmf-sender.ts";
export { RTCError } from "./w3c/rtc-error.ts";
export type { RTCErrorDetailType, RTCErrorInit } from "./w3c/rtc-error.ts";
export { RTCIceCandidate } from "./w3c/rtc-ice-candidate.ts";
export type {
  RTCIceCandidateInit,
  RTCIceCandidateType,
  RTCIceComponent,
  RTCIceProtocol,
  RTCIceServerTransportProtocol,
  RTCIceTcpCandidateType,
  RTCLocalIceCandidateInit,
} from "./w3c/rtc-ice-candidate.ts";
export { RTCIceCandidatePair, RTCIceTransport } from "./w3c/rtc-ice-transport.ts";
export type {
  RTCIceParameters,
  RTCIceRole,
  RTCIceTransportEventMap,
} from "./w3c/rtc-ice-transport.ts";
export { RTCPeerConnection } from "./w3c/rtc-peer-connection.ts";
export type {
  RTCAnswerOptions,
  RTCOfferAnswerOptions,
  RTCOfferOptions,
} from "./w3c/rtc-peer-connection.ts";
export { RTCRtpReceiver } from "./w3c/rtc-rtp-receiver.ts";
export { RTCRtpSender } from "./w3c/rtc-rtp-sender.ts";
export { RTCRtpTransceiver } from "./w3c/rtc-rtp-transceiver.ts";
export { RTCSctpTransport } from "./w3c/rtc-sctp-transport.ts";
export type { RTCSctpTransportEventMap, RTCSctpTransportState } from "./w3c/rtc-sctp-transport.ts";
export { RTCSessionDescription } from "./w3c/rtc-session-description.ts";
export type {
  RTCLocalSessionDescriptionInit,
  RTCSdpType,
  RTCSessionDescriptionInit,
} from "./w3c/rtc-session-description.ts";
export type {
  RTCDegradationPreference,
  RTCEncodingOptions,
  RTCPriorityType,
  RTCResolutionRestriction,
  RTCRtcpParameters,
  RTCRtpCapabilities,
  RTCRtpCodec,
  RTCRtpCodecParameters,
  RTCRtpCodingParameters,
  RTCRtpEncodingParameters,
  RTCRtpHeaderExtensionCapability,
  RTCRtpHeaderExtensionParameters,
  RTCRtpParameters,
  RTCRtpReceiveParameters,
  RTCRtpSendParameters,
  RTCRtpTransceiverDirection,
  RTCRtpTransceiverInit,
  RTCSetParameterOptions,
} from "./w3c/rtp-parameters.ts";
export type { RTCRtpContributingSource, RTCRtpSynchronizationSource } from "./w3c/rtp-sources.ts";
export type { RTCRtpTransform } from "./w3c/rtp-transform.ts";

// Identifiers for WebRTC's Statistics API

export { RTCStatsReport } from "./w3c/stats/index.ts";
export type {
  RTCInboundRtpStreamStats,
  RTCOutboundRtpStreamStats,
  RTCQualityLimitationReason,
  RTCReceivedRtpStreamStats,
  RTCRemoteInboundRtpStreamStats,
  RTCRemoteOutboundRtpStreamStats,
  RTCRtpStreamStats,
  RTCSentRtpStreamStats,
} from "./w3c/stats/rtp-dictionaries.ts";
export type {
  RTCAudioPlayoutStats,
  RTCAudioSourceStats,
  RTCCertificateStats,
  RTCCodecStats,
  RTCDataChannelStats,
  RTCDtlsRole,
  RTCIceCandidatePairStats,
  RTCIceCandidateStats,
  RTCMediaSourceStats,
  RTCPeerConnectionStats,
  RTCStats,
  RTCStatsIceCandidatePairState,
  RTCStatsType,
  RTCTransportStats,
  RTCVideoSourceStats,
} from "./w3c/stats/stats-dictionaries.ts";

// Media Capture and Streams

export { MediaStreamTrackEvent } from "./w3c/events/media-stream-track-event.ts";
export type { MediaStreamTrackEventInit } from "./w3c/events/media-stream-track-event.ts";
export { MediaStream } from "./w3c/media-stream.ts";
export type { MediaStreamEventMap } from "./w3c/media-stream.ts";
export { MediaStreamTrack } from "./w3c/media-stream-track.ts";
export type { MediaStreamTrackEventMap, MediaStreamTrackState } from "./w3c/media-stream-track.ts";
export type {
  ConstrainBoolean,
  ConstrainBooleanOrDOMString,
  ConstrainBooleanOrDOMStringParameters,
  ConstrainBooleanParameters,
  ConstrainDOMString,
  ConstrainDOMStringParameters,
  ConstrainDouble,
  ConstrainDoubleRange,
  ConstrainULong,
  ConstrainULongRange,
  DoubleRange,
  MediaTrackCapabilities,
  MediaTrackConstraintSet,
  MediaTrackConstraints,
  MediaTrackSettings,
  ULongRange,
} from "./w3c/media-track-constraints.ts";
export { OverconstrainedError } from "./w3c/overconstrained-error.ts";
