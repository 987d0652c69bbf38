import { codecIdentity } from "../../rtp/codec-match.ts";
import type { Codec, MediaKind, NegotiatedCodec } from "../../rtp/codec.ts";
import { encodingNameOf, supportedCodecs, supportedFeedback } from "../../rtp/supported-codecs.ts";
import type { MediaDirection } from "../../sdp/index.ts";
import {
  associatedPayloadTypeOf,
  hasClockRateOf,
  isAudioRed,
  isRetransmitted,
  isRtx,
  needsClockRate,
} from "./dependent-codecs.ts";
import type { PayloadTypes } from "./payload-type-table.ts";

/** What an offer of codecs follows from. */
export type CodecOffer = {
  readonly kind: MediaKind;
  /** [[PreferredCodecs]] of the transceiver; empty for the default. */
  readonly preferred: readonly Codec[];
  /** The codecs of the section in the most recent answer, in its order; empty for a new section. */
  readonly previous: readonly NegotiatedCodec[];
  /** What can be sent and what can be received is the same, so that the direction filters nothing. */
  readonly direction: MediaDirection;
};

/**
 * The codecs of a section of an offer, in order of preference (RFC 9429 §5.2.1, §5.2.2). A codec keeps
 * the number that it has had. RTX follows each codec that it retransmits. When the numbers
 * run out, the last codecs are left out.
 */
export function offerCodecs(input: CodecOffer, types: PayloadTypes): readonly NegotiatedCodec[] {
  types.reserve(input.previous);
  const previousNumbers = numbersByIdentity(input.previous);
  const previousRtx = rtxNumbersByAssociation(input.previous);
  const wanted = codecsToOffer(input);
  const rtx = wanted.find(isRtx);
  const offered: NegotiatedCodec[] = [];

  const add = (codec: Codec, wantedNumber: number | undefined): number | undefined => {
    const payloadType = types.claim(codec, wantedNumber);
    if (payloadType === undefined) return undefined;
    offered.push(Object.freeze({ ...codec, payloadType, rtcpFeedback: supportedFeedback(codec) }));
    return payloadType;
  };

  for (const codec of wanted) {
    if (isRtx(codec)) continue;
    const bound = isAudioRed(codec) ? redOf(codec, wanted, previousNumbers, types) : codec;
    if (bound === undefined) continue;
    const payloadType = add(bound, previousNumbers.get(codecIdentity(codec)));
    if (payloadType === undefined || rtx === undefined || !isRetransmitted(codec)) continue;
    add({ ...rtx, sdpFmtpLine: `apt=${payloadType}` }, previousRtx.get(payloadType));
  }
  return offered;
}

/** Ours, or the preferred ones of them, without those that lack what they accompany. */
function codecsToOffer({ kind, preferred, previous }: CodecOffer): readonly Codec[] {
  const codecs = preferred.length > 0 ? preferred : inOrderOf(previous, [...supportedCodecs(kind)]);
  return codecs.filter((codec) => !needsClockRate(codec) || hasClockRateOf(codec, codecs));
}

/** Without preferences the order of the most recent answer stays, and others follow (RFC 9429 §5.2.2). */
function inOrderOf(previous: readonly NegotiatedCodec[], codecs: readonly Codec[]): Codec[] {
  const ranks = new Map<string, number>();
  for (const codec of previous) {
    const identity = codecIdentity(codec);
    if (!ranks.has(identity)) ranks.set(identity, ranks.size);
  }
  const rankOf = (codec: Codec) => ranks.get(codecIdentity(codec)) ?? ranks.size;
  return codecs.toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** RED that packs Opus into Opus (RFC 2198 §5), if Opus is offered and has a number. */
function redOf(
  red: Codec,
  wanted: readonly Codec[],
  previousNumbers: ReadonlyMap<string, number>,
  types: PayloadTypes,
): Codec | undefined {
  const opus = wanted.find(
    (codec) => encodingNameOf(codec) === "opus" && codec.clockRate === red.clockRate,
  );
  const number = opus && types.claim(opus, previousNumbers.get(codecIdentity(opus)));
  return number === undefined ? undefined : { ...red, sdpFmtpLine: `${number}/${number}` };
}

function numbersByIdentity(codecs: readonly NegotiatedCodec[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const codec of codecs) {
    const identity = codecIdentity(codec);
    if (!numbers.has(identity)) numbers.set(identity, codec.payloadType);
  }
  return numbers;
}

function rtxNumbersByAssociation(codecs: readonly NegotiatedCodec[]): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  for (const codec of codecs.filter(isRtx)) {
    const associated = associatedPayloadTypeOf(codec);
    if (associated !== undefined && !numbers.has(associated)) {
      numbers.set(associated, codec.payloadType);
    }
  }
  return numbers;
}
