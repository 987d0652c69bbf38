import type { Codec, MediaKind } from "./codec.ts";
import { perCodec } from "./per-codec.ts";

const VIDEO_CLOCK_RATE = 90_000;

/** What every video codec of ours offers (RFC 8834 §5.1, draft-alvestrand-rmcat-remb-03 §2). */
const VIDEO_FEEDBACK = ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"];

/** Constrained Baseline first: it is the one that must be there (RFC 7742 §6.2). */
const H264_PROFILE_LEVEL_IDS = ["42e01f", "42001f", "4d001f", "64001f"];

/** Most useful first: with mode 1 a frame may be split over packets (RFC 6184 §6.3). */
const H264_PACKETIZATION_MODES = [1, 0];

const AUDIO_CODECS: readonly Codec[] = Object.freeze([
  // Parameters of what we receive, as browsers write them (RFC 7587 §6.1).
  audio("opus", 48_000, 2, "minptime=10;useinbandfec=1"),
  audio("red", 48_000, 2),
  // The clock rate of G.722 is 8000 by mistake, and stays so (RFC 3551 §4.5.2).
  audio("G722", 8_000, 1),
  audio("PCMU", 8_000, 1),
  audio("PCMA", 8_000, 1),
  audio("CN", 8_000, 1),
  audio("telephone-event", 48_000, 1),
  audio("telephone-event", 8_000, 1),
]);

const VIDEO_CODECS: readonly Codec[] = Object.freeze([
  video("VP8"),
  video("rtx"),
  video("VP9", "profile-id=0"),
  video("VP9", "profile-id=2"),
  ...H264_PROFILE_LEVEL_IDS.flatMap((profileLevelId) =>
    H264_PACKETIZATION_MODES.map((mode) =>
      video(
        "H264",
        `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profileLevelId}`,
      ),
    ),
  ),
  video("AV1", "level-idx=5;profile=0;tier=0"),
  video("H265", "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST"),
  video("red"),
  video("ulpfec"),
  video("flexfec-03", "repair-window=10000000"),
]);

/** Payload formats that carry no medium of their own: repair, redundancy, tones, silence. */
const AUXILIARY_NAMES: ReadonlySet<string> = new Set([
  "rtx",
  "red",
  "ulpfec",
  "flexfec",
  "flexfec-03",
  "parityfec",
  "telephone-event",
  "cn",
]);

/** `vp8` of `video/VP8`: names are compared without regard to case (RFC 4855 §3). */
export const encodingNameOf: (codec: Codec) => string = perCodec(({ mimeType }) =>
  mimeType.slice(mimeType.indexOf("/") + 1).toLowerCase(),
);

/**
 * What can be sent and received, most preferred first, in the form that capabilities have
 * (https://w3c.github.io/webrtc-pc/#dom-rtcrtpcapabilities-codecs): one entry for `rtx`, without
 * parameters, since these name a payload type. The list and its entries are frozen.
 */
export function supportedCodecs(kind: MediaKind): readonly Codec[] {
  return kind === "audio" ? AUDIO_CODECS : VIDEO_CODECS;
}

/** Values of `a=rtcp-fb` that are offered for the codec and understood from a peer (RFC 4585 §4.2). */
export function supportedFeedback(codec: Codec): readonly string[] {
  const name = encodingNameOf(codec);
  if (codec.mimeType.toLowerCase().startsWith("audio/")) {
    return name === "opus" ? ["transport-cc"] : [];
  }
  if (isMediaCodec(codec)) return VIDEO_FEEDBACK;
  return name === "flexfec-03" ? ["goog-remb", "transport-cc"] : [];
}

/**
 * True for a codec that carries sound or pictures; false for what only accompanies one: RTX, RED,
 * FEC, DTMF and comfort noise (https://w3c.github.io/webrtc-pc/#dom-rtcrtptransceiver-setcodecpreferences).
 */
export function isMediaCodec(codec: Codec): boolean {
  return !AUXILIARY_NAMES.has(encodingNameOf(codec));
}

function audio(name: string, clockRate: number, channels: number, sdpFmtpLine?: string): Codec {
  const codec = { mimeType: `audio/${name}`, clockRate, channels };
  return Object.freeze(sdpFmtpLine === undefined ? codec : { ...codec, sdpFmtpLine });
}

function video(name: string, sdpFmtpLine?: string): Codec {
  const codec = { mimeType: `video/${name}`, clockRate: VIDEO_CLOCK_RATE };
  return Object.freeze(sdpFmtpLine === undefined ? codec : { ...codec, sdpFmtpLine });
}
