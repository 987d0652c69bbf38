import { NodeRuntime } from "./node/node-runtime.ts";
import {
  createMediaStreamTrack as createTrack,
  type CreatedTrack,
  type MediaStreamTrackInit,
} from "./w3c/create-media-stream-track.ts";
import type { RTCSettings } from "./w3c/environment.ts";
import {
  generateRtcCertificate,
  type KeygenAlgorithm,
  type RTCCertificate,
} from "./w3c/rtc-certificate.ts";
import type { RTCConfiguration } from "./w3c/rtc-configuration.ts";
import { RTCPeerConnection as BoundPeerConnection } from "./w3c/rtc-peer-connection.ts";
import { defineInterface, requireArguments } from "./w3c/webidl/index.ts";

const runtime = new NodeRuntime();

/**
 * A connection to one peer: https://w3c.github.io/webrtc-pc/#rtcpeerconnection-interface. The second
 * argument is what a browser never needs: see {@link RTCSettings}.
 */
export class RTCPeerConnection extends BoundPeerConnection {
  /**
   * Throws `TypeError` for a member of the wrong type, "SyntaxError" for a bad server URL and
   * "InvalidAccessError" for missing credentials or an expired certificate.
   */
  constructor(configuration: RTCConfiguration = {}, settings?: RTCSettings) {
    super(configuration, settings, { runtime });
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-generatecertificate. Rejects with
   * "NotSupportedError" for other algorithms than ECDSA on P-256 and RSASSA-PKCS1-v1_5.
   */
  static async generateCertificate(keygenAlgorithm: KeygenAlgorithm): Promise<RTCCertificate> {
    requireArguments(arguments.length, 1, "RTCPeerConnection.generateCertificate");
    return generateRtcCertificate(runtime, keygenAlgorithm);
  }
}

defineInterface(RTCPeerConnection, "RTCPeerConnection");

/**
 * A track whose media the application brings: raw frames, encoded chunks or RTP packets. See
 * `MediaStreamTrackInit`. Throws `TypeError` for a kind other than "audio" and "video".
 */
export function createMediaStreamTrack(init: MediaStreamTrackInit): CreatedTrack {
  return createTrack(init, runtime);
}

export type { CreatedTrack, MediaStreamTrackInit };
export type { Logger } from "./base/log.ts";
export { PallasError, ProtocolFailure, type ProtocolFailureCode } from "./base/errors.ts";
export type * from "./w3c/connection-states.ts";
export type { RTCSettings } from "./w3c/environment.ts";
export { ConnectionStateEvent } from "./w3c/events/connection-state-event.ts";
export {
  RTCDataChannelEvent,
  type RTCDataChannelEventInit,
} from "./w3c/events/rtc-data-channel-event.ts";
export { RTCErrorEvent, type RTCErrorEventInit } from "./w3c/events/rtc-error-event.ts";
export {
  MediaStreamTrackEvent,
  type MediaStreamTrackEventInit,
} from "./w3c/events/media-stream-track-event.ts";
export {
  RTCDTMFToneChangeEvent,
  type RTCDTMFToneChangeEventInit,
} from "./w3c/events/rtc-dtmf-tone-change-event.ts";
export { RTCTrackEvent, type RTCTrackEventInit } from "./w3c/events/rtc-track-event.ts";
export {
  RTCPeerConnectionIceErrorEvent,
  type RTCPeerConnectionIceErrorEventInit,
} from "./w3c/events/rtc-peer-connection-ice-error-event.ts";
export {
  RTCPeerConnectionIceEvent,
  type RTCPeerConnectionIceEventInit,
} from "./w3c/events/rtc-peer-connection-ice-event.ts";
export {
  RTCCertificate,
  type KeygenAlgorithm,
  type RTCDtlsFingerprint,
} from "./w3c/rtc-certificate.ts";
export type {
  RTCBundlePolicy,
  RTCConfiguration,
  RTCIceServer,
  RTCIceTransportPolicy,
  RTCRtcpMuxPolicy,
} from "./w3c/rtc-configuration.ts";
export {
  RTCDataChannel,
  type BinaryType,
  type ChannelData,
  type ChannelFlowOptions,
  type ChannelMessage,
  type ChannelStreams,
  type RTCDataChannelEventMap,
  type RTCDataChannelInit,
  type RTCDataChannelState,
} from "./w3c/rtc-data-channel.ts";
export { RTCDtlsTransport } from "./w3c/rtc-dtls-transport.ts";
export { RTCError, type RTCErrorDetailType, type RTCErrorInit } from "./w3c/rtc-error.ts";
export {
  RTCIceCandidate,
  type RTCIceCandidateInit,
  type RTCIceCandidateType,
  type RTCIceComponent,
  type RTCIceProtocol,
  type RTCIceServerTransportProtocol,
  type RTCIceTcpCandidateType,
  type RTCLocalIceCandidateInit,
} from "./w3c/rtc-ice-candidate.ts";
export {
  RTCIceCandidatePair,
  RTCIceTransport,
  type RTCIceParameters,
  type RTCIceRole,
} from "./w3c/rtc-ice-transport.ts";
export { MediaStream, type MediaStreamEventMap } from "./w3c/media-stream.ts";
export {
  MediaStreamTrack,
  type MediaStreamTrackEventMap,
  type MediaStreamTrackState,
} from "./w3c/media-stream-track.ts";
export { RTCDTMFSender } from "./w3c/rtc-dtmf-sender.ts";
export { RTCRtpReceiver } from "./w3c/rtc-rtp-receiver.ts";
export { RTCRtpSender } from "./w3c/rtc-rtp-sender.ts";
export { RTCRtpTransceiver } from "./w3c/rtc-rtp-transceiver.ts";
export type * from "./w3c/rtp-parameters.ts";
export type { RTCPeerConnectionEventMap } from "./w3c/peer-connection-events.ts";
export type { RTCAnswerOptions, RTCOfferOptions } from "./w3c/rtc-peer-connection.ts";
export { RTCSctpTransport, type RTCSctpTransportState } from "./w3c/rtc-sctp-transport.ts";
export { RTCStatsReport } from "./w3c/stats/index.ts";
export type * from "./w3c/stats/rtp-dictionaries.ts";
export type * from "./w3c/stats/stats-dictionaries.ts";
export {
  RTCSessionDescription,
  type RTCLocalSessionDescriptionInit,
  type RTCSdpType,
  type RTCSessionDescriptionInit,
} from "./w3c/rtc-session-description.ts";
