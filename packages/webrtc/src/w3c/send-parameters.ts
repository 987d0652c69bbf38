import type { SendEncoding, TransceiverState } from "../negotiation/transceiver.ts";
import type { Codec, NegotiatedCodec } from "../rtp/codec.ts";
import type { NegotiatedHeaderExtension } from "../rtp/header-extension.ts";
import { isCompatibleCodec, isSameCodec } from "../rtp/codec-match.ts";
import { isMediaCodec, supportedCodecs } from "../rtp/supported-codecs.ts";
import {
  toSendParameters,
  type EncodingParameters,
  type RTCDegradationPreference,
  type RTCRtpCodecParameters,
  type RTCRtpEncodingParameters,
  type RTCRtpHeaderExtensionParameters,
  type RTCRtpSendParameters,
  type SendParameters,
} from "./rtp-parameters.ts";
import { supportsScalabilityMode } from "./scalability-mode.ts";
import {
  checkRanges,
  resolutionProblem,
  sendEncodingOf,
  simulcastModeProblem,
  withoutVideoMembers,
} from "./send-encodings.ts";
import { describe } from "./webidl/index.ts";

/** What the parameters of a sender take from its connection. */
export type SendParametersContext = {
  readonly transactionId: string;
  readonly cname: string;
  readonly hasReducedSizeRtcp: boolean;
  readonly degradationPreference: RTCDegradationPreference | undefined;
};

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-getparameters, step 3: a new object through and through. */
export function sendParametersOf(
  state: TransceiverState,
  context: SendParametersContext,
): RTCRtpSendParameters {
  const { transactionId, cname, hasReducedSizeRtcp, degradationPreference } = context;
  const { encodings, codecs } = state.sender;
  return {
    transactionId,
    encodings: encodings.map((encoding) => encodingParametersOf(encoding, codecs)),
    headerExtensions: headerExtensionsOf(state, ["sendrecv", "sendonly"]),
    codecs: codecParametersOf(codecs),
    rtcp: { cname, reducedSize: hasReducedSizeRtcp },
    ...(degradationPreference === undefined ? {} : { degradationPreference }),
  };
}

/** The codecs of `getParameters` of senders and receivers. */
export function codecParametersOf(codecs: readonly NegotiatedCodec[]): RTCRtpCodecParameters[] {
  return codecs.map(({ rtcpFeedback: _feedback, ...codec }) => ({ ...codec }));
}

/** The negotiated header extensions of one way: those whose direction is one of `directions`. */
export function headerExtensionsOf(
  state: TransceiverState,
  directions: readonly NegotiatedHeaderExtension["direction"][],
): RTCRtpHeaderExtensionParameters[] {
  return state.negotiatedHeaderExtensions
    .filter(({ direction }) => directions.includes(direction))
    .map(({ uri, id }) => ({ uri, id, encrypted: false }));
}

/**
 * "setParameters validation steps": https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-setparameters.
 * Returns the new [[SendEncodings]].
 *
 * Throws `InvalidModificationError` for what must not change or cannot be, `RangeError` for numbers out of
 * range.
 */
export function checkSendParameters(
  parameters: SendParameters,
  last: RTCRtpSendParameters,
  state: TransceiverState,
): readonly SendEncoding[] {
  const context = "RTCRtpSender.setParameters";
  const { kind, sender } = state;
  const given = parameters.encodings;
  const problem =
    countProblem(given, sender.encodings) ??
    readOnlyProblem(parameters, last) ??
    codecProblem(parameters, state) ??
    scalabilityProblem(parameters, state) ??
    resolutionProblem(given) ??
    simulcastModeProblem(given);
  if (problem !== undefined) {
    throw new DOMException(`${context}: ${problem}`, "InvalidModificationError");
  }
  const encodings =
    kind === "audio"
      ? given.map(withoutVideoMembers)
      : given.map((encoding) => ({ scaleResolutionDownBy: 1, ...encoding }));
  checkRanges(encodings, context);
  return encodings.map(sendEncodingOf);
}

function encodingParametersOf(
  encoding: SendEncoding,
  negotiated: readonly NegotiatedCodec[],
): RTCRtpEncodingParameters {
  const { codec, scaleResolutionDownTo, scalabilityMode, ...rest } = encoding;
  return {
    ...rest,
    ...(codec === undefined ? {} : { codec: { ...codec } }),
    ...(scaleResolutionDownTo === undefined
      ? {}
      : { scaleResolutionDownTo: { ...scaleResolutionDownTo } }),
    ...(scalabilityMode === undefined
      ? {}
      : { scalabilityMode: usedScalabilityMode(scalabilityMode, codec, negotiated) }),
  };
}

/** https://w3c.github.io/webrtc-svc/#rtcrtpsender: another mode where the negotiated codec lacks the wanted one. */
function usedScalabilityMode(
  wanted: string,
  codec: Codec | undefined,
  negotiated: readonly NegotiatedCodec[],
): string {
  const used = codec ?? negotiated.find(isMediaCodec);
  return used === undefined || supportsScalabilityMode(used.mimeType, wanted) ? wanted : "L1T1";
}

function countProblem(
  given: readonly EncodingParameters[],
  current: readonly SendEncoding[],
): string | undefined {
  if (given.length === current.length) return undefined;
  return `${given.length} encodings instead of ${current.length}`;
}

/** Both went through the same conversion, so equal members are in the same order. */
function readOnlyProblem(
  parameters: SendParameters,
  last: RTCRtpSendParameters,
): string | undefined {
  const before = toSendParameters(last, "RTCRtpSender.getParameters");
  for (const name of ["transactionId", "codecs", "headerExtensions", "rtcp"] as const) {
    if (JSON.stringify(parameters[name]) === JSON.stringify(before[name])) continue;
    return `${name} is not what getParameters returned last`;
  }
  const isSameRid = parameters.encodings.every(
    ({ rid }, index) => rid === before.encodings[index]!.rid,
  );
  return isSameRid ? undefined : "the RIDs of the encodings are not what they were";
}

function codecProblem(parameters: SendParameters, state: TransceiverState): string | undefined {
  const negotiated = state.sender.codecs;
  const choosable = negotiated.length > 0 ? negotiated : supportedCodecs(state.kind);
  for (const { codec } of parameters.encodings) {
    if (codec === undefined) continue;
    if (isMediaCodec(codec) && choosable.some((known) => isCompatibleCodec(known, codec))) continue;
    return `the codec ${describe(codec.mimeType)} cannot be chosen`;
  }
  return undefined;
}

function scalabilityProblem(
  parameters: SendParameters,
  state: TransceiverState,
): string | undefined {
  const inUse = state.sender.codecs.find(isMediaCodec);
  for (const [index, { codec, scalabilityMode: mode }] of parameters.encodings.entries()) {
    // What getParameters has said of an unchanged encoding is never wrong.
    if (mode === undefined || isUnchanged(mode, codec, state.sender.encodings[index])) continue;
    const chosen = codec ?? inUse;
    const codecs = chosen === undefined ? supportedCodecs(state.kind) : [chosen];
    if (codecs.some(({ mimeType }) => supportsScalabilityMode(mimeType, mode))) continue;
    return `the scalability mode ${describe(mode)} is not supported`;
  }
  return undefined;
}

function isUnchanged(
  mode: string,
  codec: Codec | undefined,
  current: SendEncoding | undefined,
): boolean {
  if (current?.scalabilityMode !== mode) return false;
  if (codec === undefined || current.codec === undefined) return codec === current.codec;
  return isSameCodec(codec, current.codec);
}
