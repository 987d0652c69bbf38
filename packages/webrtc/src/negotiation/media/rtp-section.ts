import type { MediaKind, NegotiatedCodec } from "../../rtp/codec.ts";
import type { NegotiatedHeaderExtension } from "../../rtp/header-extension.ts";
import {
  filterAttributes,
  findAttribute,
  hasAttribute,
  quoteLine,
  sourceLineOf,
  type Attribute,
  type MediaDescription,
  type MediaDirection,
} from "../../sdp/index.ts";
import { NegotiationError } from "../negotiation-error.ts";
import { isForbiddenPayloadType, STATIC_CODECS } from "./payload-type-table.ts";
import { readEncodings } from "./read-encodings.ts";

/** RFC 8285 §4.3; what lies above is for offers that want more than fits (§5) and is left out. */
const MAX_EXTENSION_ID = 255;
const PAYLOAD_TYPE = /^\d{1,3}$/;
const MAX_PAYLOAD_TYPE = 127;
/** Twice as many as are registered; what holds for all formats would else be copied to each without end. */
const MAX_FEEDBACK_VALUES = 64;
/** Longer than all that are registered: none that we know. */
const MAX_FEEDBACK_LENGTH = 64;
/** Of the streams that a track is in, those that are made: more than any conference shows. */
const MAX_STREAMS = 64;
/** So that no peer decides how much is remembered: about 100 KB in all for what browsers write. */
const MAX_SHARED_CODECS = 1_024;
const MAX_SHARED_LENGTH = 512;
const SHARED_CODECS = new Map<string, NegotiatedCodec>();
/** RFC 8830 §2: a track that is in no stream. */
const NO_STREAM = "-";

/** What a section for audio or video says about its media, as the side that wrote it sees it. */
export type RtpSection = {
  readonly kind: MediaKind;
  readonly direction: MediaDirection;
  /** In the order of the `m=` line; formats that nothing describes are left out. */
  readonly codecs: readonly NegotiatedCodec[];
  /** As written, those of the session included; one for each URI. */
  readonly headerExtensions: readonly NegotiatedHeaderExtension[];
  /** One for each stream, in order; no more than 64. */
  readonly streams: readonly { readonly streamId: string; readonly trackId: string | undefined }[];
  /** The track's id, also if it is in no stream. */
  readonly trackId: string | undefined;
  /** False if nothing is said about streams: then the track gets one of its own (RFC 9429 §5.10). */
  readonly hasMsid: boolean;
  /** What the writer sends under RIDs, in the order of its `a=simulcast`. */
  readonly sendRids: readonly string[];
  /** What the writer wants to receive under RIDs. */
  readonly receiveRids: readonly string[];
  /** Of `a=ssrc`, each once, in order. */
  readonly ssrcs: readonly number[];
  readonly ssrcGroups: readonly { readonly semantics: string; readonly ssrcs: readonly number[] }[];
  readonly cname: string | undefined;
  readonly hasReducedSizeRtcp: boolean;
};

/**
 * Reads a section of audio or video over RTP (RFC 9429 §5.8). The work is linear in its lines.
 *
 * Throws {@link NegotiationError} `invalidContent` for a payload type that would look like RTCP and for
 * an extension identifier with two meanings.
 */
export function readRtpSection(
  section: MediaDescription,
  sessionAttributes: readonly Attribute[],
): RtpSection {
  const { attributes } = section;
  const kind: MediaKind = section.kind === "audio" ? "audio" : "video";
  const codecs = readCodecs(section, kind);
  return {
    kind,
    direction:
      findAttribute(attributes, "direction")?.direction ??
      findAttribute(sessionAttributes, "direction")?.direction ??
      "sendrecv",
    codecs,
    headerExtensions: readHeaderExtensions(attributes, sessionAttributes),
    ...readStreams(attributes),
    ...readEncodings(attributes, new Set(codecs.map(({ payloadType }) => payloadType))),
    ...readSources(attributes),
    hasReducedSizeRtcp: hasAttribute(attributes, "rtcp-rsize"),
  };
}

function readCodecs(section: MediaDescription, kind: MediaKind): readonly NegotiatedCodec[] {
  const { attributes } = section;
  const rtpmaps = new Map(
    filterAttributes(attributes, "rtpmap").map((rtpmap) => [rtpmap.payloadType, rtpmap]),
  );
  const parameters = readParameters(attributes);
  const feedback = readFeedback(attributes);
  const codecs: NegotiatedCodec[] = [];
  for (const payloadType of payloadTypesOf(section)) {
    const rtpmap = rtpmaps.get(payloadType);
    const codec =
      rtpmap === undefined
        ? STATIC_CODECS.get(payloadType)
        : { mimeType: `${kind}/${rtpmap.encodingName}`, clockRate: rtpmap.clockRate };
    // A video section may use a number of RFC 3551, but not its meaning.
    if (codec === undefined || !codec.mimeType.startsWith(kind)) continue;
    const sdpFmtpLine = parameters.get(payloadType)?.join(";");
    const [own, common] = [feedback.get(payloadType), feedback.get("*")];
    const rtcpFeedback =
      common === undefined ? [...(own ?? [])] : [...new Set([...(own ?? []), ...common])];
    codecs.push(
      shared({
        ...codec,
        ...(kind === "audio" ? { channels: rtpmap?.channels ?? 1 } : {}),
        ...(sdpFmtpLine === undefined ? {} : { sdpFmtpLine }),
        payloadType,
        rtcpFeedback,
      }),
    );
  }
  return codecs;
}

/**
 * One object for all codecs that say the same: each description of a connection repeats those of the one
 * before, and what is computed from a codec is remembered with it.
 */
function shared(codec: NegotiatedCodec): NegotiatedCodec {
  const { payloadType, mimeType, clockRate, channels, sdpFmtpLine, rtcpFeedback } = codec;
  // No part can hold a line break.
  const key = [payloadType, mimeType, clockRate, channels, sdpFmtpLine, ...rtcpFeedback].join("\n");
  const known = SHARED_CODECS.get(key);
  if (known !== undefined) return known;
  Object.freeze(codec);
  if (key.length > MAX_SHARED_LENGTH) return codec;
  if (SHARED_CODECS.size === MAX_SHARED_CODECS) SHARED_CODECS.clear();
  SHARED_CODECS.set(key, codec);
  return codec;
}

/** Each once, in order. */
function payloadTypesOf(section: MediaDescription): ReadonlySet<number> {
  const payloadTypes = new Set<number>();
  for (const format of section.formats) {
    const payloadType = PAYLOAD_TYPE.test(format) ? Number(format) : Number.NaN;
    if (!(payloadType <= MAX_PAYLOAD_TYPE)) continue;
    if (isForbiddenPayloadType(payloadType)) {
      const line = lineOf(section);
      fail(
        `${line}payload type ${payloadType} would look like RTCP on a shared port (RFC 5761 §4)`,
      );
    }
    payloadTypes.add(payloadType);
  }
  return payloadTypes;
}

/** Some peers write one `a=fmtp` for each parameter. */
function readParameters(attributes: readonly Attribute[]): ReadonlyMap<number, readonly string[]> {
  const parameters = new Map<number, string[]>();
  for (const { format, parameters: text } of filterAttributes(attributes, "fmtp")) {
    if (PAYLOAD_TYPE.test(format) && text !== "") pushTo(parameters, Number(format), text);
  }
  return parameters;
}

/** Values by payload type, each once; those under `*` hold for all (RFC 4585 §4.2). */
function readFeedback(
  attributes: readonly Attribute[],
): ReadonlyMap<number | "*", ReadonlySet<string>> {
  const byType = new Map<number | "*", Set<string>>();
  for (const { payloadType, feedback, parameter } of filterAttributes(attributes, "rtcp-fb")) {
    const values = byType.get(payloadType) ?? new Set();
    byType.set(payloadType, values);
    if (values.size === MAX_FEEDBACK_VALUES) continue;
    const value = parameter === undefined ? feedback : `${feedback} ${parameter}`;
    if (value.length <= MAX_FEEDBACK_LENGTH) values.add(value);
  }
  return byType;
}

/** RFC 8285 §5: at the session level a line holds for all sections. */
function readHeaderExtensions(
  attributes: readonly Attribute[],
  sessionAttributes: readonly Attribute[],
): readonly NegotiatedHeaderExtension[] {
  const uriOfId = new Map<number, string>();
  const byUri = new Map<string, NegotiatedHeaderExtension>();
  const lines = [
    ...filterAttributes(attributes, "extmap"),
    ...filterAttributes(sessionAttributes, "extmap"),
  ];
  for (const line of lines) {
    const { id, uri, direction = "sendrecv" } = line;
    if (id > MAX_EXTENSION_ID) continue;
    const other = uriOfId.get(id) ?? uri;
    if (other !== uri) {
      const meanings = `"${quoteLine(other)}" and "${quoteLine(uri)}"`;
      fail(`${lineOf(line)}extension id ${id} stands for ${meanings} (RFC 8285 §5)`);
    }
    uriOfId.set(id, uri);
    if (!byUri.has(uri)) byUri.set(uri, { uri, id, direction });
  }
  return [...byUri.values()];
}

/** `a=msid` (RFC 8830), or what came before it: `a=ssrc:… msid:…`. */
function readStreams(
  attributes: readonly Attribute[],
): Pick<RtpSection, "streams" | "trackId" | "hasMsid"> {
  const written = filterAttributes(attributes, "msid");
  const msids = written.length > 0 ? written : legacyMsidsOf(attributes);
  const streams = new Map<string, { streamId: string; trackId: string | undefined }>();
  for (const { streamId, trackId } of msids) {
    if (streams.size === MAX_STREAMS) break;
    if (streamId !== NO_STREAM && !streams.has(streamId)) {
      streams.set(streamId, { streamId, trackId });
    }
  }
  return {
    streams: [...streams.values()],
    trackId: msids.find(({ trackId }) => trackId !== undefined)?.trackId,
    hasMsid: msids.length > 0,
  };
}

function legacyMsidsOf(
  attributes: readonly Attribute[],
): readonly { readonly streamId: string; readonly trackId?: string }[] {
  return filterAttributes(attributes, "ssrc").flatMap(({ attribute, value }) => {
    if (attribute !== "msid" || value === undefined) return [];
    const [streamId, trackId] = value.trim().split(/\s+/, 2);
    if (streamId === undefined || streamId === "") return [];
    return [trackId === undefined ? { streamId } : { streamId, trackId }];
  });
}

function readSources(
  attributes: readonly Attribute[],
): Pick<RtpSection, "ssrcs" | "ssrcGroups" | "cname"> {
  const sources = filterAttributes(attributes, "ssrc");
  return {
    ssrcs: [...new Set(sources.map(({ ssrc }) => ssrc))],
    ssrcGroups: filterAttributes(attributes, "ssrc-group").map(({ semantics, ssrcs }) => ({
      semantics,
      ssrcs,
    })),
    cname: sources.find(({ attribute }) => attribute === "cname")?.value,
  };
}

function pushTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** `line 12: ` if the node was read from a text. */
function lineOf(node: object): string {
  const line = sourceLineOf(node);
  return line === undefined ? "" : `line ${line.lineNumber}: `;
}

function fail(message: string): never {
  throw new NegotiationError("invalidContent", message);
}
