/**
 * `import "@pallas/webrtc/globals"` gives a Node program the names that a browser's page finds: code
 * written for browsers then runs as it is. A name that is there already is left alone. The types are
 * those of lib.dom, to which the objects of this package are assignable.
 *
 * What a page has besides is not installed: `navigator.mediaDevices`, since a server has no camera (see
 * `createMediaStreamTrack`), and names with a vendor's prefix.
 */
import {
  MediaStream,
  MediaStreamTrack,
  MediaStreamTrackEvent,
  OverconstrainedError,
  RTCCertificate,
  RTCDataChannel,
  RTCDataChannelEvent,
  RTCDtlsTransport,
  RTCDTMFSender,
  RTCDTMFToneChangeEvent,
  RTCError,
  RTCErrorEvent,
  RTCIceCandidate,
  RTCIceCandidatePair,
  RTCIceTransport,
  RTCPeerConnection,
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
  RTCRtpReceiver,
  RTCRtpSender,
  RTCRtpTransceiver,
  RTCSctpTransport,
  RTCSessionDescription,
  RTCStatsReport,
  RTCTrackEvent,
} from "./index.ts";

const INTERFACES = {
  MediaStream,
  MediaStreamTrack,
  MediaStreamTrackEvent,
  OverconstrainedError,
  RTCCertificate,
  RTCDataChannel,
  RTCDataChannelEvent,
  RTCDtlsTransport,
  RTCDTMFSender,
  RTCDTMFToneChangeEvent,
  RTCError,
  RTCErrorEvent,
  RTCIceCandidate,
  RTCIceCandidatePair,
  RTCIceTransport,
  RTCPeerConnection,
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
  RTCRtpReceiver,
  RTCRtpSender,
  RTCRtpTransceiver,
  RTCSctpTransport,
  RTCSessionDescription,
  RTCStatsReport,
  RTCTrackEvent,
};

for (const [name, value] of Object.entries(INTERFACES)) {
  if (name in globalThis) continue;
  // As Web IDL §3.7.1 defines a global's interfaces: writable, configurable, not enumerable.
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
