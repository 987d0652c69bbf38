import type { NegotiatedCodec } from "../rtp/codec.ts";
import type {
  HeaderExtensionCapability,
  NegotiatedHeaderExtension,
} from "../rtp/header-extension.ts";
import type { MediaDirection } from "../sdp/index.ts";
import { sends, reverseDirection } from "./media/direction.ts";
import {
  answerHeaderExtensions,
  ExtensionIds,
  offerHeaderExtensions,
} from "./media/extension-ids.ts";
import { answerCodecs, offerCodecs, PayloadTypes } from "./media/payload-types.ts";
import type { RtpContent } from "./media/rtp-attributes.ts";
import type { RtpSection } from "./media/rtp-section.ts";
import { intersectDirections } from "./direction.ts";
import { isLive, isMediaSection } from "./media-section.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import { codecsText, extensionsText, ListMemory } from "./list-memory.ts";
import { rtpSectionOf } from "./rtp-sections.ts";
import type { TransceiverState } from "./transceiver.ts";
import { wantedDirection } from "./transceivers.ts";

/** RFC 8830 §2: a track that is in no stream. */
const NO_STREAM = "-";

/** What the sections of one offer say of their RTP: payload types and extension ids mean one thing in all of them. */
export class RtpOffers {
  readonly #state: NegotiationState;
  readonly #types: PayloadTypes;
  readonly #ids: ExtensionIds;
  readonly #codecs = new ListMemory<NegotiatedCodec>();
  readonly #extensions = new ListMemory<NegotiatedHeaderExtension>();

  constructor(state: NegotiationState) {
    this.#state = state;
    const { codecs, extensions } = numbersInUse(state);
    this.#types = new PayloadTypes(codecs);
    this.#ids = new ExtensionIds(extensions);
  }

  /** RFC 9429 §5.2.1, §5.2.2 */
  contentOf(transceiver: TransceiverState): RtpContent {
    const { kind, preferredCodecs, headerExtensions } = transceiver;
    const previous = previousOf(this.#state, transceiver);
    const direction = wantedDirection(transceiver);
    const input = { kind, preferred: preferredCodecs, previous: previous.codecs, direction };
    const codecsKey = `${kind} ${codecsText(preferredCodecs)} / ${codecsText(previous.codecs)}`;
    const extensionsKey = `${extensionsText(headerExtensions)} / ${extensionsText(previous.extensions)}`;
    return {
      kind,
      codecs: this.#codecs.get(codecsKey, () => offerCodecs(input, this.#types)),
      headerExtensions: this.#extensions.get(extensionsKey, () =>
        offerHeaderExtensions(headerExtensions, previous.extensions, this.#ids),
      ),
      direction,
      ...sendingContent(this.#state, transceiver, direction, ridsOf(transceiver)),
    };
  }
}

/** What the sections of one answer say of their RTP. */
export class RtpAnswers {
  readonly #state: NegotiationState;
  readonly #codecs = new ListMemory<NegotiatedCodec>();
  readonly #extensions = new ListMemory<NegotiatedHeaderExtension>();

  constructor(state: NegotiationState) {
    this.#state = state;
  }

  /**
   * RFC 9429 §5.3.1. `undefined` if there is no codec that both sides know: then the section is
   * rejected.
   */
  contentOf(transceiver: TransceiverState, offered: RtpSection): RtpContent | undefined {
    const { kind, preferredCodecs } = transceiver;
    const headerExtensions = acceptableExtensions(transceiver);
    const codecsKey = `${kind} ${codecsText(preferredCodecs)} / ${codecsText(offered.codecs)}`;
    const codecs = this.#codecs.get(codecsKey, () =>
      answerCodecs(offered.codecs, { kind, preferred: preferredCodecs }),
    );
    if (codecs.length === 0) return undefined;
    const direction = intersectDirections(
      reverseDirection(offered.direction),
      wantedDirection(transceiver),
    );
    const rids = ridsOf(transceiver).filter((rid) => offered.receiveRids.includes(rid));
    const extensionsKey = `${extensionsText(headerExtensions)} / ${extensionsText(offered.headerExtensions)}`;
    return {
      kind,
      codecs,
      headerExtensions: this.#extensions.get(extensionsKey, () =>
        answerHeaderExtensions(offered.headerExtensions, headerExtensions),
      ),
      direction,
      ...sendingContent(this.#state, transceiver, direction, rids),
      answersSimulcast: true,
      hasReducedSizeRtcp: offered.hasReducedSizeRtcp,
    };
  }
}

/**
 * The streams are named whenever the transceiver would send, and once it has sent: the answer to an offer
 * that does not let it, too (RFC 9429 §5.3.1, §5.2.2).
 */
function sendingContent(
  state: NegotiationState,
  transceiver: TransceiverState,
  direction: MediaDirection,
  rids: readonly string[],
): Pick<RtpContent, "msids" | "sendRids" | "receiveRids" | "ssrcs"> {
  const { sender, hasSent, isStopping } = transceiver;
  const mayName = !isStopping && (sends(transceiver.direction) || hasSent);
  const streamIds = sender.streamIds.length > 0 ? sender.streamIds : [NO_STREAM];
  const { ssrc, rtxSsrc, msidTrackId: trackId } = sender;
  const hasSources = sends(direction) && ridsOf(transceiver).length === 0;
  return {
    msids: mayName ? streamIds.map((streamId) => ({ streamId, trackId })) : [],
    sendRids: sends(direction) || hasSent ? rids : [],
    receiveRids: [],
    ...(hasSources ? { ssrcs: { ssrc, rtxSsrc, cname: state.identity.cname } } : {}),
  };
}

function ridsOf({ sender }: TransceiverState): readonly string[] {
  return sender.encodings.flatMap(({ rid }) => (rid === undefined ? [] : [rid]));
}

/** The numbers that this side's section has, in the order of the newest answer (RFC 9429 §5.2.2). */
function previousOf(
  state: NegotiationState,
  { mid, mediaIndex }: TransceiverState,
): {
  readonly codecs: readonly NegotiatedCodec[];
  readonly extensions: readonly NegotiatedHeaderExtension[];
} {
  const [local, remote] = [state.currentLocal, state.currentRemote];
  if (mid === null || mediaIndex === null || local === undefined || remote === undefined)
    return { codecs: [], extensions: [] };
  if (!isLive(local.parsed, mediaIndex) || !isLive(remote.parsed, mediaIndex))
    return { codecs: [], extensions: [] };
  const ours = rtpSectionOf(local.parsed, mediaIndex);
  if (local.type === "answer") return { codecs: ours.codecs, extensions: ours.headerExtensions };
  const answered = rtpSectionOf(remote.parsed, mediaIndex).codecs;
  return {
    codecs: inAnsweredOrder(ours.codecs, answered),
    extensions: ours.headerExtensions,
  };
}

function inAnsweredOrder(
  ours: readonly NegotiatedCodec[],
  answered: readonly NegotiatedCodec[],
): readonly NegotiatedCodec[] {
  const ranks = new Map(answered.map(({ payloadType }, rank) => [payloadType, rank]));
  const rankOf = ({ payloadType }: NegotiatedCodec): number =>
    ranks.get(payloadType) ?? answered.length;
  return ours.toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** What numbers mean by now, on either side; the first meaning of each. */
function numbersInUse(state: NegotiationState): {
  readonly codecs: Iterable<NegotiatedCodec>;
  readonly extensions: Iterable<NegotiatedHeaderExtension>;
} {
  const codecs = new Map<number, NegotiatedCodec>();
  const extensions = new Map<number, NegotiatedHeaderExtension>();
  for (const set of [state.currentLocal, state.currentRemote]) {
    for (const index of set?.parsed.media.keys() ?? []) {
      if (!isLive(set!.parsed, index) || !isMediaSection(set!.parsed, index)) continue;
      const section = rtpSectionOf(set!.parsed, index);
      for (const codec of section.codecs) {
        if (!codecs.has(codec.payloadType)) codecs.set(codec.payloadType, codec);
      }
      for (const extension of section.headerExtensions) {
        if (!extensions.has(extension.id)) extensions.set(extension.id, extension);
      }
    }
  }
  return { codecs: codecs.values(), extensions: extensions.values() };
}

/** What a negotiation has refused is not offered again, but taken when the peer offers it. */
function acceptableExtensions({
  headerExtensions,
  refusedHeaderExtensions,
}: TransceiverState): readonly HeaderExtensionCapability[] {
  if (refusedHeaderExtensions.length === 0) return headerExtensions;
  return headerExtensions.map((extension) =>
    refusedHeaderExtensions.includes(extension.uri)
      ? { ...extension, direction: "sendrecv" }
      : extension,
  );
}
