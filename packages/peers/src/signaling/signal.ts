import type { SignalingErrorCode } from "../errors.ts";

/** What a participant is there for. An observer has no connection of its own, but may ask for offers. */
export type ParticipantRole = "sender" | "receiver" | "observer";

/** Somebody in a room. */
export type Participant = {
  /** Given by the room; unique in it. */
  readonly id: string;
  readonly role: ParticipantRole;
  /** For people. */
  readonly name: string;
};

/** The steps that participants tell each other about: figure 2 of the article, and what surrounds it. */
export const REPORT_STEPS = [
  "offerRequested",
  "offerCreated",
  "offerApplied",
  "answerCreated",
  "answerApplied",
  "localCandidate",
  "remoteCandidate",
  "candidateRefused",
  "state",
  "pairSelected",
  "channelOpen",
  "fileStarted",
  "fileVerified",
  "fileFailed",
  "closed",
] as const;

/** One step of a handshake, told to the room so that others can show it. No description, no secret. */
export type HandshakeReport = {
  /** The other side of the connection. */
  readonly peerId: string;
  readonly handshakeId: string;
  readonly atEpochMs: number;
  readonly step: (typeof REPORT_STEPS)[number];
  /** A state, a candidate, a pair, a reason: in words. */
  readonly detail?: string;
};

/** A description or candidate, and the handshake that it belongs to. */
export type Negotiation =
  | { readonly kind: "offer"; readonly handshakeId: string; readonly sdp: string }
  | { readonly kind: "answer"; readonly handshakeId: string; readonly sdp: string }
  | {
      readonly kind: "candidate";
      readonly handshakeId: string;
      /** `null`: there are no more. */
      readonly candidate: RTCIceCandidateInit | null;
    }
  /** The connection is over for this side. */
  | { readonly kind: "bye"; readonly handshakeId: string; readonly reason: string };

/** What a participant says to the room. */
export type OutgoingSignal =
  /**
   * Asks a sender to make an offer for a receiver (the article's note 4: "some entity"). Without
   * `senderId` the room's longest-standing sender is meant, without `receiverId` the one who asks.
   */
  | { readonly kind: "offerRequest"; readonly senderId?: string; readonly receiverId?: string }
  | (Negotiation & { readonly to: string })
  | { readonly kind: "report"; readonly report: HandshakeReport };

/** What a participant hears from the room. `from` is set by the room, so that nobody can forge it. */
export type IncomingSignal =
  /** The first signal, and again after each reconnection. */
  | {
      readonly kind: "welcome";
      readonly self: Participant;
      /** The others. */
      readonly participants: readonly Participant[];
    }
  | { readonly kind: "joined"; readonly participant: Participant }
  | { readonly kind: "left"; readonly participantId: string; readonly reason: string }
  | { readonly kind: "offerRequest"; readonly from: string; readonly receiverId: string }
  | (Negotiation & { readonly from: string })
  | { readonly kind: "report"; readonly from: string; readonly report: HandshakeReport }
  /** Something that this participant sent was not delivered. */
  | { readonly kind: "error"; readonly code: SignalingErrorCode; readonly message: string };

/** What a {@link SignalingChannel} reports: the room's words, and how the way to the room is. */
export type SignalingEvent =
  | IncomingSignal
  /** The room cannot be reached now; the channel tries again by itself. */
  | { readonly kind: "offline"; readonly reason: string; readonly retryInMs: number }
  /** The last event. */
  | { readonly kind: "closed"; readonly reason: string };

/** A participant's way to its room. */
export interface SignalingChannel {
  /** Who this is in the room; `undefined` before the first welcome. */
  readonly self: Participant | undefined;
  /** Throws `SignalingError` when closed or when too much waits to be sent. */
  send(signal: OutgoingSignal): void;
  /** The returned function stops it. */
  subscribe(listener: (event: SignalingEvent) => void): () => void;
  close(reason?: string): void;
}
