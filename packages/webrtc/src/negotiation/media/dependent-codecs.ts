import { parseFormatParameters } from "../../base/format-parameters.ts";
import type { Codec } from "../../rtp/codec.ts";
import { perCodec } from "../../rtp/per-codec.ts";
import { encodingNameOf, isMediaCodec } from "../../rtp/supported-codecs.ts";

const PAYLOAD_TYPE = /^\d{1,3}$/;
/** Blocks of RED: what an answer repeats must not be a text of any length. */
const MAX_RED_BLOCKS = 32;

/** True for a retransmission format (RFC 4588), which is bound to one codec by `apt`. */
export function isRtx(codec: Codec): boolean {
  return encodingNameOf(codec) === "rtx";
}

/** False for FEC, which is repair itself; media is retransmitted, also packed into RED (RFC 4588 §3). */
export function isRetransmitted(codec: Codec): boolean {
  const name = encodingNameOf(codec);
  return name !== "ulpfec" && name !== "flexfec-03";
}

/** True for redundant audio (RFC 2198). RED for video has no list of formats and is bound to none. */
export function isAudioRed(codec: Codec): boolean {
  return codec.mimeType.toLowerCase() === "audio/red";
}

/** True for what only makes sense beside a media codec of its clock rate: DTMF and comfort noise. */
export function needsClockRate(codec: Codec): boolean {
  const name = encodingNameOf(codec);
  return name === "telephone-event" || name === "cn";
}

/** The payload type that an RTX format retransmits (RFC 4588 §8.1); `undefined` if malformed. */
export const associatedPayloadTypeOf: (rtx: Codec) => number | undefined = perCodec((rtx) => {
  const apt = parseFormatParameters(rtx.sdpFmtpLine ?? "").get("apt");
  return apt !== undefined && PAYLOAD_TYPE.test(apt) ? Number(apt) : undefined;
});

/** The payload types that RED packs, `111/111` (RFC 2198 §5); empty if malformed. */
export function redundantPayloadTypesOf(red: Codec): readonly number[] {
  const texts = (red.sdpFmtpLine ?? "").trim().split("/", MAX_RED_BLOCKS + 1);
  if (texts.length > MAX_RED_BLOCKS) return [];
  return texts.every((text) => PAYLOAD_TYPE.test(text)) ? texts.map(Number) : [];
}

/** True if `codecs` has a media codec that runs at the clock rate of `codec` (RFC 4733 §2.1, RFC 3389 §4). */
export function hasClockRateOf(codec: Codec, codecs: readonly Codec[]): boolean {
  return codecs.some((other) => isMediaCodec(other) && other.clockRate === codec.clockRate);
}
