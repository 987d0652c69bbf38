import type { Codec, NegotiatedCodec } from "../rtp/codec.ts";
import { supportedCodecs } from "../rtp/supported-codecs.ts";
import type {
  HeaderExtensionCapability,
  NegotiatedHeaderExtension,
} from "../rtp/header-extension.ts";
import type { MediaDirection, SessionDescription } from "../sdp/index.ts";
import { intersectDirections } from "./direction.ts";
import { receives, reverseDirection, sends } from "./media/direction.ts";
import { answerCodecs } from "./media/payload-types.ts";
import { isLive, isMediaSection } from "./media-section.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import { codecsText, ListMemory } from "./list-memory.ts";
import { rtpSectionOf } from "./rtp-sections.ts";
import { narrowEncodings } from "./send-encodings.ts";
import type { TransceiverState } from "./transceiver.ts";
import { stopped } from "./transceivers.ts";

/**
 * What a local description does to its transceivers (https://w3c.github.io/webrtc-pc/#set-description, "If remote is
 * false"). `offer` is what the peer has said if `description` answers it.
 */
export function updateFromLocal(
  transceivers: readonly TransceiverState[],
  description: SessionDescription,
  offer: SessionDescription | undefined,
  isFinal: boolean,
): readonly TransceiverState[] {
  return forAssociated(transceivers, description, (transceiver, index) => {
    const section = rtpSectionOf(description, index);
    const isRejected = !isLive(description, index);
    const direction = isRejected ? "inactive" : section.direction;
    const prepared: TransceiverState = { ...transceiver, isReceptive: receives(direction) };
    // An offer has not negotiated anything yet: [[ReceiveCodecs]] stay what they were.
    if (offer === undefined) return prepared;
    const codecs = receives(direction) ? section.codecs : [];
    const known = new Set(section.codecs.map(({ payloadType }) => payloadType));
    const theirs = rtpSectionOf(offer, index).codecs;
    const answered = {
      direction,
      rids: section.sendRids,
      sendCodecs: isRejected ? [] : theirs.filter(({ payloadType }) => known.has(payloadType)),
      extensions: isRejected ? [] : section.headerExtensions,
    };
    const { receiver, ...rest } = withAnswer(prepared, answered);
    const negotiated = {
      ...rest,
      firedDirection: direction,
      receiver: { ...receiver, codecs },
    };
    const settled = receives(direction) ? negotiated : withStreams(negotiated, []);
    return isRejected && isFinal ? stopped(settled) : settled;
  });
}

/**
 * What a remote description does to its transceivers (https://w3c.github.io/webrtc-pc/#set-description, "Otherwise, (if
 * remote is true)"). `offer` is the own one if `description` answers it.
 */
export function updateFromRemote(
  state: NegotiationState,
  description: SessionDescription,
  offer: SessionDescription | undefined,
): readonly TransceiverState[] {
  const common = new CommonCodecs();
  return forAssociated(state.transceivers, description, (transceiver, index) => {
    const section = rtpSectionOf(description, index);
    const isRejected = !isLive(description, index);
    const seen = isRejected ? "inactive" : reverseDirection(section.direction);
    // RFC 3264 §6.1: an answer can only take away.
    const direction =
      offer === undefined ? seen : intersectDirections(seen, rtpSectionOf(offer, index).direction);
    const streamIds = receives(direction) ? streamsOf(state, description, index) : [];
    const fired: TransceiverState = {
      ...withStreams(transceiver, streamIds),
      isReceptive: transceiver.isReceptive && receives(direction),
      firedDirection: direction,
    };
    if (offer === undefined) return isRejected ? stopped(fired) : fired;
    const ours = rtpSectionOf(offer, index);
    const answered = {
      direction,
      rids: section.receiveRids,
      sendCodecs: isRejected ? [] : common.of(section.codecs, supportedCodecs(transceiver.kind)),
      extensions: isRejected
        ? []
        : agreedExtensions(ours.headerExtensions, section.headerExtensions),
    };
    const negotiated = withAnswer(fired, answered);
    const codecs = isRejected || !receives(direction) ? [] : common.of(ours.codecs, section.codecs);
    const settled = { ...negotiated, receiver: { ...negotiated.receiver, codecs } };
    return isRejected ? stopped(settled) : settled;
  });
}

/** True if some section names no stream at all: then its track is put in one of the connection (RFC 9429 §5.8.2). */
export function needsDefaultStream(description: SessionDescription): boolean {
  return description.media.some((_, index) => isInDefaultStream(description, index));
}

function isInDefaultStream(description: SessionDescription, index: number): boolean {
  if (!isLive(description, index) || !isMediaSection(description, index)) return false;
  const { hasMsid, direction } = rtpSectionOf(description, index);
  return !hasMsid && sends(direction);
}

function streamsOf(
  state: NegotiationState,
  description: SessionDescription,
  index: number,
): readonly string[] {
  if (isInDefaultStream(description, index) && state.defaultStreamId !== undefined)
    return [state.defaultStreamId];
  return rtpSectionOf(description, index).streams.map(({ streamId }) => streamId);
}

type Answered = {
  readonly direction: MediaDirection;
  /** The layers that both sides agree on. */
  readonly rids: readonly string[];
  readonly sendCodecs: readonly NegotiatedCodec[];
  readonly extensions: readonly NegotiatedHeaderExtension[];
};

/** An answer that lets nothing be sent says nothing of layers: they wait. */
function withAnswer(
  transceiver: TransceiverState,
  { direction, rids, sendCodecs, extensions }: Answered,
): TransceiverState {
  const { sender, hasSent } = transceiver;
  const encodings = sends(direction) ? narrowEncodings(sender.encodings, rids) : sender.encodings;
  return {
    ...transceiver,
    currentDirection: direction,
    hasSent: hasSent || sends(direction),
    negotiatedHeaderExtensions: extensions,
    ...withoutRefused(transceiver, extensions),
    sender: { ...sender, encodings, codecs: sendCodecs },
  };
}

/**
 * https://w3c.github.io/webrtc-extensions/#rtp-header-extension-control-transceiver-interface: what one side
 * does not want is not offered again. A section that carries nothing has said nothing of it.
 */
function withoutRefused(
  { headerExtensions, refusedHeaderExtensions }: TransceiverState,
  negotiated: readonly NegotiatedHeaderExtension[],
): Pick<TransceiverState, "headerExtensions" | "refusedHeaderExtensions"> {
  if (negotiated.length === 0) return { headerExtensions, refusedHeaderExtensions };
  const uris = new Set(negotiated.map(({ uri }) => uri));
  const refused = new Set(refusedHeaderExtensions);
  const settled = headerExtensions.map((extension): HeaderExtensionCapability => {
    const { uri, direction } = extension;
    if (uris.has(uri)) {
      return refused.delete(uri) ? { uri, direction: "sendrecv" } : extension;
    }
    if (direction === "stopped") return extension;
    refused.add(uri);
    return { uri, direction: "stopped" };
  });
  return { headerExtensions: settled, refusedHeaderExtensions: [...refused] };
}

function withStreams(
  transceiver: TransceiverState,
  streamIds: readonly string[],
): TransceiverState {
  return { ...transceiver, receiver: { ...transceiver.receiver, streamIds } };
}

/** Those of a list of codecs for which another list has a counterpart, under their own payload types. */
class CommonCodecs {
  readonly #lists = new ListMemory<NegotiatedCodec>();

  of(codecs: readonly NegotiatedCodec[], others: readonly Codec[]): readonly NegotiatedCodec[] {
    const [first] = codecs;
    if (first === undefined || others.length === 0) return [];
    return this.#lists.get(`${codecsText(codecs)} / ${codecsText(others)}`, () => {
      const kind = first.mimeType.toLowerCase().startsWith("audio/") ? "audio" : "video";
      const kept = new Set(
        answerCodecs(codecs, { kind, preferred: others }).map(({ payloadType }) => payloadType),
      );
      return codecs.filter(({ payloadType }) => kept.has(payloadType));
    });
  }
}

/** RFC 8285 §5: an answer chooses from what was offered, under the identifiers of the offer. */
function agreedExtensions(
  offered: readonly NegotiatedHeaderExtension[],
  answered: readonly NegotiatedHeaderExtension[],
): readonly NegotiatedHeaderExtension[] {
  const idOfUri = new Map(offered.map(({ uri, id }) => [uri, id]));
  return answered
    .filter(({ uri, id }) => idOfUri.get(uri) === id)
    .map((extension) => ({ ...extension, direction: reverseDirection(extension.direction) }));
}

function forAssociated(
  transceivers: readonly TransceiverState[],
  description: SessionDescription,
  update: (transceiver: TransceiverState, index: number) => TransceiverState,
): readonly TransceiverState[] {
  return transceivers.map((transceiver) => {
    const { mediaIndex, isStopped } = transceiver;
    if (mediaIndex === null || isStopped || mediaIndex >= description.media.length)
      return transceiver;
    return update(transceiver, mediaIndex);
  });
}
