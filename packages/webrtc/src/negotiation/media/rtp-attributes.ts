import type { MediaKind, NegotiatedCodec } from "../../rtp/codec.ts";
import type { NegotiatedHeaderExtension } from "../../rtp/header-extension.ts";
import type { Attribute, MediaDirection } from "../../sdp/index.ts";
import { isRtx } from "./dependent-codecs.ts";
import { sends } from "./direction.ts";

/** Names the streams of a sender that has no RIDs (RFC 5576). */
export type LocalSources = {
  readonly ssrc: number;
  /** For retransmissions of `ssrc`. */
  readonly rtxSsrc?: number;
  readonly cname: string;
};

/** What the attributes of a section that concern its media follow from. */
export type RtpContent = {
  readonly kind: MediaKind;
  readonly codecs: readonly NegotiatedCodec[];
  readonly headerExtensions: readonly NegotiatedHeaderExtension[];
  readonly direction: MediaDirection;
  /** One for each stream of the sender; one with the stream id "-" if it is in none (RFC 8830 §2). */
  readonly msids: readonly { readonly streamId: string; readonly trackId: string }[];
  readonly sendRids: readonly string[];
  readonly receiveRids: readonly string[];
  /** The peer has asked for simulcast: it is told what is left of it, one encoding too (RFC 8853 §5.3.2). */
  readonly answersSimulcast?: boolean;
  readonly ssrcs?: LocalSources;
  /** Whether to say `a=rtcp-rsize`: an answer says it only if the offer does (RFC 9429 §5.3.1). Default: yes. */
  readonly hasReducedSizeRtcp?: boolean;
};

/**
 * The attributes of a section that concern its media, in the order browsers write them (RFC 9429
 * §5.2.1): extensions, direction, streams, RTCP, codecs, encodings, sources. Sources are written only if
 * this side sends.
 */
export function rtpAttributes(content: RtpContent): readonly Attribute[] {
  const isSending = sends(content.direction);
  const hasReducedSizeRtcp = content.hasReducedSizeRtcp ?? true;
  return [
    ...extensionAttributes(content.headerExtensions),
    { kind: "direction", direction: content.direction },
    ...content.msids.map(msidAttribute),
    { kind: "rtcp-mux" },
    ...(hasReducedSizeRtcp ? [{ kind: "rtcp-rsize" } as const] : []),
    ...codecListAttributes(content.codecs),
    ...encodingAttributes(content),
    ...(isSending ? sourceAttributes(content) : []),
  ];
}

/** What stands in the `m=` line: payload types in order of preference (RFC 9429 §5.2.1). */
export function rtpFormats(codecs: readonly NegotiatedCodec[]): readonly string[] {
  return codecs.map(({ payloadType }) => String(payloadType));
}

/** Sections of one offer share their lists: what is written for one is written for all. */
const EXTENSION_LINES = new WeakMap<readonly NegotiatedHeaderExtension[], readonly Attribute[]>();
const CODEC_LINES = new WeakMap<readonly NegotiatedCodec[], readonly Attribute[]>();

function extensionAttributes(list: readonly NegotiatedHeaderExtension[]): readonly Attribute[] {
  return remembered(EXTENSION_LINES, list, () => list.map(extensionAttribute));
}

function codecListAttributes(list: readonly NegotiatedCodec[]): readonly Attribute[] {
  return remembered(CODEC_LINES, list, () => list.flatMap(codecAttributes));
}

function remembered<K extends object>(
  memory: WeakMap<K, readonly Attribute[]>,
  key: K,
  write: () => readonly Attribute[],
): readonly Attribute[] {
  let attributes = memory.get(key);
  if (attributes === undefined) {
    attributes = write().map((attribute) => Object.freeze(attribute));
    memory.set(key, attributes);
  }
  return attributes;
}

/** RFC 8285 §5: without a direction it is `sendrecv`. */
function extensionAttribute({ id, uri, direction }: NegotiatedHeaderExtension): Attribute {
  return direction === "sendrecv"
    ? { kind: "extmap", id, uri }
    : { kind: "extmap", id, direction, uri };
}

function msidAttribute({ streamId, trackId }: RtpContent["msids"][number]): Attribute {
  return trackId === "" ? { kind: "msid", streamId } : { kind: "msid", streamId, trackId };
}

function codecAttributes(codec: NegotiatedCodec): Attribute[] {
  const { payloadType, mimeType, clockRate, channels, sdpFmtpLine, rtcpFeedback } = codec;
  const encodingName = mimeType.slice(mimeType.indexOf("/") + 1);
  const rtpmap = { kind: "rtpmap", payloadType, encodingName, clockRate } as const;
  const attributes: Attribute[] = [
    // One channel is what is meant where none are named (RFC 8866 §6.6).
    channels === undefined || channels === 1 ? rtpmap : { ...rtpmap, channels },
    ...rtcpFeedback.map((value) => feedbackAttribute(payloadType, value)),
  ];
  if (sdpFmtpLine !== undefined) {
    attributes.push({ kind: "fmtp", format: String(payloadType), parameters: sdpFmtpLine });
  }
  return attributes;
}

/** `nack pli` is a feedback with a parameter (RFC 4585 §4.2). */
function feedbackAttribute(payloadType: number, value: string): Attribute {
  const space = value.indexOf(" ");
  if (space < 0) return { kind: "rtcp-fb", payloadType, feedback: value };
  const [feedback, parameter] = [value.slice(0, space), value.slice(space + 1)];
  return { kind: "rtcp-fb", payloadType, feedback, parameter };
}

/** A single encoding needs no `a=simulcast` when offered (RFC 9429 §5.2.1); its receipt is announced. */
function encodingAttributes(content: RtpContent): Attribute[] {
  const { sendRids, receiveRids, answersSimulcast = false } = content;
  const namesSent = sendRids.length > (answersSimulcast ? 0 : 1);
  const rids: Attribute[] = [
    ...sendRids.map((id) => ridAttribute(id, "send")),
    ...receiveRids.map((id) => ridAttribute(id, "recv")),
  ];
  const send = namesSent ? { send: sendRids.map(streamOf) } : {};
  const recv = receiveRids.length > 0 ? { recv: receiveRids.map(streamOf) } : {};
  const hasSimulcast = namesSent || receiveRids.length > 0;
  return hasSimulcast ? [...rids, { kind: "simulcast", ...send, ...recv }] : rids;
}

function ridAttribute(id: string, direction: "send" | "recv"): Attribute {
  return { kind: "rid", id, direction, restrictions: [] };
}

function streamOf(rid: string): [{ rid: string; isPaused: boolean }] {
  return [{ rid, isPaused: false }];
}

/** `msid` once more with each source, for peers older than RFC 8830. */
function sourceAttributes({ codecs, msids, ssrcs }: RtpContent): Attribute[] {
  if (ssrcs === undefined) return [];
  const { ssrc, rtxSsrc, cname } = ssrcs;
  const sources = rtxSsrc !== undefined && codecs.some(isRtx) ? [ssrc, rtxSsrc] : [ssrc];
  const [msid] = msids;
  const attributes: Attribute[] =
    sources.length > 1 ? [{ kind: "ssrc-group", semantics: "FID", ssrcs: sources }] : [];
  for (const source of sources) {
    attributes.push({ kind: "ssrc", ssrc: source, attribute: "cname", value: cname });
    if (msid === undefined) continue;
    const value = `${msid.streamId} ${msid.trackId}`.trimEnd();
    attributes.push({ kind: "ssrc", ssrc: source, attribute: "msid", value });
  }
  return attributes;
}
