import { isCompatibleCodec } from "../rtp/codec-match.ts";
import type { MediaKind, NegotiatedCodec } from "../rtp/codec.ts";
import type { SendEncoding } from "./transceiver.ts";
import { defaultEncoding } from "./transceivers.ts";

/**
 * How many encodings a sender can have, whether the application asks for them ("maxN" of
 * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-addtransceiver) or the peer does ("supportedEncodings" of
 * https://w3c.github.io/webrtc-pc/#set-description). Browsers stop at 3; what is sent here may come encoded from
 * elsewhere, so there is no encoder to run short of.
 */
export const MAX_ENCODINGS: Readonly<Record<MediaKind, number>> = { audio: 1, video: 8 };

/**
 * The layers that a peer asks for by `a=simulcast:recv`, the last one in full size
 * (https://w3c.github.io/webrtc-pc/#set-description, "proposedSendEncodings").
 */
export function proposedEncodings(rids: readonly string[]): readonly SendEncoding[] {
  const chosen = [...new Set(rids)].slice(0, MAX_ENCODINGS.video);
  return chosen.map((rid, index) => ({
    ...defaultEncoding("video"),
    rid,
    scaleResolutionDownBy: 2 ** (chosen.length - index - 1),
  }));
}

/**
 * What an answer leaves of the layers: those that it names; the first alone if it names none of them
 * (https://w3c.github.io/webrtc-pc/#set-description). Nothing else is changed, not even their order.
 */
export function narrowEncodings(
  encodings: readonly SendEncoding[],
  rids: readonly string[],
): readonly SendEncoding[] {
  if (encodings.length <= 1) return encodings;
  const kept = encodings.filter(({ rid }) => rid !== undefined && rids.includes(rid));
  return kept.length > 0 ? kept : encodings.slice(0, 1);
}

/** Encodings forget a codec that was not negotiated (W3C "set a session description", once stable). */
export function forgetCodecs(
  encodings: readonly SendEncoding[],
  negotiated: readonly NegotiatedCodec[],
): readonly SendEncoding[] {
  if (negotiated.length === 0 || encodings.every(({ codec }) => codec === undefined))
    return encodings;
  return encodings.map((encoding) => {
    const { codec, ...rest } = encoding;
    const isKnown = codec === undefined || negotiated.some((own) => isCompatibleCodec(codec, own));
    return isKnown ? encoding : rest;
  });
}
