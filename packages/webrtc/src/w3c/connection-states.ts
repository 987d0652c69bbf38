export type { SignalingState as RTCSignalingState } from "../negotiation/index.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnectionstate */
export type RTCPeerConnectionState =
  | "new"
  | "connecting"
  | "connected"
  | "disconnected"
  | "failed"
  | "closed";
/** https://w3c.github.io/webrtc-pc/#dom-rtciceconnectionstate */
export type RTCIceConnectionState =
  | "new"
  | "checking"
  | "connected"
  | "completed"
  | "disconnected"
  | "failed"
  | "closed";
/** https://w3c.github.io/webrtc-pc/#dom-rtcicegatheringstate */
export type RTCIceGatheringState = "new" | "gathering" | "complete";
/** https://w3c.github.io/webrtc-pc/#dom-rtcicetransportstate */
export type RTCIceTransportState = RTCIceConnectionState;
/** https://w3c.github.io/webrtc-pc/#dom-rtcicegathererstate */
export type RTCIceGathererState = "new" | "gathering" | "complete";
/** https://w3c.github.io/webrtc-pc/#dom-rtcdtlstransportstate */
export type RTCDtlsTransportState = "new" | "connecting" | "connected" | "closed" | "failed";

/** The states of one transport that the connection's own states are made of. */
export type TransportStates = {
  readonly ice: RTCIceTransportState;
  readonly dtls: RTCDtlsTransportState;
  readonly gatherer: RTCIceGathererState;
};

/** https://w3c.github.io/webrtc-pc/#rtciceconnectionstate-enum: the first description that applies. */
export function iceConnectionStateOf(
  transports: readonly TransportStates[],
): RTCIceConnectionState {
  const states = transports.map(({ ice }) => ice);
  if (states.includes("failed")) return "failed";
  if (states.includes("disconnected")) return "disconnected";
  if (states.every((state) => state === "new" || state === "closed")) return "new";
  if (states.some((state) => state === "new" || state === "checking")) return "checking";
  if (states.every((state) => state === "completed" || state === "closed")) return "completed";
  return "connected";
}

/** https://w3c.github.io/webrtc-pc/#rtcpeerconnectionstate-enum: the first description that applies. */
export function connectionStateOf(transports: readonly TransportStates[]): RTCPeerConnectionState {
  const ice = transports.map((transport) => transport.ice);
  const dtls = transports.map((transport) => transport.dtls);
  if (ice.includes("failed") || dtls.includes("failed")) return "failed";
  if (ice.includes("disconnected")) return "disconnected";
  const isIdle = ({ ice, dtls }: TransportStates): boolean =>
    (ice === "new" || ice === "closed") && (dtls === "new" || dtls === "closed");
  if (transports.every(isIdle)) return "new";
  const isIceReady = ice.every((state) => !["new", "checking"].includes(state));
  const isDtlsReady = dtls.every((state) => !["new", "connecting"].includes(state));
  return isIceReady && isDtlsReady ? "connected" : "connecting";
}

/** https://w3c.github.io/webrtc-pc/#rtcicegatheringstate-enum */
export function iceGatheringStateOf(transports: readonly TransportStates[]): RTCIceGatheringState {
  const states = transports.map(({ gatherer }) => gatherer);
  if (states.includes("gathering")) return "gathering";
  return states.length > 0 && states.every((state) => state === "complete") ? "complete" : "new";
}
