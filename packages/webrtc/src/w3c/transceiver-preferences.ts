import type { Codec, MediaKind } from "../rtp/codec.ts";
import type { HeaderExtensionCapability } from "../rtp/header-extension.ts";
import type { TransceiverState } from "../negotiation/transceiver.ts";
import { isSameCodec } from "../rtp/codec-match.ts";
import { isMediaCodec, supportedCodecs } from "../rtp/supported-codecs.ts";
import { MID_URI } from "../rtp/supported-header-extensions.ts";
import { describe } from "./webidl/index.ts";

/**
 * https://w3c.github.io/webrtc-pc/#dom-rtcrtptransceiver-setcodecpreferences, steps 3 to 8: the new
 * [[PreferredCodecs]]. Of two that match, the first counts.
 *
 * Throws `InvalidModificationError` for an unknown codec, and if none carries media by itself.
 */
export function checkCodecPreferences(
  wanted: readonly Codec[],
  kind: MediaKind,
  context: string,
): readonly Codec[] {
  // Step 3
  if (wanted.length === 0) return [];
  // Step 4
  const codecs = wanted.filter(
    (codec, index) => wanted.findIndex((other) => isSameCodec(other, codec)) === index,
  );
  // Step 7
  const capabilities = supportedCodecs(kind);
  for (const codec of codecs) {
    if (capabilities.some((known) => isSameCodec(known, codec))) continue;
    throw invalidModification(context, `${describe(codec.mimeType)} is not among the capabilities`);
  }
  // Step 8
  if (codecs.some(isMediaCodec)) return codecs;
  throw invalidModification(context, "no codec carries media by itself");
}

/**
 * https://w3c.github.io/webrtc-extensions/#dom-rtcrtptransceiver-setheaderextensionstonegotiate: the new
 * [[HeaderExtensionsToNegotiate]], `wanted` for what now is `current`.
 *
 * Throws `TypeError` for an empty URI, and `InvalidModificationError` if the list is another one or would
 * turn off what must be used.
 */
export function checkHeaderExtensions(
  wanted: readonly HeaderExtensionCapability[],
  current: readonly HeaderExtensionCapability[],
  context: string,
): readonly HeaderExtensionCapability[] {
  if (wanted.some(({ uri }) => uri === "")) throw new TypeError(`${context}: a uri is empty`);
  // Step 3
  if (wanted.length !== current.length) {
    throw invalidModification(context, `${wanted.length} extensions instead of ${current.length}`);
  }
  // Step 4
  for (const [index, { uri, direction }] of wanted.entries()) {
    if (uri !== current[index]!.uri) {
      throw invalidModification(context, `${describe(uri)} is not at its place`);
    }
    if (uri === MID_URI && direction !== "sendrecv") {
      throw invalidModification(context, `${uri} must stay "sendrecv"`);
    }
  }
  return wanted;
}

/** https://w3c.github.io/webrtc-extensions/#dom-rtcrtptransceiver-getnegotiatedheaderextensions */
export function negotiatedHeaderExtensionsOf(
  state: TransceiverState,
): { uri: string; direction: HeaderExtensionCapability["direction"] }[] {
  const directions = new Map(
    state.negotiatedHeaderExtensions.map(({ uri, direction }) => [uri, direction]),
  );
  return state.headerExtensions.map(({ uri }) => ({
    uri,
    direction: directions.get(uri) ?? "stopped",
  }));
}

function invalidModification(context: string, problem: string): DOMException {
  return new DOMException(`${context}: ${problem}`, "InvalidModificationError");
}
