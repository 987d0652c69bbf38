import type { IceCandidateAttribute, SessionDescription } from "../sdp/index.ts";
import type { IceCredentials } from "./session-plan.ts";
import type { DescriptionType, SignalingState } from "./signaling-state.ts";
import type { TransceiverId, TransceiverState } from "./transceiver.ts";

/** A description that was set: what it says and as what. */
export type SetDescription = {
  readonly type: Exclude<DescriptionType, "rollback">;
  readonly parsed: SessionDescription;
  /**
   * Candidates of the peer's earlier descriptions of the same ICE generation, by MID: they count on
   * though this one may not repeat them.
   */
  readonly earlierCandidates?: ReadonlyMap<string, readonly IceCandidateAttribute[]>;
};

/** How far sections share transports before the peer has agreed to it (RFC 9429 §4.1.1). */
export type BundlePolicy = "balanced" | "max-compat" | "max-bundle";

/** What this side says of itself in every description. */
export type LocalIdentity = {
  readonly fingerprints: readonly { readonly algorithm: string; readonly value: string }[];
  /** `a=tls-id` (RFC 8842 §5.2): 20 to 255 characters, new with every DTLS association. */
  readonly tlsId: string;
  /** `sess-id` of the `o=` line: a number below 2^63 in decimal (RFC 9429 §5.2.1). */
  readonly sessionId: string;
  /** Largest message that this side takes, for `a=max-message-size`. */
  readonly maxReceiveMessageBytes: number;
  readonly bundlePolicy: BundlePolicy;
  /** The canonical name of this side's RTP streams (RFC 7022), for `a=ssrc`. */
  readonly cname: string;
};

/** The four descriptions of RFC 9429 §3.2. */
export type Descriptions = {
  readonly currentLocal?: SetDescription;
  readonly currentRemote?: SetDescription;
  readonly pendingLocal?: SetDescription;
  readonly pendingRemote?: SetDescription;
};

/**
 * Everything that JSEP (RFC 9429) knows of a connection. Immutable: each operation returns a new
 * state or throws and leaves the old one as it was, so nothing is ever applied by half.
 */
export type NegotiationState = Descriptions & {
  readonly signalingState: SignalingState;
  readonly identity: LocalIdentity;
  /** Texts made since the last stable state; only these may be set as local (W3C [[LastCreatedOffer]]). */
  readonly lastCreatedOffer: string;
  readonly lastCreatedAnswer: string;
  /** For which transceiver each section of {@link lastCreatedOffer} was written (RFC 9429 §5.2.1). */
  readonly offeredTransceivers: readonly (TransceiverId | undefined)[];
  /** `sess-version` of the next description that is made. */
  readonly nextSessionVersion: number;
  /**
   * Drawn for descriptions since the last stable state, so that two in a row are the same. Key: transport.
   * What is in use is in the current local description.
   */
  readonly credentials: ReadonlyMap<string, IceCredentials>;
  /** [[LocalIceCredentialsToReplace]] */
  readonly credentialsToReplace: readonly IceCredentials[];
  /** The transport of each section by the last completed negotiation. Key: MID. */
  readonly transportIds: ReadonlyMap<string, string>;
  /** The set of transceivers, in the order in which they were added. */
  readonly transceivers: readonly TransceiverState[];
  /** As they were in the last stable state: what a rollback goes back to (the [[LastStableState…]] slots). */
  readonly stableTransceivers: readonly TransceiverState[];
  readonly nextTransceiverId: TransceiverId;
  /** The stream of the peer's tracks that it puts in none, drawn when it is first needed (RFC 9429 §5.8.2). */
  readonly defaultStreamId?: string;
  /** Fixed by the first offer (RFC 8445 §6.1.1). */
  readonly iceRole?: "controlling" | "controlled";
};

/** The state of a connection that has not negotiated anything. */
export function initialNegotiationState(identity: LocalIdentity): NegotiationState {
  return {
    signalingState: "stable",
    identity,
    lastCreatedOffer: "",
    lastCreatedAnswer: "",
    nextSessionVersion: 1,
    offeredTransceivers: [],
    credentials: new Map(),
    credentialsToReplace: [],
    transportIds: new Map(),
    transceivers: [],
    stableTransceivers: [],
    nextTransceiverId: 1,
  };
}

/** The local description that counts now: the pending one if there is one. */
export function localDescriptionOf(state: Descriptions): SetDescription | undefined {
  return state.pendingLocal ?? state.currentLocal;
}

/** The remote description that counts now: the pending one if there is one. */
export function remoteDescriptionOf(state: Descriptions): SetDescription | undefined {
  return state.pendingRemote ?? state.currentRemote;
}
