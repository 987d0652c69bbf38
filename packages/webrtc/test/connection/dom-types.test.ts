import assert from "node:assert/strict";
import { test } from "vitest";

import * as pallas from "../../src/index.ts";

/*
 * What lib.dom and Pallas both name is the same to a program (checked by `npm run lint -- types`; running
 * these tests proves little more than that the names exist).
 *
 * Objects go one way: those of Pallas are what lib.dom describes. The other way round they are not, because
 * a class with private parts is a type of its own; so dictionaries with objects in them go one way, too,
 * and `handles.ts` says what methods and constructors take instead. Everything else goes both ways.
 */

/** Compiles if `value` is a `T`. */
function fits<T>(value: T): T {
  return value;
}

/** The members of `Dom` that `Pallas` does not have: an optional one would not be missed otherwise. */
type Missing<Dom, Pallas> = Exclude<keyof Dom, keyof Pallas>;

/** Compiles if each of the two types can stand for the other, and all of lib.dom's members are there. */
function isMutual<Dom, Pallas>(
  ..._proof: [Dom, Pallas] extends [Pallas, Dom] ? Lacks<Dom, Pallas> : ["differ"]
): void {}

/** Compiles if a `Pallas` is a `Dom`, and all of lib.dom's members are there. */
function isOneWay<Dom, Pallas>(
  ..._proof: [Pallas] extends [Dom] ? Lacks<Dom, Pallas> : ["differ"]
): void {}

type Lacks<Dom, Pallas> = [Missing<Dom, Pallas>] extends [never] ? [] : [Missing<Dom, Pallas>];

/** Compiles if nothing is left over. */
function isNone<Left>(..._proof: [Left] extends [never] ? [] : [Left]): void {}

type DomNames = Extract<keyof typeof globalThis, `RTC${string}` | `MediaStream${string}`>;
/** Encoded frames and their transforms belong to another issue; audio nodes need an audio graph. */
type NotHere =
  | "MediaStreamAudioDestinationNode"
  | "MediaStreamAudioSourceNode"
  | "RTCEncodedAudioFrame"
  | "RTCEncodedVideoFrame"
  | "RTCRtpScriptTransform";
type SharedNames = Exclude<DomNames, NotHere> & keyof typeof pallas;
type Misfits = {
  [Name in SharedNames]: (typeof pallas)[Name] extends (typeof globalThis)[Name] ? never : Name;
}[SharedNames];

test("every interface of lib.dom is there, and the class fits where lib.dom's constructor is expected", () => {
  isNone<Exclude<DomNames, NotHere | keyof typeof pallas>>();
  isNone<Misfits>();
  fits<typeof RTCPeerConnection>(pallas.RTCPeerConnection);
  fits<typeof RTCDataChannel>(pallas.RTCDataChannel);
  fits<typeof RTCDTMFSender>(pallas.RTCDTMFSender);
  fits<typeof RTCRtpSender>(pallas.RTCRtpSender);
  fits<typeof RTCRtpReceiver>(pallas.RTCRtpReceiver);
  fits<typeof RTCRtpTransceiver>(pallas.RTCRtpTransceiver);
  fits<typeof RTCDtlsTransport>(pallas.RTCDtlsTransport);
  fits<typeof RTCIceTransport>(pallas.RTCIceTransport);
  fits<typeof RTCSctpTransport>(pallas.RTCSctpTransport);
  fits<typeof RTCCertificate>(pallas.RTCCertificate);
  fits<typeof RTCIceCandidate>(pallas.RTCIceCandidate);
  fits<typeof RTCSessionDescription>(pallas.RTCSessionDescription);
  fits<typeof RTCStatsReport>(pallas.RTCStatsReport);
  fits<typeof RTCError>(pallas.RTCError);
  fits<typeof MediaStream>(pallas.MediaStream);
  fits<typeof MediaStreamTrack>(pallas.MediaStreamTrack);
  fits<typeof OverconstrainedError>(pallas.OverconstrainedError);
});

test("the constructors of events fit where lib.dom's are expected", () => {
  fits<typeof RTCDataChannelEvent>(pallas.RTCDataChannelEvent);
  fits<typeof RTCDTMFToneChangeEvent>(pallas.RTCDTMFToneChangeEvent);
  fits<typeof RTCErrorEvent>(pallas.RTCErrorEvent);
  fits<typeof RTCPeerConnectionIceEvent>(pallas.RTCPeerConnectionIceEvent);
  fits<typeof RTCPeerConnectionIceErrorEvent>(pallas.RTCPeerConnectionIceErrorEvent);
  fits<typeof RTCTrackEvent>(pallas.RTCTrackEvent);
  fits<typeof MediaStreamTrackEvent>(pallas.MediaStreamTrackEvent);
  isOneWay<RTCIceCandidatePair, pallas.RTCIceCandidatePair>();
});

test("an object is what lib.dom says, with all its members", () => {
  const configuration: RTCConfiguration = { iceServers: [{ urls: "stun:a.example" }] };
  const connection: RTCPeerConnection = new pallas.RTCPeerConnection(configuration);
  const channel: RTCDataChannel = connection.createDataChannel("x");
  const transceiver: RTCRtpTransceiver = connection.addTransceiver("audio");
  const sender: RTCRtpSender = transceiver.sender;
  const dtmf: RTCDTMFSender | null = sender.dtmf;
  const track: MediaStreamTrack = transceiver.receiver.track;
  const stream: MediaStream = new pallas.MediaStream([track]);
  const target: EventTarget = connection;
  connection.addTrack(track.clone(), stream);
  assert.deepEqual(
    [connection.signalingState, channel.readyState, dtmf?.toneBuffer, stream.getTracks()],
    ["stable", "connecting", "", [track]],
  );
  assert.ok(target instanceof pallas.RTCPeerConnection);
  connection.close();
});

test("a handler that is typed by lib.dom can be set, read and given to another object", () => {
  const one = new pallas.RTCPeerConnection();
  const other: RTCPeerConnection = new pallas.RTCPeerConnection();
  const handler = (event: RTCDataChannelEvent): string => event.channel.label;
  one.ondatachannel = handler;
  other.ondatachannel = one.ondatachannel;
  one.ontrack = function (event) {
    assert.equal(event.track.kind, this.getTransceivers().length);
  };
  one.addEventListener("icecandidate", function ({ candidate }: RTCPeerConnectionIceEvent) {
    assert.equal(candidate, this.localDescription);
  });
  assert.equal(other.ondatachannel, handler);
  one.close();
  other.close();
});

test("what takes objects takes them as lib.dom types them", () => {
  const connection = new pallas.RTCPeerConnection();
  const track: MediaStreamTrack = pallas.createMediaStreamTrack({ kind: "video" }).track;
  const stream: MediaStream = new pallas.MediaStream([track]);
  const init: RTCRtpTransceiverInit = { streams: [stream], sendEncodings: [{ maxBitrate: 1 }] };
  const sender = connection.addTrack(track, stream);
  sender.setStreams(stream);
  void sender.replaceTrack(track);
  const domSender: RTCRtpSender = sender;
  connection.removeTrack(domSender);
  const { receiver, ...rest } = connection.addTransceiver(track.clone(), init);
  const transceiver: RTCRtpTransceiver = connection.getTransceivers()[0]!;
  const eventInit: RTCTrackEventInit = { receiver, track, transceiver, streams: [stream] };
  assert.deepEqual(rest, {});
  assert.equal(new pallas.RTCTrackEvent("track", eventInit).transceiver, transceiver);
  assert.deepEqual(new pallas.MediaStream(stream).getTracks(), [track]);
  connection.close();
});

test("enumerations are the same", () => {
  isMutual<RTCBundlePolicy, pallas.RTCBundlePolicy>();
  isMutual<RTCDataChannelState, pallas.RTCDataChannelState>();
  isMutual<RTCDegradationPreference, pallas.RTCDegradationPreference>();
  isMutual<RTCDtlsRole, pallas.RTCDtlsRole>();
  isMutual<RTCDtlsTransportState, pallas.RTCDtlsTransportState>();
  isMutual<RTCErrorDetailType, pallas.RTCErrorDetailType>();
  isMutual<RTCIceCandidateType, pallas.RTCIceCandidateType>();
  isMutual<RTCIceComponent, pallas.RTCIceComponent>();
  isMutual<RTCIceConnectionState, pallas.RTCIceConnectionState>();
  isMutual<RTCIceGathererState, pallas.RTCIceGathererState>();
  isMutual<RTCIceGatheringState, pallas.RTCIceGatheringState>();
  isMutual<RTCIceProtocol, pallas.RTCIceProtocol>();
  isMutual<RTCIceRole, pallas.RTCIceRole>();
  isMutual<RTCIceTcpCandidateType, pallas.RTCIceTcpCandidateType>();
  isMutual<RTCIceTransportPolicy, pallas.RTCIceTransportPolicy>();
  isMutual<RTCIceTransportState, pallas.RTCIceTransportState>();
  isMutual<RTCPeerConnectionState, pallas.RTCPeerConnectionState>();
  isMutual<RTCPriorityType, pallas.RTCPriorityType>();
  isMutual<RTCQualityLimitationReason, pallas.RTCQualityLimitationReason>();
  isMutual<RTCRtcpMuxPolicy, pallas.RTCRtcpMuxPolicy>();
  isMutual<RTCRtpTransceiverDirection, pallas.RTCRtpTransceiverDirection>();
  isMutual<RTCSctpTransportState, pallas.RTCSctpTransportState>();
  isMutual<RTCSdpType, pallas.RTCSdpType>();
  isMutual<RTCSignalingState, pallas.RTCSignalingState>();
  isMutual<RTCStatsIceCandidatePairState, pallas.RTCStatsIceCandidatePairState>();
  isMutual<RTCStatsType, pallas.RTCStatsType>();
  isMutual<MediaStreamTrackState, pallas.MediaStreamTrackState>();
  isMutual<BinaryType, pallas.BinaryType>();
});

test("dictionaries of a connection are the same", () => {
  isMutual<RTCAnswerOptions, pallas.RTCAnswerOptions>();
  isMutual<RTCCertificateExpiration, pallas.RTCCertificateExpiration>();
  isMutual<RTCConfiguration, pallas.RTCConfiguration>();
  isMutual<RTCDataChannelInit, pallas.RTCDataChannelInit>();
  isMutual<RTCDtlsFingerprint, pallas.RTCDtlsFingerprint>();
  // The status code belongs to identity providers; webrtc-pc no longer has it, nor may RTCError.
  isMutual<Omit<RTCErrorInit, "httpRequestStatusCode">, pallas.RTCErrorInit>();
  isMutual<RTCIceCandidateInit, pallas.RTCIceCandidateInit>();
  isMutual<RTCIceServer, pallas.RTCIceServer>();
  isMutual<RTCLocalIceCandidateInit, pallas.RTCLocalIceCandidateInit>();
  isMutual<RTCLocalSessionDescriptionInit, pallas.RTCLocalSessionDescriptionInit>();
  isMutual<RTCOfferAnswerOptions, pallas.RTCOfferAnswerOptions>();
  isMutual<RTCOfferOptions, pallas.RTCOfferOptions>();
  isMutual<RTCSessionDescriptionInit, pallas.RTCSessionDescriptionInit>();
  isMutual<RTCPeerConnectionErrorCallback, pallas.RTCPeerConnectionErrorCallback>();
  isMutual<RTCSessionDescriptionCallback, pallas.RTCSessionDescriptionCallback>();
});

test("dictionaries of media are the same", () => {
  isMutual<RTCRtcpParameters, pallas.RTCRtcpParameters>();
  isMutual<RTCRtpCodec, pallas.RTCRtpCodec>();
  isMutual<RTCRtpCodecParameters, pallas.RTCRtpCodecParameters>();
  isMutual<RTCRtpCodingParameters, pallas.RTCRtpCodingParameters>();
  isMutual<RTCRtpContributingSource, pallas.RTCRtpContributingSource>();
  isMutual<RTCRtpEncodingParameters, pallas.RTCRtpEncodingParameters>();
  isMutual<RTCRtpHeaderExtensionParameters, pallas.RTCRtpHeaderExtensionParameters>();
  isMutual<RTCRtpParameters, pallas.RTCRtpParameters>();
  isMutual<RTCRtpReceiveParameters, pallas.RTCRtpReceiveParameters>();
  isMutual<RTCRtpSendParameters, pallas.RTCRtpSendParameters>();
  isMutual<RTCRtpSynchronizationSource, pallas.RTCRtpSynchronizationSource>();
  isMutual<RTCSetParameterOptions, pallas.RTCSetParameterOptions>();
  // lib.dom lacks the direction, which webrtc-extensions requires.
  isOneWay<RTCRtpHeaderExtensionCapability, pallas.RTCRtpHeaderExtensionCapability>();
  isOneWay<RTCRtpCapabilities, pallas.RTCRtpCapabilities>();
  isMutual<ConstrainBoolean, pallas.ConstrainBoolean>();
  isMutual<ConstrainBooleanOrDOMString, pallas.ConstrainBooleanOrDOMString>();
  isMutual<ConstrainDOMString, pallas.ConstrainDOMString>();
  isMutual<ConstrainDouble, pallas.ConstrainDouble>();
  isMutual<ConstrainULong, pallas.ConstrainULong>();
  isMutual<DoubleRange, pallas.DoubleRange>();
  isMutual<ULongRange, pallas.ULongRange>();
  isMutual<MediaTrackCapabilities, pallas.MediaTrackCapabilities>();
  isMutual<MediaTrackConstraints, pallas.MediaTrackConstraints>();
  isMutual<MediaTrackSettings, pallas.MediaTrackSettings>();
});

test("dictionaries of events are the same, those with objects in them one way", () => {
  isMutual<RTCDTMFToneChangeEventInit, pallas.RTCDTMFToneChangeEventInit>();
  isMutual<RTCPeerConnectionIceErrorEventInit, pallas.RTCPeerConnectionIceErrorEventInit>();
  isOneWay<RTCDataChannelEventInit, pallas.RTCDataChannelEventInit>();
  isOneWay<RTCErrorEventInit, pallas.RTCErrorEventInit>();
  isOneWay<RTCPeerConnectionIceEventInit, pallas.RTCPeerConnectionIceEventInit>();
  isOneWay<RTCRtpTransceiverInit, pallas.RTCRtpTransceiverInit>();
  isOneWay<RTCTrackEventInit, pallas.RTCTrackEventInit>();
  isOneWay<MediaStreamTrackEventInit, pallas.MediaStreamTrackEventInit>();
  isOneWay<RTCPeerConnectionEventMap, pallas.RTCPeerConnectionEventMap>();
  isOneWay<RTCDataChannelEventMap, pallas.RTCDataChannelEventMap>();
  isOneWay<RTCDtlsTransportEventMap, pallas.RTCDtlsTransportEventMap>();
  isOneWay<RTCDTMFSenderEventMap, pallas.RTCDTMFSenderEventMap>();
  isOneWay<RTCIceTransportEventMap, pallas.RTCIceTransportEventMap>();
  isOneWay<RTCSctpTransportEventMap, pallas.RTCSctpTransportEventMap>();
  isOneWay<MediaStreamEventMap, pallas.MediaStreamEventMap>();
  isOneWay<MediaStreamTrackEventMap, pallas.MediaStreamTrackEventMap>();
});

test("dictionaries of statistics are what lib.dom says", () => {
  isMutual<RTCStats, pallas.RTCStats>();
  isOneWay<RTCTransportStats, pallas.RTCTransportStats>();
  isOneWay<RTCIceCandidatePairStats, pallas.RTCIceCandidatePairStats>();
  isOneWay<RTCRtpStreamStats, pallas.RTCRtpStreamStats>();
  isOneWay<RTCReceivedRtpStreamStats, pallas.RTCReceivedRtpStreamStats>();
  isOneWay<RTCSentRtpStreamStats, pallas.RTCSentRtpStreamStats>();
  isOneWay<RTCInboundRtpStreamStats, pallas.RTCInboundRtpStreamStats>();
  isOneWay<RTCOutboundRtpStreamStats, pallas.RTCOutboundRtpStreamStats>();
});
