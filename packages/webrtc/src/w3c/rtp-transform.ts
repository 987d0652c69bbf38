import { conversionError, describe, isObject } from "./webidl/index.ts";

/**
 * https://w3c.github.io/webrtc-encoded-transform/#typedefdef-rtcrtptransform. No class of transforms is
 * made here yet; the slot takes objects that say by their tag that they are one.
 */
export type RTCRtpTransform = object;

const TAGS: ReadonlySet<string> = new Set([
  "[object RTCRtpScriptTransform]",
  "[object SFrameTransform]",
]);

/** The conversion of `RTCRtpTransform?`; throws `TypeError` for anything else. */
export function toTransform(value: unknown, context: string): RTCRtpTransform | null {
  if (value === null || value === undefined) return null;
  if (isObject(value) && TAGS.has(Object.prototype.toString.call(value))) return value;
  throw conversionError(context, `${describe(value)} is not of type RTCRtpTransform`);
}
