import type { IceCredentials } from "../negotiation/index.ts";
import { serializeCandidate } from "../sdp/index.ts";
import type { TransportId } from "../session/session-events.ts";
import { toCandidateAttribute, type IceCandidate } from "../session/candidate-attribute.ts";
import type { TransportStates } from "./connection-states.ts";
import { RTCDtlsTransport, type DtlsTransportSlots } from "./rtc-dtls-transport.ts";
import { RTCIceCandidate } from "./rtc-ice-candidate.ts";
import {
  newIceTransportSlots,
  RTCIceTransport,
  type IceTransportSlots,
  type RTCIceParameters,
} from "./rtc-ice-transport.ts";
import { RTCSctpTransport, type SctpTransportSlots } from "./rtc-sctp-transport.ts";
import { CONSTRUCTION_TOKEN } from "./webidl/index.ts";

/** The objects of one transport, with the slots that only the connection writes. */
export type TransportObjects = {
  readonly id: TransportId;
  readonly ice: RTCIceTransport;
  readonly iceSlots: IceTransportSlots;
  readonly dtls: RTCDtlsTransport;
  readonly dtlsSlots: DtlsTransportSlots;
};

/** The object of the data channels' association, with its slots. */
export type SctpObjects = {
  /** The section that brought it: another one means another association. */
  readonly mid: string;
  readonly sctp: RTCSctpTransport;
  readonly slots: SctpTransportSlots;
};

/** A new RTCDtlsTransport with a new RTCIceTransport below it. */
export function newTransportObjects(id: TransportId): TransportObjects {
  const iceSlots = newIceTransportSlots();
  const dtlsSlots: DtlsTransportSlots = { state: "new", remoteCertificates: [] };
  const ice = new RTCIceTransport(CONSTRUCTION_TOKEN, iceSlots);
  const dtls = new RTCDtlsTransport(CONSTRUCTION_TOKEN, ice, dtlsSlots);
  return { id, ice, iceSlots, dtls, dtlsSlots };
}

/** https://w3c.github.io/webrtc-pc/#create-an-rtcsctptransport */
export function newSctpObjects(mid: string, transport: RTCDtlsTransport): SctpObjects {
  const slots: SctpTransportSlots = {
    transport,
    state: "connecting",
    maxMessageSize: null,
    maxChannels: null,
  };
  return { mid, sctp: new RTCSctpTransport(CONSTRUCTION_TOKEN, slots), slots };
}

/** Closes both; which of them were not closed before. */
export function closeTransport(objects: TransportObjects): readonly EventTarget[] {
  const { iceSlots, dtlsSlots } = objects;
  const changed = [
    ...(dtlsSlots.state === "closed" ? [] : [objects.dtls]),
    ...(iceSlots.state === "closed" ? [] : [objects.ice]),
  ];
  dtlsSlots.state = "closed";
  iceSlots.state = "closed";
  return changed;
}

/** Closes it; whether it was not closed before. */
export function closeSctp({ sctp, slots }: SctpObjects): readonly EventTarget[] {
  if (slots.state === "closed") return [];
  slots.state = "closed";
  return [sctp];
}

/** The states that the connection's own are derived from. */
export function statesOf({ iceSlots, dtlsSlots }: TransportObjects): TransportStates {
  return { ice: iceSlots.state, dtls: dtlsSlots.state, gatherer: iceSlots.gatheringState };
}

/** https://w3c.github.io/webrtc-pc/#dom-rtciceparameters */
export function toIceParameters({ ufrag, password }: IceCredentials): RTCIceParameters {
  return { usernameFragment: ufrag, password };
}

/** A candidate as the application sees it; `undefined` is the end of candidates. */
export function exposeCandidate(
  candidate: IceCandidate | undefined,
  { mid, mediaIndex }: { readonly mid: string; readonly mediaIndex: number | null },
  usernameFragment: string | null,
): RTCIceCandidate {
  return new RTCIceCandidate({
    candidate: candidate === undefined ? "" : serializeCandidate(toCandidateAttribute(candidate)),
    sdpMid: mid,
    sdpMLineIndex: mediaIndex,
    usernameFragment: candidate?.ufrag ?? usernameFragment,
    url: candidate?.url ?? null,
  });
}
