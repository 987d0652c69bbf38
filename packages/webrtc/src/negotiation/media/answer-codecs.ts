import { codecIdentity } from "../../rtp/codec-match.ts";
import type { Codec, MediaKind, NegotiatedCodec } from "../../rtp/codec.ts";
import { answerFmtp } from "../../rtp/format-rules.ts";
import { isMediaCodec, supportedCodecs, supportedFeedback } from "../../rtp/supported-codecs.ts";
import {
  associatedPayloadTypeOf,
  hasClockRateOf,
  isAudioRed,
  isRetransmitted,
  isRtx,
  needsClockRate,
  redundantPayloadTypesOf,
} from "./dependent-codecs.ts";

/** What an answer of codecs follows from, beside the offer. */
export type CodecAnswer = {
  readonly kind: MediaKind;
  /** [[PreferredCodecs]] of the transceiver; empty for the default. */
  readonly preferred: readonly Codec[];
};

/**
 * The codecs of a section of an answer: those of the offer that are ours too, under the offer's payload
 * types (RFC 3264 §6.1). The order is that of our preferences if there are any, else the offer's (RFC
 * 9429 §5.3.1). What was not offered is not added, as browsers do it too. Of several offered codecs that are the same to us, the first is taken. Empty if no
 * medium is left: then the section is rejected.
 */
export function answerCodecs(
  offered: readonly NegotiatedCodec[],
  input: CodecAnswer,
): readonly NegotiatedCodec[] {
  const own = input.preferred.length > 0 ? input.preferred : supportedCodecs(input.kind);
  const independent = acceptIndependent(offered, own);
  const media = independent.filter(isMediaCodec);
  if (media.length === 0) return [];
  const supported = independent.filter(
    (codec) => !needsClockRate(codec) || hasClockRateOf(codec, media),
  );
  const accepted = [...supported, ...acceptRed(offered, own, media)];
  const codecs = [...accepted, ...acceptRtx(offered, own, accepted)];
  return input.preferred.length > 0
    ? inOrderOf(input.preferred, codecs)
    : inOfferedOrder(offered, codecs);
}

/** All but RTX and redundant audio, which depend on what is accepted here. */
function acceptIndependent(
  offered: readonly NegotiatedCodec[],
  own: readonly Codec[],
): readonly NegotiatedCodec[] {
  const open = new Map<string, Codec>();
  for (const codec of own) {
    const identity = codecIdentity(codec);
    if (!isRtx(codec) && !isAudioRed(codec) && !open.has(identity)) open.set(identity, codec);
  }
  const accepted: NegotiatedCodec[] = [];
  for (const codec of offered) {
    const identity = codecIdentity(codec);
    const match = open.get(identity);
    if (match === undefined) continue;
    open.delete(identity);
    accepted.push(accept(codec, match, () => answerFmtp(codec, match)));
  }
  return accepted;
}

/** RED whose formats are all accepted and run at its clock rate (RFC 2198 §5). */
function acceptRed(
  offered: readonly NegotiatedCodec[],
  own: readonly Codec[],
  media: readonly NegotiatedCodec[],
): readonly NegotiatedCodec[] {
  const ownRed = own.find(isAudioRed);
  if (ownRed === undefined) return [];
  const identity = codecIdentity(ownRed);
  const clockRates = new Map(media.map(({ payloadType, clockRate }) => [payloadType, clockRate]));
  const red = offered.find((codec) => {
    const packed = redundantPayloadTypesOf(codec);
    return (
      codecIdentity(codec) === identity &&
      packed.length > 0 &&
      packed.every((payloadType) => clockRates.get(payloadType) === codec.clockRate)
    );
  });
  return red === undefined
    ? []
    : [accept(red, ownRed, () => redundantPayloadTypesOf(red).join("/"))];
}

/** One RTX for each accepted codec (RFC 4588 §8.6); never one that points elsewhere. */
function acceptRtx(
  offered: readonly NegotiatedCodec[],
  own: readonly Codec[],
  accepted: readonly NegotiatedCodec[],
): readonly NegotiatedCodec[] {
  const ownRtx = own.find(isRtx);
  if (ownRtx === undefined) return [];
  const identity = codecIdentity(ownRtx);
  const open = new Set(accepted.filter(isRetransmitted).map(({ payloadType }) => payloadType));
  const formats: NegotiatedCodec[] = [];
  for (const codec of offered) {
    if (codecIdentity(codec) !== identity) continue;
    const associated = associatedPayloadTypeOf(codec);
    if (associated === undefined || !open.delete(associated)) continue;
    formats.push(accept(codec, ownRtx, () => `apt=${associated}`));
  }
  return formats;
}

/** What was made of an offered codec and one of ours: both cannot change, and come again and again. */
const ACCEPTED = new WeakMap<NegotiatedCodec, WeakMap<Codec, NegotiatedCodec>>();

/**
 * The offer's number, our name and parameters, and the feedback that both sides know (RFC 4585 §4.2).
 * The parameters follow from the two codecs.
 */
function accept(
  offered: NegotiatedCodec,
  own: Codec,
  sdpFmtpLine: () => string | undefined,
): NegotiatedCodec {
  const known = ACCEPTED.get(offered)?.get(own);
  if (known !== undefined) return known;
  const made = newAccepted(offered, own, sdpFmtpLine());
  if (!Object.isFrozen(offered) || !Object.isFrozen(own)) return made;
  const ofOffered = ACCEPTED.get(offered) ?? new WeakMap<Codec, NegotiatedCodec>();
  ACCEPTED.set(offered, ofOffered.set(own, made));
  return made;
}

function newAccepted(
  offered: NegotiatedCodec,
  own: Codec,
  sdpFmtpLine: string | undefined,
): NegotiatedCodec {
  const feedback = supportedFeedback(own);
  const { sdpFmtpLine: _capability, ...codec } = own;
  return Object.freeze({
    ...codec,
    ...(sdpFmtpLine === undefined ? {} : { sdpFmtpLine }),
    payloadType: offered.payloadType,
    rtcpFeedback: [...new Set(offered.rtcpFeedback)].filter((value) => feedback.includes(value)),
  });
}

function inOfferedOrder(
  offered: readonly NegotiatedCodec[],
  codecs: readonly NegotiatedCodec[],
): readonly NegotiatedCodec[] {
  const byNumber = new Map(codecs.map((codec) => [codec.payloadType, codec]));
  return offered.flatMap(({ payloadType }) => byNumber.get(payloadType) ?? []);
}

/** In the order of `preferred`; RTX right after the codec that it retransmits. */
function inOrderOf(
  preferred: readonly Codec[],
  codecs: readonly NegotiatedCodec[],
): readonly NegotiatedCodec[] {
  const byIdentity = new Map<string, NegotiatedCodec>();
  const rtxByNumber = new Map<number, NegotiatedCodec>();
  for (const codec of codecs) {
    if (isRtx(codec)) rtxByNumber.set(associatedPayloadTypeOf(codec)!, codec);
    else byIdentity.set(codecIdentity(codec), codec);
  }
  const ordered: NegotiatedCodec[] = [];
  for (const identity of new Set(preferred.map(codecIdentity))) {
    const codec = byIdentity.get(identity);
    if (codec === undefined) continue;
    const rtx = rtxByNumber.get(codec.payloadType);
    ordered.push(codec, ...(rtx === undefined ? [] : [rtx]));
  }
  return ordered;
}
