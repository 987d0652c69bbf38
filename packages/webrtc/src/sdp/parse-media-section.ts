import { AttributeListParser } from "./attribute-list-parser.ts";
import type { LineReader } from "./line-reader.ts";
import { malformed, parseBandwidth, parseConnection, valueOf } from "./parse-line.ts";
import type { SdpLimits } from "./sdp-limits.ts";
import { SdpSyntaxError } from "./sdp-syntax-error.ts";
import type { Bandwidth, Connection, MediaDescription } from "./session-description.ts";
import type { SourceLine } from "./source-line.ts";
import { rememberSource } from "./source-line.ts";
import { isToken, parseDecimal, splitWords } from "./text-scan.ts";

const MAX_PORT = 65_535;
const MAX_PORT_COUNT = 65_535;
/** There are 128 payload types. */
const MAX_FORMATS = 256;
const PROTOCOL = /^[A-Za-z0-9.+_-]+(?:\/[A-Za-z0-9.+_-]+)*$/;

/** What the `m=` line itself says. */
export type MediaLine = Pick<
  MediaDescription,
  "kind" | "port" | "portCount" | "protocol" | "formats"
>;

/** What stands below the `m=` line. */
type MediaLines = {
  information?: string;
  connection?: Connection;
  moreConnections?: Connection[];
  bandwidths?: Bandwidth[];
  key?: string;
};

/**
 * Reads one media section (RFC 8866 §5.14); the current line is its `m=`. `linesOfMids` has the line
 * of every mid of the document so far.
 *
 * The order of the lines below `m=` is not enforced: applications that edit descriptions put `b=`
 * behind `a=mid`, and browsers take it. They are written back in the order of the RFC.
 */
export function parseMediaSection(
  reader: LineReader,
  limits: SdpLimits,
  linesOfMids: Map<string, number>,
): MediaDescription {
  const mediaLine = reader.take();
  const head = parseMediaLine(mediaLine);
  const lines: MediaLines = {};
  const list = new AttributeListParser("media", limits);
  for (;;) {
    if (reader.peekType() === "a") {
      const line = reader.take();
      const attribute = list.add(line);
      if (attribute.kind === "mid") checkMid(attribute.mid, line, linesOfMids);
    } else if (!addMediaLine(lines, reader)) {
      break;
    }
  }
  return rememberSource({ ...head, ...lines, attributes: list.attributes }, mediaLine);
}

/** `m=<media> <port>[/<count>] <protocol> <format>...` (RFC 8866 §5.14). Throws {@link SdpSyntaxError}. */
export function parseMediaLine(line: SourceLine): MediaLine {
  const [kind, portText, protocol, ...formats] = splitWords(valueOf(line));
  const [firstPort, countText, ...rest] = (portText ?? "").split("/");
  const port = parseDecimal(firstPort, 0, MAX_PORT);
  const portCount = parseDecimal(countText, 1, MAX_PORT_COUNT);
  const isPortSound = port !== undefined && rest.length === 0;
  const isCountSound = countText === undefined || portCount !== undefined;
  if (
    !isPortSound ||
    !isCountSound ||
    !isToken(kind) ||
    protocol === undefined ||
    !PROTOCOL.test(protocol) ||
    formats.length === 0 ||
    formats.length > MAX_FORMATS ||
    !formats.every(isToken)
  ) {
    throw malformed(line, "m=<media> <port, 0 to 65535> <protocol> <format>...");
  }
  return portCount === undefined
    ? { kind, port, protocol, formats }
    : { kind, port, portCount, protocol, formats };
}

/** Takes a line that is no attribute; false if the section has ended. */
function addMediaLine(lines: MediaLines, reader: LineReader): boolean {
  switch (reader.peekType()) {
    case "i":
      if (lines.information !== undefined) throw reader.unexpected('only one "i=" in a section');
      lines.information = valueOf(reader.take());
      return true;
    case "c": {
      const connection = parseConnection(reader.take());
      if (lines.connection) (lines.moreConnections ??= []).push(connection);
      else lines.connection = connection;
      return true;
    }
    case "b":
      (lines.bandwidths ??= []).push(parseBandwidth(reader.take()));
      return true;
    case "k":
      if (lines.key !== undefined) throw reader.unexpected('only one "k=" in a section');
      lines.key = valueOf(reader.take());
      return true;
    default:
      return false;
  }
}

/** RFC 5888 §4: a mid names one section of the document. */
function checkMid(mid: string, line: SourceLine, linesOfMids: Map<string, number>): void {
  const firstLine = linesOfMids.get(mid);
  if (firstLine !== undefined) {
    const expected = `a mid of its own: the section of line ${firstLine} has it already`;
    throw new SdpSyntaxError(line.lineNumber, line.text, expected);
  }
  linesOfMids.set(mid, line.lineNumber);
}
