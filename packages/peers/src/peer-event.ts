import type { PairSummary } from "./candidate.ts";
import type { PeerChannel } from "./platform.ts";

/** What a data channel carries: text or bytes. */
export type PeerData = string | Uint8Array<ArrayBuffer>;

/** A description on its way between peers, with the handshake that it belongs to. */
export type PeerDescription<Type extends "offer" | "answer" = "offer" | "answer"> = {
  readonly type: Type;
  readonly sdp: string;
  /** Minted by the sender with each offer; an answer or candidate of an earlier one is refused by it. */
  readonly handshakeId: string;
};

/** The four state machines of a connection (W3C webrtc-pc §4.3). The article's figure i is `connection`. */
export type StateChange =
  | { readonly machine: "connection"; readonly state: RTCPeerConnectionState }
  | { readonly machine: "iceConnection"; readonly state: RTCIceConnectionState }
  | { readonly machine: "iceGathering"; readonly state: RTCIceGatheringState }
  | { readonly machine: "signaling"; readonly state: RTCSignalingState };

/** What happened with one connection. */
export type PeerEventBody =
  | { readonly kind: "offerRequested" }
  | { readonly kind: "offerCreated"; readonly description: PeerDescription<"offer"> }
  | { readonly kind: "offerApplied"; readonly description: PeerDescription<"offer"> }
  /** Another than the present sender made it: the connection that there is goes on. */
  | { readonly kind: "offerRefused"; readonly reason: string }
  | { readonly kind: "answerCreated"; readonly description: PeerDescription<"answer"> }
  | { readonly kind: "answerApplied"; readonly description: PeerDescription<"answer"> }
  /** Found here, to be sent to the other side; `null` says that there are no more. */
  | { readonly kind: "localCandidate"; readonly candidate: RTCIceCandidateInit | null }
  | { readonly kind: "remoteCandidate"; readonly candidate: RTCIceCandidateInit | null }
  /** The connection goes on without it. */
  | { readonly kind: "candidateRefused"; readonly reason: string }
  | ({ readonly kind: "state" } & StateChange)
  | { readonly kind: "pairSelected"; readonly pair: PairSummary }
  /** The data channel can carry messages from now on. */
  | { readonly kind: "channelOpen"; readonly channel: PeerChannel }
  | { readonly kind: "message"; readonly data: PeerData }
  /** The last event of a connection. Everything that it held is released. */
  | { readonly kind: "closed"; readonly reason: string; readonly wasFailure: boolean };

/** {@link PeerEventBody} with its whereabouts. */
export type PeerEvent = PeerEventBody & {
  /** The other side. */
  readonly peerId: string;
  readonly handshakeId: string;
  /** When, in milliseconds since 1970 with fractions. */
  readonly atEpochMs: number;
};
