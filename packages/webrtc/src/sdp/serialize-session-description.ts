import { UsageError } from "../base/errors.ts";
import type { Attribute } from "./attribute.ts";
import { attributeName, codecOf } from "./attribute-table.ts";
import type { KnownAttribute } from "./attribute-table.ts";
import type {
  Bandwidth,
  Connection,
  MediaDescription,
  Origin,
  SessionDescription,
} from "./session-description.ts";
import { parseBandwidth, parseConnection, parseOrigin, parseTiming } from "./parse-line.ts";
import { parseMediaLine } from "./parse-media-section.ts";
import { quoteLine, SdpSyntaxError } from "./sdp-syntax-error.ts";
import { sourceLineOf } from "./source-line.ts";
import type { SourceLine } from "./source-line.ts";
import { hasLineBreak } from "./text-scan.ts";

const LINE_END = "\r\n";

/** What was written and cannot change any more: the sections of a large offer share most of their lines. */
const LINES = new WeakMap<Attribute, string>();

/**
 * Writes a description with CRLF line ends (RFC 8866 §9). What was parsed and not changed comes out
 * as it went in; what a program built comes out in canonical form.
 *
 * Throws `UsageError` (`ERR_RANGE`) for a value that could not be read back: a line break within a
 * line, a mid with a space in it, a description without timing.
 */
export function serializeSessionDescription(description: SessionDescription): string {
  const lines = ["v=0", originLine(description.origin), `s=${description.name}`];
  if (description.name === "")
    throw new UsageError("ERR_RANGE", 'the session name is empty: use "-"');
  pushOptional(lines, "i", description.information);
  pushOptional(lines, "u", description.uri);
  for (const email of description.emails ?? []) lines.push(`e=${email}`);
  for (const phone of description.phones ?? []) lines.push(`p=${phone}`);
  if (description.connection) lines.push(connectionLine(description.connection));
  for (const bandwidth of description.bandwidths ?? []) lines.push(bandwidthLine(bandwidth));
  pushTimings(lines, description);
  pushOptional(lines, "z", description.timeZones);
  pushOptional(lines, "k", description.key);
  for (const attribute of description.attributes) lines.push(serializeAttribute(attribute));
  for (const media of description.media) pushMediaSection(lines, media);
  for (const line of lines) checkLine(line);
  return lines.join(LINE_END) + LINE_END;
}

/**
 * One attribute as a line, `a=mid:0`, without a line end. Throws `UsageError` (`ERR_RANGE`) if it
 * could not be read back.
 */
export function serializeAttribute(attribute: Attribute): string {
  const source = sourceLineOf(attribute);
  if (source) return source.text;
  if (!Object.isFrozen(attribute)) return canonicalLine(attribute);
  let line = LINES.get(attribute);
  if (line === undefined) {
    line = canonicalLine(attribute);
    LINES.set(attribute, line);
  }
  return line;
}

function canonicalLine(attribute: Attribute): string {
  const name = attributeName(attribute);
  const value = attribute.kind === "other" ? attribute.value : canonicalValue(attribute, name);
  if (name === "" || name.includes(":")) {
    throw new UsageError("ERR_RANGE", `not an attribute name: "${quoteLine(name)}"`);
  }
  const line = value === undefined ? `a=${name}` : `a=${name}:${value}`;
  checkLine(line);
  return line;
}

/** Asks the decoder whether it would take what the encoder wrote: neither can be trusted alone. */
function canonicalValue(attribute: KnownAttribute, name: string): string | undefined {
  const codec = codecOf(attribute);
  const value = codec.serialize(attribute);
  if (!codec.parse(value, name)) {
    const line = quoteLine(value === undefined ? `a=${name}` : `a=${name}:${value}`);
    throw new UsageError("ERR_RANGE", `cannot write "${line}": a=${codec.grammar}`);
  }
  return value;
}

function pushMediaSection(lines: string[], media: MediaDescription): void {
  lines.push(mediaLine(media));
  pushOptional(lines, "i", media.information);
  if (media.connection) lines.push(connectionLine(media.connection));
  for (const connection of media.moreConnections ?? []) lines.push(connectionLine(connection));
  for (const bandwidth of media.bandwidths ?? []) lines.push(bandwidthLine(bandwidth));
  pushOptional(lines, "k", media.key);
  for (const attribute of media.attributes) lines.push(serializeAttribute(attribute));
}

function mediaLine(media: MediaDescription): string {
  const { kind, port, portCount, protocol, formats } = media;
  const ports = portCount === undefined ? String(port) : `${port}/${portCount}`;
  return lineOf(media, `m=${kind} ${ports} ${protocol} ${formats.join(" ")}`, parseMediaLine);
}

function pushTimings(lines: string[], { timings }: SessionDescription): void {
  if (timings.length === 0) throw new UsageError("ERR_RANGE", "a description needs a timing");
  for (const timing of timings) {
    lines.push(lineOf(timing, `t=${timing.start} ${timing.stop}`, parseTiming));
    for (const repeat of timing.repeats ?? []) lines.push(`r=${repeat}`);
  }
}

function originLine(origin: Origin): string {
  const { username, sessionId, sessionVersion, networkType, addressType, address } = origin;
  const session = `${username} ${sessionId} ${sessionVersion}`;
  return lineOf(origin, `o=${session} ${networkType} ${addressType} ${address}`, parseOrigin);
}

function connectionLine(connection: Connection): string {
  const { networkType, addressType, address } = connection;
  return lineOf(connection, `c=${networkType} ${addressType} ${address}`, parseConnection);
}

function bandwidthLine(bandwidth: Bandwidth): string {
  return lineOf(bandwidth, `b=${bandwidth.type}:${bandwidth.value}`, parseBandwidth);
}

/** The text that `node` was read from, else `canonical`, which must be readable. */
function lineOf(node: object, canonical: string, parse: (line: SourceLine) => unknown): string {
  const source = sourceLineOf(node);
  if (source) return source.text;
  checkLine(canonical);
  try {
    parse({ lineNumber: 0, text: canonical });
  } catch (error) {
    if (!(error instanceof SdpSyntaxError)) throw error;
    throw new UsageError("ERR_RANGE", `cannot write "${error.line}": ${error.expected}`);
  }
  return canonical;
}

function pushOptional(lines: string[], type: string, value: string | undefined): void {
  if (value !== undefined) lines.push(`${type}=${value}`);
}

/** A line break in a value would let whoever chose the value write lines of their own. */
function checkLine(line: string): void {
  if (hasLineBreak(line)) {
    throw new UsageError(
      "ERR_RANGE",
      `a line cannot hold a line break or NUL: "${quoteLine(line)}"`,
    );
  }
}
