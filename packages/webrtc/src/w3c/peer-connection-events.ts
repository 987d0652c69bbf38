import type { EventHandler, EventHandlerValue } from "./event-handler.ts";
import type { ConnectionStateEvent } from "./events/connection-state-event.ts";
import type { RTCDataChannelEvent } from "./events/rtc-data-channel-event.ts";
import type { RTCPeerConnectionIceErrorEvent } from "./events/rtc-peer-connection-ice-error-event.ts";
import type { RTCPeerConnectionIceEvent } from "./events/rtc-peer-connection-ice-event.ts";
import type { RTCTrackEvent } from "./events/rtc-track-event.ts";

/** The events of a connection and what each brings. */
export interface RTCPeerConnectionEventMap {
  connectionstatechange: ConnectionStateEvent;
  datachannel: RTCDataChannelEvent;
  icecandidate: RTCPeerConnectionIceEvent;
  icecandidateerror: RTCPeerConnectionIceErrorEvent;
  iceconnectionstatechange: ConnectionStateEvent;
  icegatheringstatechange: Event;
  negotiationneeded: Event;
  signalingstatechange: Event;
  track: RTCTrackEvent;
}

/** The `on…` attributes of a connection; {@link defineEventHandlers} makes them for these types. */
export interface PeerConnectionHandlers<Self> {
  get onconnectionstatechange(): EventHandlerValue;
  set onconnectionstatechange(handler: EventHandler<Self, ConnectionStateEvent>);
  get ondatachannel(): EventHandlerValue;
  set ondatachannel(handler: EventHandler<Self, RTCDataChannelEvent>);
  get onicecandidate(): EventHandlerValue;
  set onicecandidate(handler: EventHandler<Self, RTCPeerConnectionIceEvent>);
  get onicecandidateerror(): EventHandlerValue;
  set onicecandidateerror(handler: EventHandler<Self, RTCPeerConnectionIceErrorEvent>);
  get oniceconnectionstatechange(): EventHandlerValue;
  set oniceconnectionstatechange(handler: EventHandler<Self, ConnectionStateEvent>);
  get onicegatheringstatechange(): EventHandlerValue;
  set onicegatheringstatechange(handler: EventHandler<Self>);
  get onnegotiationneeded(): EventHandlerValue;
  set onnegotiationneeded(handler: EventHandler<Self>);
  get onsignalingstatechange(): EventHandlerValue;
  set onsignalingstatechange(handler: EventHandler<Self>);
  get ontrack(): EventHandlerValue;
  set ontrack(handler: EventHandler<Self, RTCTrackEvent>);
}

/** The types of all of them. */
export const CONNECTION_EVENTS = [
  "negotiationneeded",
  "icecandidate",
  "icecandidateerror",
  "signalingstatechange",
  "iceconnectionstatechange",
  "icegatheringstatechange",
  "connectionstatechange",
  "datachannel",
  "track",
] as const;
