import type { Codec } from "./codec.ts";
import { effectiveParameters, formatRuleOf, type FormatParameters } from "./format-rules.ts";
import { perCodec } from "./per-codec.ts";
import { encodingNameOf } from "./supported-codecs.ts";

/**
 * The codec dictionary match (https://w3c.github.io/webrtc-pc/#dfn-codec-dictionary-match): name
 * without regard to case, clock rate, channels and all format parameters, inferred ones included.
 */
export function isSameCodec(a: Codec, b: Codec): boolean {
  return matches(a, b, haveSameParameters);
}

/**
 * The codec dictionary match with ignoreAsymmetricalParameters
 * (https://w3c.github.io/webrtc-pc/#dfn-codec-dictionary-match): parameters that may differ between the
 * directions, such as levels, are left out.
 */
export function isCompatibleCodec(a: Codec, b: Codec): boolean {
  return matches(a, b, (first, second) => symmetricPartOf(first) === symmetricPartOf(second));
}

/**
 * A text that two codecs share if and only if a stream of one can be answered with the other: a key for maps. The rule
 * of offers and answers for the payload format, which infers what is absent (RFC 3264 §6.1). What RTX and RED point
 * to is not looked at.
 */
export const codecIdentity: (codec: Codec) => string = perCodec((codec) => {
  const { mimeType, clockRate, channels = 1 } = codec;
  // For AV1 a profile is a maximum, but what a peer sends with a higher one cannot be decoded.
  const profile = encodingNameOf(codec) === "av1" ? ` ${av1ProfileOf(codec)}` : "";
  const configuration = symmetricPartOf(codec);
  const suffix = configuration === "" ? profile : ` ${configuration}`;
  return `${mimeType.toLowerCase()}/${clockRate}/${channels}${suffix}`;
});

function matches(a: Codec, b: Codec, compareParameters: (a: Codec, b: Codec) => boolean): boolean {
  if (a.mimeType.toLowerCase() !== b.mimeType.toLowerCase()) return false;
  if (a.clockRate !== b.clockRate || a.channels !== b.channels) return false;
  if (a.sdpFmtpLine === undefined || b.sdpFmtpLine === undefined) {
    return a.sdpFmtpLine === b.sdpFmtpLine;
  }
  if (!isKeyValueFormat(a.sdpFmtpLine) || !isKeyValueFormat(b.sdpFmtpLine)) {
    return a.sdpFmtpLine === b.sdpFmtpLine;
  }
  return compareParameters(a, b);
}

function haveSameParameters(a: Codec, b: Codec): boolean {
  const rule = formatRuleOf(a);
  const first = effectiveParameters(a, rule);
  const second = effectiveParameters(b, rule);
  if (first.size !== second.size) return false;
  for (const [name, value] of first) {
    const other = second.get(name);
    if (other === undefined || !isSameValue(name, value, other)) return false;
  }
  return true;
}

/** The base 16 of a `profile-level-id` has no case (RFC 6184 §8.1). */
function isSameValue(name: string, a: string, b: string): boolean {
  return a === b || (name === "profile-level-id" && a.toLowerCase() === b.toLowerCase());
}

function symmetricPartOf(codec: Codec): string {
  const rule = formatRuleOf(codec);
  return rule.symmetricPart(effectiveParameters(codec, rule));
}

function av1ProfileOf(codec: Codec): string {
  const parameters: FormatParameters = effectiveParameters(codec, formatRuleOf(codec));
  return parameters.get("profile")!;
}

function isKeyValueFormat(sdpFmtpLine: string): boolean {
  return sdpFmtpLine.split(";").every((part) => part.trim() === "" || part.includes("="));
}
