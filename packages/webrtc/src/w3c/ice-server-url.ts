import type { Logger } from "../base/log.ts";

/** What an ICE server URL says (RFC 7064 §3.1, RFC 7065 §3.1). */
export type IceServerUrl = {
  readonly scheme: "stun" | "stuns" | "turn" | "turns";
  /** A domain name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly transport: "udp" | "tcp";
  /** As the application wrote it. */
  readonly url: string;
};

/** A server that answers STUN Binding requests over UDP. */
export type StunServer = { readonly address: string; readonly port: number; readonly url: string };

/** Of an URL that is refused, in its error. */
const MAX_QUOTED_LENGTH = 200;
const DEFAULT_PORTS = { stun: 3478, stuns: 5349, turn: 3478, turns: 5349 } as const;

/**
 * https://w3c.github.io/webrtc-pc/#validate-an-ice-server-url. Throws a `DOMException`
 * ("SyntaxError") that quotes the URL and says what is wrong with it.
 */
export function parseIceServerUrl(url: string): IceServerUrl {
  const parsed = parseOrUndefined(url);
  // Step 2
  const scheme = parsed?.protocol.slice(0, -1);
  if (parsed === undefined || !isIceScheme(scheme))
    throw invalid(url, "it must begin with stun:, stuns:, turn: or turns:");
  if (/^[a-z]+:\//i.test(url.trim())) throw invalid(url, `write ${scheme}:host, without slashes`);
  if (/[/@]/.test(parsed.pathname))
    throw invalid(url, 'it must not contain "/" or "@"; credentials have members of their own');
  if (url.includes("#")) throw invalid(url, "it must not have a fragment");
  const isStun = scheme === "stun" || scheme === "stuns";
  if (isStun && url.includes("?")) throw invalid(url, `${scheme}: takes no query`);
  // Steps 4 to 6
  const hostAndPort = parseOrUndefined(`https://${parsed.pathname}`);
  if (hostAndPort === undefined || hostAndPort.pathname !== "/")
    throw invalid(url, "there is no valid host and port");
  // Step 7; the parser does not tell an empty query from none.
  const hasQuery = url.includes("?");
  if (hasQuery && !["?transport=udp", "?transport=tcp"].includes(parsed.search)) {
    throw invalid(url, "the query must be ?transport=udp or ?transport=tcp");
  }
  const isTls = scheme === "stuns" || scheme === "turns";
  const transport =
    parsed.search === "?transport=tcp" || (isTls && parsed.search === "") ? "tcp" : "udp";
  return {
    scheme,
    host: hostAndPort.hostname.replace(/^\[|\]$/g, ""),
    port: portOf(parsed.pathname) ?? DEFAULT_PORTS[scheme],
    transport,
    url,
  };
}

/**
 * The servers that can tell a server-reflexive address: STUN over UDP, and TURN servers over UDP, which
 * answer the same question (RFC 8656 §3).
 */
export function stunServersOf(urls: readonly IceServerUrl[]): readonly StunServer[] {
  return urls
    .filter(({ transport }) => transport === "udp")
    .map(({ host, port, url }) => ({ address: host, port, url }));
}

/** Says of each server that is not used, or not for all that it is for, that this is so. */
export function warnOfUnusedServers(urls: readonly IceServerUrl[], logger: Logger): void {
  for (const { scheme, transport, url } of urls) {
    const isRelay = scheme === "turn" || scheme === "turns";
    if (isRelay && transport === "udp")
      logger.warn(
        `${JSON.stringify(url)}: relaying through TURN is not supported yet; used for STUN only`,
      );
    else if (transport !== "udp")
      logger.warn(
        `${JSON.stringify(url)}: servers over TCP and TLS are not supported yet; ignored`,
      );
  }
}

function isIceScheme(scheme: string | undefined): scheme is IceServerUrl["scheme"] {
  return scheme !== undefined && Object.hasOwn(DEFAULT_PORTS, scheme);
}

/** From the text: the URL parser drops a port that is the default of the scheme it was given. */
function portOf(hostAndPort: string): number | undefined {
  const digits = /:(\d+)$/.exec(hostAndPort)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function parseOrUndefined(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

function invalid(url: string, problem: string): DOMException {
  return new DOMException(
    `"${url.slice(0, MAX_QUOTED_LENGTH)}" is not an ICE server URL: ${problem}`,
    "SyntaxError",
  );
}
