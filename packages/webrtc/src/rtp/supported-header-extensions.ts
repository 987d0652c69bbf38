import type { MediaKind } from "./codec.ts";
import type { HeaderExtensionCapability } from "./header-extension.ts";

/** Says to which section a packet belongs (RFC 8843 §15); nothing can be bundled without it. */
export const MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid";
/** Says which encoding a packet belongs to (RFC 8852 §4.3). */
export const RID_URI = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
/** Says which encoding a retransmission repairs (RFC 8852 §4.4). */
export const REPAIRED_RID_URI = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
/** Loudness of a packet (RFC 6464). */
export const AUDIO_LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

const WEBRTC = "http://www.webrtc.org/experiments/rtp-hdrext/";
const TRANSPORT_CC_URI =
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
const DEPENDENCY_DESCRIPTOR_URI =
  "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

const AUDIO_EXTENSIONS = capabilities(
  [AUDIO_LEVEL_URI, `${WEBRTC}abs-send-time`, TRANSPORT_CC_URI, MID_URI],
  // RFC 6465
  ["urn:ietf:params:rtp-hdrext:csrc-audio-level", `${WEBRTC}abs-capture-time`],
);

const VIDEO_EXTENSIONS = capabilities(
  [
    // RFC 5450
    "urn:ietf:params:rtp-hdrext:toffset",
    `${WEBRTC}abs-send-time`,
    // 3GPP TS 26.114 §7.4.5
    "urn:3gpp:video-orientation",
    TRANSPORT_CC_URI,
    `${WEBRTC}playout-delay`,
    MID_URI,
    RID_URI,
    REPAIRED_RID_URI,
    DEPENDENCY_DESCRIPTOR_URI,
  ],
  [
    `${WEBRTC}video-content-type`,
    `${WEBRTC}video-timing`,
    `${WEBRTC}color-space`,
    `${WEBRTC}abs-capture-time`,
    `${WEBRTC}video-layers-allocation00`,
    `${WEBRTC}corruption-detection`,
  ],
);

/**
 * RTP header extensions that are known, in the order of an offer. Those with the direction "stopped"
 * are offered only when asked for
 * (https://w3c.github.io/webrtc-extensions/#rtp-header-extension-control). Frozen.
 */
export function supportedHeaderExtensions(kind: MediaKind): readonly HeaderExtensionCapability[] {
  return kind === "audio" ? AUDIO_EXTENSIONS : VIDEO_EXTENSIONS;
}

function capabilities(
  offered: readonly string[],
  stopped: readonly string[],
): readonly HeaderExtensionCapability[] {
  return Object.freeze([
    ...offered.map((uri) => Object.freeze({ uri, direction: "sendrecv" as const })),
    ...stopped.map((uri) => Object.freeze({ uri, direction: "stopped" as const })),
  ]);
}
