import type { Codec, MediaKind } from "../rtp/codec.ts";
import type { HeaderExtensionCapability } from "../rtp/header-extension.ts";
import type { RTCRtpCapabilities } from "./rtp-parameters.ts";

const VIDEO_CODECS: readonly Codec[] = [
  { mimeType: "video/VP8", clockRate: 90_000 },
  { mimeType: "video/rtx", clockRate: 90_000 },
  { mimeType: "video/VP9", clockRate: 90_000, sdpFmtpLine: "profile-id=0" },
  {
    mimeType: "video/H264",
    clockRate: 90_000,
    sdpFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
  },
];
const AUDIO_CODECS: readonly Codec[] = [
  {
    mimeType: "audio/opus",
    clockRate: 48_000,
    channels: 2,
    sdpFmtpLine: "minptime=10;useinbandfec=1",
  },
  { mimeType: "audio/telephone-event", clockRate: 48_000, channels: 1 },
];

/** Must be used wherever sections are bundled (RFC 8843 §9.1), so nobody can turn it off. */
export const MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid";

/** https://w3c.github.io/webrtc-pc/#dfn-list-of-implemented-send-codecs, the same for receiving */
export function codecCapabilities(kind: MediaKind): readonly Codec[] {
  return kind === "audio" ? AUDIO_CODECS : VIDEO_CODECS;
}

function headerExtensionCapabilities(_kind: MediaKind): readonly HeaderExtensionCapability[] {
  return [{ uri: MID_URI, direction: "sendrecv" }];
}

/** https://w3c.github.io/webrtc-pc/#dfn-codec-dictionary-match */
export function isSameCodec(a: Codec, b: Codec): boolean {
  return (
    a.mimeType.toLowerCase() === b.mimeType.toLowerCase() &&
    a.clockRate === b.clockRate &&
    a.channels === b.channels &&
    a.sdpFmtpLine === b.sdpFmtpLine
  );
}

/** The same, with ignoreAsymmetricalParameters. */
export function isCompatibleCodec(a: Codec, b: Codec): boolean {
  return isSameCodec(a, b);
}

/** False for what only accompanies a medium: RTX, RED, FEC, DTMF, comfort noise. */
export function isMediaCodec({ mimeType }: Codec): boolean {
  return !/\/(?:rtx|red|ulpfec|flexfec-03|telephone-event|cn)$/i.test(mimeType);
}

/** What the static `getCapabilities` of senders and receivers return: a new object each time. */
export function capabilitiesOf(kind: string): RTCRtpCapabilities | null {
  if (kind !== "audio" && kind !== "video") return null;
  return {
    codecs: codecCapabilities(kind).map((codec) => ({ ...codec })),
    headerExtensions: headerExtensionCapabilities(kind).map((extension) => ({ ...extension })),
  };
}
