import type { CandidateInfo, PeerConnection } from "./platform.ts";

/** One end of a path, in words: what a person wants to see of a candidate. */
export type CandidateSummary = {
  /** `host`, `srflx`, `prflx` or `relay` (RFC 8445 §5.1.1). */
  readonly type: string;
  /** `udp` or `tcp`. */
  readonly protocol: string;
  /** An IP address, or an mDNS name ending in `.local`. */
  readonly address: string;
  readonly port: number;
};

/** The path that ICE chose. */
export type PairSummary = { readonly local: CandidateSummary; readonly remote: CandidateSummary };

/**
 * Reads a candidate attribute, `candidate:… 1 udp … 192.0.2.1 5000 typ host …` (RFC 8839 §5.1);
 * `undefined` for anything else.
 */
export function summariseCandidate(line: string): CandidateSummary | undefined {
  const words = line
    .replace(/^(?:a=)?candidate:/, "")
    .trim()
    .split(/\s+/, 8);
  const [, , protocol, , address, port, keyword, type] = words;
  if (!protocol || !address || !port || keyword !== "typ" || !type) return undefined;
  if (!/^\d{1,5}$/.test(port)) return undefined;
  return { type, protocol: protocol.toLowerCase(), address, port: Number(port) };
}

/** `192.0.2.1:5000 udp host`, with brackets around an IPv6 address. */
export function formatCandidate(candidate: CandidateSummary): string {
  const { address, port, protocol, type } = candidate;
  const host = address.includes(":") ? `[${address}]` : address;
  return `${host}:${port} ${protocol} ${type}`;
}

/** The chosen pair of `connection`, or `undefined` while there is none or the platform does not tell. */
export function selectedPairOf(connection: PeerConnection): PairSummary | undefined {
  const iceTransport = connection.sctp?.transport.iceTransport;
  const pair = iceTransport?.getSelectedCandidatePair?.();
  const local = pair?.local && summariseInfo(pair.local);
  const remote = pair?.remote && summariseInfo(pair.remote);
  return local && remote ? { local, remote } : undefined;
}

function summariseInfo(info: CandidateInfo): CandidateSummary | undefined {
  const { type, protocol, address, port } = info;
  if (type && protocol && address && typeof port === "number") {
    // Chromium puts brackets around the IPv6 address of a remote candidate.
    const bare = address.replace(/^\[(.*)\]$/, "$1");
    return { type, protocol: protocol.toLowerCase(), address: bare, port };
  }
  return summariseCandidate(info.candidate);
}
