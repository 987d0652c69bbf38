import { isStream, type MediaStream } from "./media-stream.ts";
import {
  boolean,
  dictionary,
  domString,
  double,
  enumeration,
  integer,
  interfaceType,
  OCTET,
  optional,
  required,
  sequence,
  UNSIGNED_LONG,
  UNSIGNED_SHORT,
  withDefault,
  type Converter,
} from "./webidl/index.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtptransceiverdirection */
export type RTCRtpTransceiverDirection =
  | "inactive"
  | "recvonly"
  | "sendonly"
  | "sendrecv"
  | "stopped";

/** https://w3c.github.io/webrtc-priority/#rtc-priority-type */
export type RTCPriorityType = "high" | "low" | "medium" | "very-low";

/**
 * https://w3c.github.io/mst-content-hint/#dom-rtcdegradationpreference. The newest value,
 * "maintain-framerate-and-resolution", is accepted and returned, but not in the type: lib.dom's does not
 * have it, and parameters with it would not fit where lib.dom's are expected.
 */
export type RTCDegradationPreference = "balanced" | "maintain-framerate" | "maintain-resolution";

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpcodec */
export interface RTCRtpCodec {
  /** Absent for video. */
  channels?: number;
  /** In hertz. */
  clockRate: number;
  mimeType: string;
  sdpFmtpLine?: string;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpcodecparameters */
export interface RTCRtpCodecParameters extends RTCRtpCodec {
  payloadType: number;
}

/** https://w3c.github.io/webrtc-extensions/#dom-rtcrtpheaderextensioncapability */
export interface RTCRtpHeaderExtensionCapability {
  direction: RTCRtpTransceiverDirection;
  uri: string;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpcapabilities */
export interface RTCRtpCapabilities {
  codecs: RTCRtpCodec[];
  headerExtensions: RTCRtpHeaderExtensionCapability[];
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpheaderextensionparameters */
export interface RTCRtpHeaderExtensionParameters {
  encrypted?: boolean;
  id: number;
  uri: string;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtcpparameters */
export interface RTCRtcpParameters {
  cname?: string;
  reducedSize?: boolean;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpparameters */
export interface RTCRtpParameters {
  codecs: RTCRtpCodecParameters[];
  headerExtensions: RTCRtpHeaderExtensionParameters[];
  rtcp: RTCRtcpParameters;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpreceiveparameters */
export type RTCRtpReceiveParameters = RTCRtpParameters;

/** https://w3c.github.io/webrtc-extensions/#dom-rtcresolutionrestriction, in pixels */
export interface RTCResolutionRestriction {
  maxHeight?: number;
  maxWidth?: number;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpcodingparameters */
export interface RTCRtpCodingParameters {
  rid?: string;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpencodingparameters, with what other specifications add */
export interface RTCRtpEncodingParameters extends RTCRtpCodingParameters {
  active?: boolean;
  adaptivePtime?: boolean;
  codec?: RTCRtpCodec;
  /** In bits per second. */
  maxBitrate?: number;
  /** In frames per second. */
  maxFramerate?: number;
  networkPriority?: RTCPriorityType;
  priority?: RTCPriorityType;
  /** `L1T2`: https://w3c.github.io/webrtc-svc/#scalabilitymodes* */
  scalabilityMode?: string;
  scaleResolutionDownBy?: number;
  scaleResolutionDownTo?: RTCResolutionRestriction;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsendparameters */
export interface RTCRtpSendParameters extends RTCRtpParameters {
  degradationPreference?: RTCDegradationPreference;
  encodings: RTCRtpEncodingParameters[];
  transactionId: string;
}

/** https://w3c.github.io/webrtc-extensions/#dom-rtcencodingoptions */
export interface RTCEncodingOptions {
  keyFrame?: boolean;
}

/** https://w3c.github.io/webrtc-extensions/#dom-rtcsetparameteroptions */
export interface RTCSetParameterOptions {
  encodingOptions?: RTCEncodingOptions[];
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtptransceiverinit */
export interface RTCRtpTransceiverInit {
  direction?: RTCRtpTransceiverDirection;
  sendEncodings?: RTCRtpEncodingParameters[];
  streams?: MediaStream[];
}

const isFalse = (): boolean => false;

/** The conversion of `RTCRtpTransceiverDirection` where any other string throws. */
export const toDirection = enumeration("RTCRtpTransceiverDirection", [
  "sendrecv",
  "sendonly",
  "recvonly",
  "inactive",
  "stopped",
]);

const toPriority = enumeration("RTCPriorityType", ["very-low", "low", "medium", "high"]);

/** The conversion of `RTCRtpCodec`. */
export const toCodec = dictionary("RTCRtpCodec", {
  channels: optional(integer(UNSIGNED_SHORT)),
  clockRate: required(integer(UNSIGNED_LONG)),
  mimeType: required(domString),
  sdpFmtpLine: optional(domString),
});

const toCodecParameters = dictionary(
  "RTCRtpCodecParameters",
  { payloadType: required(integer(OCTET)) },
  toCodec,
);

/** The conversion of `RTCRtpHeaderExtensionCapability`, where an empty `uri` counts as a missing one. */
export const toHeaderExtensionCapability = dictionary("RTCRtpHeaderExtensionCapability", {
  direction: required(toDirection),
  uri: required(domString),
});

const toHeaderExtensionParameters = dictionary("RTCRtpHeaderExtensionParameters", {
  encrypted: withDefault(boolean, isFalse),
  id: required(integer(UNSIGNED_SHORT)),
  uri: required(domString),
});

const toRtcpParameters = dictionary("RTCRtcpParameters", {
  cname: optional(domString),
  reducedSize: optional(boolean),
});

const toResolutionRestriction = dictionary("RTCResolutionRestriction", {
  maxHeight: optional(integer(UNSIGNED_LONG)),
  maxWidth: optional(integer(UNSIGNED_LONG)),
});

const toCodingParameters = dictionary("RTCRtpCodingParameters", { rid: optional(domString) });

/** The conversion of `RTCRtpEncodingParameters`; `networkPriority` is "low" by default, as in browsers. */
export const toEncodingParameters = dictionary(
  "RTCRtpEncodingParameters",
  {
    active: withDefault(boolean, () => true),
    adaptivePtime: withDefault(boolean, isFalse),
    codec: optional(toCodec),
    maxBitrate: optional(integer(UNSIGNED_LONG)),
    maxFramerate: optional(double),
    networkPriority: withDefault(toPriority, () => "low"),
    priority: withDefault(toPriority, () => "low"),
    scalabilityMode: optional(domString),
    scaleResolutionDownBy: optional(double),
    scaleResolutionDownTo: optional(toResolutionRestriction),
  },
  toCodingParameters,
);

/** An encoding after conversion and before validation. */
export type EncodingParameters = ReturnType<typeof toEncodingParameters>;

const toRtpParameters = dictionary("RTCRtpParameters", {
  codecs: required(sequence(toCodecParameters)),
  headerExtensions: required(sequence(toHeaderExtensionParameters)),
  rtcp: required(toRtcpParameters),
});

const toDegradationPreference = enumeration("RTCDegradationPreference", [
  "maintain-framerate",
  "maintain-resolution",
  "balanced",
  "maintain-framerate-and-resolution",
]) as Converter<RTCDegradationPreference>;

/** The conversion of `RTCRtpSendParameters`. */
export const toSendParameters = dictionary(
  "RTCRtpSendParameters",
  {
    degradationPreference: optional(toDegradationPreference),
    encodings: required(sequence(toEncodingParameters)),
    transactionId: required(domString),
  },
  toRtpParameters,
);

/** Parameters after conversion and before validation. */
export type SendParameters = ReturnType<typeof toSendParameters>;

const toEncodingOptions = dictionary("RTCEncodingOptions", {
  keyFrame: withDefault(boolean, isFalse),
});

/** The conversion of `RTCSetParameterOptions`. */
export const toSetParameterOptions = dictionary("RTCSetParameterOptions", {
  encodingOptions: withDefault(sequence(toEncodingOptions), () => []),
});

/** The conversion of `RTCRtpTransceiverInit`. */
export const toTransceiverInitDictionary = dictionary("RTCRtpTransceiverInit", {
  direction: withDefault(toDirection, () => "sendrecv"),
  sendEncodings: withDefault(sequence(toEncodingParameters), () => []),
  streams: withDefault(sequence(interfaceType("MediaStream", isStream)), () => []),
});

/** An init after conversion and before validation. */
export type TransceiverInitDictionary = ReturnType<typeof toTransceiverInitDictionary>;
