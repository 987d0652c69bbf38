import type { MediaKind } from "../rtp/codec.ts";
import { MAX_ENCODINGS } from "../negotiation/send-encodings.ts";
import type { SendEncoding, TransceiverInit } from "../negotiation/transceiver.ts";
import { defaultEncoding } from "../negotiation/transceivers.ts";
import { isSameCodec } from "../rtp/codec-match.ts";
import { isMediaCodec, supportedCodecs } from "../rtp/supported-codecs.ts";
import type { EncodingParameters, TransceiverInitDictionary } from "./rtp-parameters.ts";
import { isSimulcastMode, supportsScalabilityMode } from "./scalability-mode.ts";
import { describe } from "./webidl/index.ts";

/**
 * RFC 8851 §10 without "-" and "_", which a RID in a packet cannot have (RFC 8852 §3), and no longer
 * than the one-byte form of a header extension carries (RFC 8285 §4.2).
 */
const RID = /^[A-Za-z0-9]{1,16}$/;

/**
 * What `addTransceiver` begins with, from its second argument after the conversion.
 *
 * Throws what {@link toSendEncodings} throws, and `TypeError` for "stopped".
 */
export function transceiverInitOf(
  init: TransceiverInitDictionary,
  kind: MediaKind,
  context: string,
): TransceiverInit {
  const { direction, sendEncodings, streams } = init;
  if (direction === "stopped")
    throw new TypeError(`${context}: a transceiver cannot begin "stopped"`);
  return {
    kind,
    direction,
    streamIds: [...new Set(streams.map(({ id }) => id))],
    encodings: toSendEncodings(sendEncodings, kind, context),
    isFromAddTrack: false,
  };
}

/**
 * "addTransceiver sendEncodings validation steps"
 * (https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-addtransceiver) and the default of "create an
 * RTCRtpSender": what [[SendEncodings]] begins with; never empty.
 *
 * Throws `TypeError` for bad RIDs, `RangeError` for numbers out of range, and `OperationError` for a codec,
 * scalability mode or resolution that cannot be.
 */
function toSendEncodings(
  given: readonly EncodingParameters[],
  kind: MediaKind,
  context: string,
): readonly SendEncoding[] {
  checkRids(given, context);
  const encodings = kind === "audio" ? given.map(withoutVideoMembers) : given;
  const problem =
    codecProblem(encodings, kind) ??
    scalabilityProblem(encodings, kind) ??
    resolutionProblem(encodings);
  if (problem !== undefined) throw new DOMException(`${context}: ${problem}`, "OperationError");
  checkRanges(encodings, context);
  const trimmed = fillScale(encodings).slice(0, MAX_ENCODINGS[kind]);
  const scaled = (kind === "audio" ? trimmed : withScaleLadder(trimmed)).map(sendEncodingOf);
  if (scaled.length > 1) return scaled;
  return [withoutRid(scaled[0] ?? defaultEncoding(kind))];
}

/** The members that only video has are dropped, whatever their value. */
export function withoutVideoMembers(encoding: EncodingParameters): EncodingParameters {
  const {
    scaleResolutionDownBy: _scale,
    scaleResolutionDownTo: _size,
    maxFramerate: _rate,
    ...rest
  } = encoding;
  return rest;
}

/** Throws `RangeError` for a scale below 1 and a negative frame rate; 0 freezes the picture. */
export function checkRanges(encodings: readonly EncodingParameters[], context: string): void {
  for (const { scaleResolutionDownBy: scale = 1, maxFramerate: rate = 0 } of encodings) {
    if (scale < 1)
      throw new RangeError(`${context}: scaleResolutionDownBy ${scale} is less than 1`);
    if (rate < 0) throw new RangeError(`${context}: maxFramerate ${rate} is negative`);
  }
}

/**
 * https://w3c.github.io/webrtc-extensions/#dom-rtcrtpencodingparameters-scaleresolutiondownto: what is
 * wrong, in words; `undefined` if nothing is.
 */
export function resolutionProblem(encodings: readonly EncodingParameters[]): string | undefined {
  const restrictions = encodings.map(({ scaleResolutionDownTo }) => scaleResolutionDownTo);
  if (restrictions.every((restriction) => restriction === undefined)) return undefined;
  for (const [index, restriction] of restrictions.entries()) {
    if (restriction === undefined) {
      if (!encodings[index]!.active) continue;
      return "scaleResolutionDownTo is not given for all active encodings";
    }
    const { maxWidth = 0, maxHeight = 0 } = restriction;
    if (maxWidth === 0 || maxHeight === 0) return "scaleResolutionDownTo has a dimension of 0";
  }
  return undefined;
}

/** https://w3c.github.io/webrtc-svc/#rtcpeerconnection: two ways of simulcast at once. */
export function simulcastModeProblem(encodings: readonly EncodingParameters[]): string | undefined {
  const active = encodings.filter(({ active }) => active);
  const mode = active
    .map(({ scalabilityMode = "" }) => scalabilityMode)
    .find((mode) => isSimulcastMode(mode));
  if (active.length < 2 || mode === undefined) return undefined;
  return `the scalability mode "${mode}" does not go together with simulcast`;
}

/** The record of a validated encoding. */
export function sendEncodingOf(encoding: EncodingParameters): SendEncoding {
  const { scaleResolutionDownTo: restriction, ...rest } = encoding;
  if (restriction === undefined) return rest;
  const { maxWidth = 0, maxHeight = 0 } = restriction;
  return { ...rest, scaleResolutionDownTo: { maxWidth, maxHeight } };
}

function checkRids(encodings: readonly EncodingParameters[], context: string): void {
  const rids = encodings.flatMap(({ rid }) => (rid === undefined ? [] : [rid]));
  for (const rid of rids) {
    if (!RID.test(rid)) throw new TypeError(`${context}: ${describe(rid)} is not a RID`);
  }
  if (rids.length > 0 && rids.length < encodings.length) {
    throw new TypeError(`${context}: some encodings have a RID and some have none`);
  }
  if (new Set(rids).size < rids.length) throw new TypeError(`${context}: two RIDs are the same`);
}

function codecProblem(
  encodings: readonly EncodingParameters[],
  kind: MediaKind,
): string | undefined {
  const codecs = supportedCodecs(kind);
  for (const { codec } of encodings) {
    if (
      codec === undefined ||
      (isMediaCodec(codec) && codecs.some((known) => isSameCodec(known, codec)))
    ) {
      continue;
    }
    return `the codec ${describe(codec.mimeType)} cannot be sent`;
  }
  return undefined;
}

function scalabilityProblem(
  encodings: readonly EncodingParameters[],
  kind: MediaKind,
): string | undefined {
  for (const { codec, scalabilityMode: mode } of encodings) {
    if (mode === undefined) continue;
    const codecs = codec === undefined ? supportedCodecs(kind) : [codec];
    if (codecs.some(({ mimeType }) => supportsScalabilityMode(mimeType, mode))) continue;
    return `the scalability mode ${describe(mode)} is not supported`;
  }
  return simulcastModeProblem(encodings);
}

/** Once one encoding says how it is scaled, the others are not scaled unless they say so. */
function fillScale(encodings: readonly EncodingParameters[]): readonly EncodingParameters[] {
  if (encodings.every(({ scaleResolutionDownBy }) => scaleResolutionDownBy === undefined)) {
    return encodings;
  }
  return encodings.map((encoding) => ({ scaleResolutionDownBy: 1, ...encoding }));
}

/** From small to large, each twice as large as the one before: 4:2:1. */
function withScaleLadder(encodings: readonly EncodingParameters[]): readonly EncodingParameters[] {
  return encodings.map((encoding, index) => ({
    scaleResolutionDownBy: 2 ** (encodings.length - index - 1),
    ...encoding,
  }));
}

function withoutRid(encoding: SendEncoding): SendEncoding {
  const { rid: _rid, ...rest } = encoding;
  return rest;
}
