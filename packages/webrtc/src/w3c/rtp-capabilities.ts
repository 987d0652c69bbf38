import type { MediaKind } from "../rtp/codec.ts";
import { supportedCodecs } from "../rtp/supported-codecs.ts";
import { supportedHeaderExtensions } from "../rtp/supported-header-extensions.ts";
import type { RTCRtpCapabilities } from "./rtp-parameters.ts";

/**
 * What the static `getCapabilities` of senders and receivers return
 * (https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-getcapabilities): a new object each time, the same
 * for sending and receiving.
 */
export function capabilitiesOf(kind: string): RTCRtpCapabilities | null {
  if (!isMediaKind(kind)) return null;
  return {
    codecs: supportedCodecs(kind).map((codec) => ({ ...codec })),
    headerExtensions: supportedHeaderExtensions(kind).map((extension) => ({ ...extension })),
  };
}

function isMediaKind(kind: string): kind is MediaKind {
  return kind === "audio" || kind === "video";
}
