import type { Codec, MediaKind, NegotiatedCodec } from "../rtp/codec.ts";
import type {
  HeaderExtensionCapability,
  NegotiatedHeaderExtension,
} from "../rtp/header-extension.ts";
import type { MediaDirection } from "../sdp/index.ts";

/** Names a transceiver for the life of its connection. */
export type TransceiverId = number;

/** One encoding of a sender (https://w3c.github.io/webrtc-pc/#dom-rtcrtpencodingparameters). */
export type SendEncoding = {
  readonly rid?: string;
  readonly active: boolean;
  readonly codec?: Codec;
  readonly maxBitrate?: number;
  readonly maxFramerate?: number;
  readonly scaleResolutionDownBy?: number;
  readonly scaleResolutionDownTo?: { readonly maxWidth: number; readonly maxHeight: number };
  readonly scalabilityMode?: string;
  readonly adaptivePtime?: boolean;
  readonly priority: "very-low" | "low" | "medium" | "high";
  readonly networkPriority: "very-low" | "low" | "medium" | "high";
};

/** What negotiation knows of a sender. */
export type SenderState = {
  /** Second half of `a=msid`: drawn once for each sender, never the track's own id (RFC 9429 §5.2.1). */
  readonly msidTrackId: string;
  /** [[AssociatedMediaStreamIds]] */
  readonly streamIds: readonly string[];
  /** [[SendEncodings]]; one without `rid` where there is no simulcast. */
  readonly encodings: readonly SendEncoding[];
  /** [[SendCodecs]]: what the peer receives, in its order; empty before an answer. */
  readonly codecs: readonly NegotiatedCodec[];
  /** For `a=ssrc`: one for each encoding that has no `rid`. */
  readonly ssrc: number;
  readonly rtxSsrc: number;
};

/** What negotiation knows of a receiver. */
export type ReceiverState = {
  /** Id of the receiver's track: what the first `a=msid` that created it says, else drawn. */
  readonly trackId: string;
  /** Ids of [[AssociatedRemoteMediaStreams]], in the order of the peer's `a=msid` lines. */
  readonly streamIds: readonly string[];
  /** [[ReceiveCodecs]]: what an own description says that this side receives, then what was agreed. */
  readonly codecs: readonly NegotiatedCodec[];
};

/**
 * The slots of an RTCRtpTransceiver that negotiation reads or writes
 * (https://w3c.github.io/webrtc-pc/#rtcrtptransceiver-interface). Immutable, like all of the state.
 */
export type TransceiverState = {
  readonly id: TransceiverId;
  readonly kind: MediaKind;
  /** [[Mid]]; `null` until a description names it. */
  readonly mid: string | null;
  /** The place of its section (RFC 9429 §5.2.1, §5.10); `null` while it has none. */
  readonly mediaIndex: number | null;
  /** [[Direction]] as the application set it last; a stopping transceiver counts as "inactive". */
  readonly direction: MediaDirection;
  /** [[CurrentDirection]] */
  readonly currentDirection: MediaDirection | null;
  /** [[FiredDirection]] */
  readonly firedDirection: MediaDirection | null;
  /** [[Receptive]] */
  readonly isReceptive: boolean;
  /** [[Stopping]] */
  readonly isStopping: boolean;
  /** [[Stopped]] */
  readonly isStopped: boolean;
  /** Made by `addTrack`: a remote offer may associate with it (RFC 9429 §5.10). */
  readonly isFromAddTrack: boolean;
  /** `addTrack` has attached a track: a rollback does not take it away. */
  readonly hasAddedTrack: boolean;
  /** Made by the remote offer that is pending: its rollback takes it away. */
  readonly isFromPendingOffer: boolean;
  /** [[CurrentDirection]] has once included "send": `addTrack` does not use this sender again. */
  readonly hasSent: boolean;
  /** [[PreferredCodecs]]; empty for the default. */
  readonly preferredCodecs: readonly Codec[];
  /** [[HeaderExtensionsToNegotiate]]: what a negotiation has refused is "stopped" and not offered again. */
  readonly headerExtensions: readonly HeaderExtensionCapability[];
  /** The URIs of those: the peer may still offer them. Cleared when the application writes the list. */
  readonly refusedHeaderExtensions: readonly string[];
  /** [[NegotiatedHeaderExtensions]] */
  readonly negotiatedHeaderExtensions: readonly NegotiatedHeaderExtension[];
  readonly sender: SenderState;
  readonly receiver: ReceiverState;
};

/** What the API may write directly; everything else follows from descriptions. */
export type TransceiverChange = {
  readonly direction?: MediaDirection;
  readonly hasAddedTrack?: boolean;
  readonly isStopping?: boolean;
  readonly preferredCodecs?: readonly Codec[];
  readonly headerExtensions?: readonly HeaderExtensionCapability[];
  /** Of the sender. */
  readonly streamIds?: readonly string[];
  /** Of the sender. */
  readonly encodings?: readonly SendEncoding[];
};

/** What `addTransceiver` and `addTrack` begin with. */
export type TransceiverInit = {
  readonly kind: MediaKind;
  readonly direction: MediaDirection;
  readonly streamIds: readonly string[];
  readonly encodings: readonly SendEncoding[];
  /** By `addTrack`, as opposed to `addTransceiver` and remote offers. */
  readonly isFromAddTrack: boolean;
};
