import { AttributeListParser } from "./attribute-list-parser.ts";
import { LineReader } from "./line-reader.ts";
import { parseMediaSection } from "./parse-media-section.ts";
import {
  parseBandwidth,
  parseConnection,
  parseOrigin,
  parseTiming,
  valueOf,
} from "./parse-line.ts";
import type { SdpLimits } from "./sdp-limits.ts";
import { DEFAULT_SDP_LIMITS } from "./sdp-limits.ts";
import { freezeDeep } from "./source-line.ts";
import type {
  Bandwidth,
  MediaDescription,
  SessionDescription,
  Timing,
} from "./session-description.ts";

const SESSION_LINE_ORDER = "vosiuepcbtrzkam";

/**
 * Reads a session description (RFC 8866 §9). Throws `SdpSyntaxError` with the line, its number and
 * what was expected; nothing else.
 *
 * As browsers do, it takes LF for CRLF, more spaces than the grammar has, and `i=`, `c=`, `b=`, `k=`
 * after the attributes of a media section. What it does not know it keeps. The objects of the result
 * are frozen: change a description by building a new one, `{ ...description, media: [...] }`.
 */
export function parseSessionDescription(
  text: string,
  limits: Partial<SdpLimits> = {},
): SessionDescription {
  const allLimits = { ...DEFAULT_SDP_LIMITS, ...limits };
  const reader = new LineReader(text, allLimits);
  const session = parseSessionLevel(reader, allLimits);
  const media = parseMediaSections(reader, allLimits);
  return freezeDeep({ ...session, media });
}

/** The lines before the first `m=`, in their fixed order. */
function parseSessionLevel(
  reader: LineReader,
  limits: SdpLimits,
): Omit<SessionDescription, "media"> {
  if (reader.peekType() !== "v" || valueOf(reader.current!) !== "0") {
    throw reader.unexpected('"v=0"');
  }
  reader.take();
  const origin = parseOrigin(take(reader, "o"));
  if (reader.peekType() !== "s" || valueOf(reader.current!) === "") {
    throw reader.unexpected('"s=<name>", "s=-" if there is none');
  }
  const name = valueOf(reader.take());
  const information = takeOptional(reader, "i");
  const uri = takeOptional(reader, "u");
  const emails = takeAll(reader, "e");
  const phones = takeAll(reader, "p");
  const connection = reader.peekType() === "c" ? parseConnection(reader.take()) : undefined;
  const bandwidths: Bandwidth[] = [];
  while (reader.peekType() === "b") bandwidths.push(parseBandwidth(reader.take()));
  const timings: Timing[] = [];
  do {
    const timing = take(reader, "t");
    timings.push(parseTiming(timing, takeAll(reader, "r")));
  } while (reader.peekType() === "t");
  const timeZones = takeOptional(reader, "z");
  const key = takeOptional(reader, "k");
  const list = new AttributeListParser("session", limits);
  while (reader.peekType() === "a") list.add(reader.take());
  return {
    origin,
    name,
    ...(information === undefined ? {} : { information }),
    ...(uri === undefined ? {} : { uri }),
    ...(emails.length === 0 ? {} : { emails }),
    ...(phones.length === 0 ? {} : { phones }),
    ...(connection === undefined ? {} : { connection }),
    ...(bandwidths.length === 0 ? {} : { bandwidths }),
    timings,
    ...(timeZones === undefined ? {} : { timeZones }),
    ...(key === undefined ? {} : { key }),
    attributes: list.attributes,
  };
}

function parseMediaSections(reader: LineReader, limits: SdpLimits): MediaDescription[] {
  const media: MediaDescription[] = [];
  const linesOfMids = new Map<string, number>();
  while (reader.peekType() === "m") {
    if (media.length >= limits.maxMediaSections) {
      throw reader.unexpected(`at most ${limits.maxMediaSections} media sections`);
    }
    media.push(parseMediaSection(reader, limits, linesOfMids));
  }
  if (reader.peekType() !== "")
    throw reader.unexpected(describeOrder(reader.peekType(), media.length > 0));
  return media;
}

/** Takes the current line, which must be of `type`. */
function take(reader: LineReader, type: string): ReturnType<LineReader["take"]> {
  if (reader.peekType() !== type) {
    const isKnown = reader.peekType() !== "" && SESSION_LINE_ORDER.includes(reader.peekType());
    throw reader.unexpected(isKnown ? `"${type}=" (RFC 8866 §5 fixes the order)` : `"${type}="`);
  }
  return reader.take();
}

function takeOptional(reader: LineReader, type: string): string | undefined {
  return reader.peekType() === type ? valueOf(reader.take()) : undefined;
}

function takeAll(reader: LineReader, type: string): string[] {
  const values: string[] = [];
  while (reader.peekType() === type) values.push(valueOf(reader.take()));
  return values;
}

/** Why a line of `type` cannot stand behind what was read so far. */
function describeOrder(type: string, isInMedia: boolean): string {
  const place = isInMedia ? "in a media section" : "after the lines above it";
  return SESSION_LINE_ORDER.includes(type)
    ? `"a=" or "m=": "${type}=" cannot stand ${place} (RFC 8866 §5 fixes the order)`
    : `"a=" or "m=": the line type "${type}" is not known (RFC 8866 §5)`;
}
