import type { Random } from "../base/random.ts";
import type { MediaKind } from "../rtp/codec.ts";
import { supportedHeaderExtensions } from "../rtp/supported-header-extensions.ts";
import type { MediaDirection } from "../sdp/index.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import type {
  SendEncoding,
  SenderState,
  TransceiverChange,
  TransceiverId,
  TransceiverInit,
  TransceiverState,
} from "./transceiver.ts";

const ID_BYTES = 16;

/** Adds a transceiver at the end of the set (https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-addtransceiver). */
export function addTransceiver(
  state: NegotiationState,
  init: TransceiverInit,
  random: Random,
): { readonly state: NegotiationState; readonly transceiver: TransceiverState } {
  const transceiver: TransceiverState = {
    id: state.nextTransceiverId,
    kind: init.kind,
    mid: null,
    mediaIndex: null,
    direction: init.direction,
    currentDirection: null,
    firedDirection: null,
    isReceptive: false,
    isStopping: false,
    isStopped: false,
    isFromAddTrack: init.isFromAddTrack,
    hasAddedTrack: init.isFromAddTrack,
    isFromPendingOffer: false,
    hasSent: false,
    preferredCodecs: [],
    headerExtensions: supportedHeaderExtensions(init.kind),
    refusedHeaderExtensions: [],
    negotiatedHeaderExtensions: [],
    sender: newSender(init, random),
    receiver: { trackId: drawId(random), streamIds: [], codecs: [] },
  };
  const added: NegotiationState = {
    ...state,
    transceivers: [...state.transceivers, transceiver],
    nextTransceiverId: transceiver.id + 1,
  };
  return { state: added, transceiver };
}

/**
 * Writes what the API may write. A transceiver that has left the set, or is stopped, is left alone:
 * nothing is negotiated for it any more.
 */
export function changeTransceiver(
  state: NegotiationState,
  id: TransceiverId,
  change: TransceiverChange,
): NegotiationState {
  const { streamIds, encodings, ...slots } = change;
  const transceivers = state.transceivers.map((transceiver) => {
    if (transceiver.id !== id || transceiver.isStopped) return transceiver;
    const sender: SenderState = {
      ...transceiver.sender,
      ...(streamIds === undefined ? {} : { streamIds }),
      ...(encodings === undefined ? {} : { encodings }),
    };
    const isListWritten = slots.headerExtensions !== undefined;
    const refused = isListWritten ? { refusedHeaderExtensions: [] } : {};
    return { ...transceiver, ...slots, ...refused, sender };
  });
  return { ...state, transceivers };
}

/** What descriptions say for a transceiver: a stopping one wants nothing any more (W3C "stop sending and receiving"). */
export function wantedDirection({ isStopping, direction }: TransceiverState): MediaDirection {
  return isStopping ? "inactive" : direction;
}

/** https://w3c.github.io/webrtc-pc/#dfn-stop-the-rtcrtptransceiver */
export function stopped(transceiver: TransceiverState): TransceiverState {
  return {
    ...transceiver,
    isStopping: true,
    isStopped: true,
    isReceptive: false,
    currentDirection: null,
    receiver: { ...transceiver.receiver, streamIds: [] },
  };
}

/**
 * What a transceiver is after it left the set, by a rollback or because its section was rejected: stopped and
 * not associated (RFC 9429 §5.7). The state forgets it; whoever still holds it shows this.
 */
export function afterRemoval(transceiver: TransceiverState): TransceiverState {
  return { ...stopped(transceiver), mid: null, mediaIndex: null, isFromPendingOffer: false };
}

/** W3C "create an RTCRtpSender": the one encoding of a sender that was given none. */
export function defaultEncoding(kind: MediaKind): SendEncoding {
  const encoding = {
    active: true,
    adaptivePtime: false,
    priority: "low",
    networkPriority: "low",
  } as const;
  return kind === "video" ? { ...encoding, scaleResolutionDownBy: 1 } : encoding;
}

function newSender(init: TransceiverInit, random: Random): SenderState {
  const { kind, streamIds, encodings } = init;
  return {
    msidTrackId: drawId(random),
    streamIds: [...new Set(streamIds)],
    encodings: encodings.length === 0 ? [defaultEncoding(kind)] : encodings,
    codecs: [],
    ssrc: drawSsrc(random),
    rtxSsrc: drawSsrc(random),
  };
}

/** An id that tells nothing, in the form that browsers use for tracks and streams. */
export function drawId(random: Random): string {
  const digits = random.hex(ID_BYTES);
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
  ];
  return [...parts, digits.slice(20)].join("-");
}

/** RFC 3550 §8.1; zero is avoided since some peers take it for "unknown". */
function drawSsrc(random: Random): number {
  return random.uint32() || 1;
}
