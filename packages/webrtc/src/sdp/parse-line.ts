import { SdpSyntaxError } from "./sdp-syntax-error.ts";
import type { Bandwidth, Connection, Origin, Timing } from "./session-description.ts";
import type { SourceLine } from "./source-line.ts";
import { rememberSource } from "./source-line.ts";
import { isToken, parseDecimal, splitWords } from "./text-scan.ts";

const VALUE_START = "v=".length;
const WHOLE_NUMBER = /^[0-9]{1,20}$/;

/** What follows `<type>=`. */
export function valueOf(line: SourceLine): string {
  return line.text.slice(VALUE_START);
}

/** `o=<username> <session id> <version> IN <IP4 or IP6> <address>` (RFC 8866 §5.2). */
export function parseOrigin(line: SourceLine): Origin {
  const words = splitWords(valueOf(line));
  const [username, sessionId, sessionVersion, networkType, addressType, address] = words;
  const isSound =
    words.length === 6 && WHOLE_NUMBER.test(sessionId!) && WHOLE_NUMBER.test(sessionVersion!);
  if (!isSound) {
    throw malformed(line, "o=<username> <session id> <version> IN <IP4 or IP6> <address>");
  }
  return rememberSource(
    {
      username: username!,
      sessionId: sessionId!,
      sessionVersion: sessionVersion!,
      networkType: networkType!,
      addressType: addressType!,
      address: address!,
    },
    line,
  );
}

/** `c=IN <IP4 or IP6> <address>` (RFC 8866 §5.7). */
export function parseConnection(line: SourceLine): Connection {
  const [networkType, addressType, address, ...rest] = splitWords(valueOf(line));
  if (!isToken(networkType) || !isToken(addressType) || address === undefined || rest.length > 0) {
    throw malformed(line, "c=IN <IP4 or IP6> <address>");
  }
  return rememberSource({ networkType, addressType, address }, line);
}

/** `b=<type>:<number>` (RFC 8866 §5.8). */
export function parseBandwidth(line: SourceLine): Bandwidth {
  const text = valueOf(line).trimEnd();
  const colon = text.indexOf(":");
  const type = text.slice(0, Math.max(colon, 0));
  const value = parseDecimal(text.slice(colon + 1), 0, Number.MAX_SAFE_INTEGER);
  if (!isToken(type) || value === undefined) throw malformed(line, "b=<type>:<number>");
  return rememberSource({ type, value }, line);
}

/** `t=<start> <stop>` (RFC 8866 §5.9) with the values of its `r=` lines. */
export function parseTiming(line: SourceLine, repeats: readonly string[] = []): Timing {
  const [start, stop, ...rest] = splitWords(valueOf(line));
  const isSound =
    start !== undefined &&
    WHOLE_NUMBER.test(start) &&
    stop !== undefined &&
    WHOLE_NUMBER.test(stop);
  if (!isSound || rest.length > 0) throw malformed(line, "t=<start> <stop>, in WebRTC t=0 0");
  return rememberSource(repeats.length === 0 ? { start, stop } : { start, stop, repeats }, line);
}

/** The error that `line` is not of the form `grammar`. */
export function malformed(line: SourceLine, grammar: string): SdpSyntaxError {
  return new SdpSyntaxError(line.lineNumber, line.text, grammar);
}
