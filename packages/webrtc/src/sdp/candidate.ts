import { UsageError } from "../base/errors.ts";
import { SdpSyntaxError } from "./sdp-syntax-error.ts";
import { rememberSource, sourceLineOf } from "./source-line.ts";
import { hasLineBreak, isIceText, isToken, parseDecimal, splitWords } from "./text-scan.ts";

const MAX_FOUNDATION_LENGTH = 32;
const MAX_COMPONENT = 256;
const MAX_PRIORITY = 2 ** 31 - 1;
const MAX_PORT = 65_535;
/** A domain name cannot be longer (RFC 1035 §2.3.4). */
const MAX_ADDRESS_LENGTH = 255;
/** A candidate line is about 150 characters; the text comes from outside. */
const MAX_CANDIDATE_LENGTH = 4_096;
/** Browsers send up to six. */
const MAX_EXTENSIONS = 32;
/** IPv4, IPv6 (with a zone), or a domain name, `.local` ones included. */
const CONNECTION_ADDRESS = /^[0-9A-Za-z.:%_-]+$/;

/** What follows `candidate:`, in words. */
export const CANDIDATE_GRAMMAR =
  "<foundation, 1 to 32 ice-chars> <component, 1 to 256> <transport> " +
  "<priority, 1 to 2147483647> <address> <port, 0 to 65535> typ <type> " +
  "[raddr <address>] [rport <port>] [<name> <value>]...";

/** An extension of a candidate line, in the order of the line: `generation 0`, `network-cost 10`. */
export type CandidateExtension = { readonly name: string; readonly value: string };

/** An ICE candidate as SDP and `RTCIceCandidateInit.candidate` carry it (RFC 8839 §5.1). */
export type IceCandidateAttribute = {
  /** 1 to 32 ice-chars. */
  readonly foundation: string;
  /** 1 (RTP, and everything multiplexed with it) to 256. */
  readonly component: number;
  /** In lower case: `udp`, `tcp`, or another that an implementation does not know and ignores. */
  readonly transport: string;
  /** 1 to 2^31 - 1. */
  readonly priority: number;
  /** An IP address, a domain name, or an mDNS name that ends in `.local`. */
  readonly address: string;
  /** 0 to 65535; 9 for an active TCP candidate. */
  readonly port: number;
  /** `host`, `srflx`, `prflx`, `relay`, or another that is to be ignored. */
  readonly type: string;
  /** The base of a reflexive candidate, the mapped address of a relayed one. */
  readonly relatedAddress?: string;
  readonly relatedPort?: number;
  /** `active`, `passive` or `so` for TCP (RFC 6544 §4.5). */
  readonly tcpType?: string;
  readonly extensions: readonly CandidateExtension[];
};

/**
 * Reads `candidate:…` as browsers hand it to the application; `a=candidate:…` and the bare value are
 * read too. Throws {@link SdpSyntaxError} (line 1) if it does not follow RFC 8839 §5.1.
 *
 * The empty string, with which browsers announce the end of candidates, is not a candidate.
 */
export function parseCandidate(text: string): IceCandidateAttribute {
  let start = text.startsWith("a=") ? 2 : 0;
  if (text.startsWith("candidate:", start)) start += "candidate:".length;
  else start = 0;
  const value = text.slice(start).trimEnd();
  const candidate =
    value.length > MAX_CANDIDATE_LENGTH || hasLineBreak(value)
      ? undefined
      : parseCandidateValue(value);
  if (!candidate) throw new SdpSyntaxError(1, text, `candidate:${CANDIDATE_GRAMMAR}`);
  return rememberSource(candidate, { lineNumber: 1, text: `candidate:${value}` });
}

/**
 * `candidate:…` without `a=`, as `RTCIceCandidateInit.candidate` has it. What {@link parseCandidate}
 * gave comes out as it went in. Throws `UsageError` (`ERR_RANGE`) if it cannot be written.
 */
export function serializeCandidate(candidate: IceCandidateAttribute): string {
  const source = sourceLineOf(candidate);
  if (source) return source.text.startsWith("a=") ? source.text.slice(2) : source.text;
  const value = formatCandidateValue(candidate);
  if (hasLineBreak(value) || !parseCandidateValue(value)) {
    throw new UsageError("ERR_RANGE", `not a candidate: ${JSON.stringify(candidate)}`);
  }
  return `candidate:${value}`;
}

/** Reads what follows `candidate:`; `undefined` if it is malformed. */
export function parseCandidateValue(value: string): IceCandidateAttribute | undefined {
  const words = splitWords(value);
  const [foundation, componentText, transport, priorityText, address, portText, typ, type] = words;
  const component = parseDecimal(componentText, 1, MAX_COMPONENT);
  const priority = parseDecimal(priorityText, 1, MAX_PRIORITY);
  const port = parseDecimal(portText, 0, MAX_PORT);
  if (component === undefined || priority === undefined || port === undefined) return undefined;
  if (!isIceText(foundation, 1, MAX_FOUNDATION_LENGTH) || !isToken(transport)) return undefined;
  if (!isConnectionAddress(address) || typ?.toLowerCase() !== "typ" || !isToken(type)) {
    return undefined;
  }
  const rest = parseExtensions(words, 8);
  if (!rest) return undefined;
  const transportName = transport.toLowerCase();
  return {
    foundation,
    component,
    transport: transportName,
    priority,
    address,
    port,
    type,
    ...rest,
  };
}

/** What follows `candidate:`, in canonical form. */
export function formatCandidateValue(candidate: IceCandidateAttribute): string {
  const { foundation, component, transport, priority, address, port, type } = candidate;
  let text = `${foundation} ${component} ${transport} ${priority} ${address} ${port} typ ${type}`;
  if (candidate.relatedAddress !== undefined) text += ` raddr ${candidate.relatedAddress}`;
  if (candidate.relatedPort !== undefined) text += ` rport ${candidate.relatedPort}`;
  if (candidate.tcpType !== undefined) text += ` tcptype ${candidate.tcpType}`;
  for (const { name, value } of candidate.extensions) text += ` ${name} ${value}`;
  return text;
}

type CandidateTail = Pick<
  IceCandidateAttribute,
  "relatedAddress" | "relatedPort" | "tcpType" | "extensions"
>;

/** The name and value pairs after the type; the ones with a meaning of their own are taken out. */
function parseExtensions(words: readonly string[], start: number): CandidateTail | undefined {
  const wordCount = words.length - start;
  if (wordCount % 2 !== 0 || wordCount > MAX_EXTENSIONS * 2) return undefined;
  const known: { relatedAddress?: string; relatedPort?: number; tcpType?: string } = {};
  const extensions: CandidateExtension[] = [];
  for (let index = start; index < words.length; index += 2) {
    const name = words[index]!;
    const value = words[index + 1]!;
    if (name === "raddr" && known.relatedAddress === undefined) {
      if (!isConnectionAddress(value)) return undefined;
      known.relatedAddress = value;
    } else if (name === "rport" && known.relatedPort === undefined) {
      const relatedPort = parseDecimal(value, 0, MAX_PORT);
      if (relatedPort === undefined) return undefined;
      known.relatedPort = relatedPort;
    } else if (name === "tcptype" && known.tcpType === undefined) {
      known.tcpType = value;
    } else {
      extensions.push({ name, value });
    }
  }
  return { ...known, extensions };
}

/** True for an IP address or a domain name (RFC 8839 §5.1); whether there is such a host is not asked. */
export function isConnectionAddress(text: string | undefined): text is string {
  return text !== undefined && text.length <= MAX_ADDRESS_LENGTH && CONNECTION_ADDRESS.test(text);
}
