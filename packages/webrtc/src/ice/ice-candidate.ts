/** Where a candidate's address comes from (RFC 8445 §4). */
export type IceCandidateType = "host" | "srflx" | "prflx" | "relay";

/** RFC 6544 §4.5; tells who opens the TCP connection. */
export type IceTcpType = "active" | "passive" | "so";

/** What `a=candidate` says (RFC 8839 §5.1). Addresses are canonical text without brackets. */
export type IceCandidate = {
  /** Same for candidates that will probably behave alike (RFC 8445 §5.1.1.3). */
  readonly foundation: string;
  /** RTP and RTCP always share one component here. */
  readonly component: 1;
  readonly transport: "udp" | "tcp";
  /** 1 to 2^31 - 1. */
  readonly priority: number;
  /** An IP address, or a name ending in `.local` from a peer that hides its addresses. */
  readonly address: string;
  readonly port: number;
  readonly type: IceCandidateType;
  /** For all but host candidates: the base, or the mapped address of a relayed one. */
  readonly relatedAddress?: string;
  readonly relatedPort?: number;
  readonly tcpType?: IceTcpType;
  /** Says which generation of credentials the candidate belongs to (RFC 8838 §11). */
  readonly ufrag?: string;
  /** The server that gave a local srflx or relay candidate. Not part of the wire format. */
  readonly url?: string;
};

/** `address:port` as people read it, with brackets around IPv6. */
export function addressText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
