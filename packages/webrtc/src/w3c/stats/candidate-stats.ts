import type {
  IceCandidate,
  IceRemoteCandidateStatistics,
  TransportStatistics,
} from "../../session/session-statistics.ts";
import type { RTCIceServerTransportProtocol } from "../rtc-ice-candidate.ts";
import { presentMembers } from "./present-members.ts";
import type { RTCIceCandidateStats } from "./stats-dictionaries.ts";
import type { StatsContext } from "./stats-source.ts";

/** https://w3c.github.io/webrtc-stats/#icecandidate-dict* for a candidate of this side. */
export function localCandidateStats(
  candidate: IceCandidate,
  transport: TransportStatistics,
  context: StatsContext,
): RTCIceCandidateStats {
  const { type, url } = candidate;
  const isFromServer = type === "srflx" || type === "relay";
  return presentMembers<RTCIceCandidateStats>({
    ...commonMembers(candidate, transport, context),
    id: localCandidateIdOf(candidate, transport, context),
    type: "local-candidate",
    address: candidate.address,
    url: isFromServer ? url : undefined,
    relayProtocol: type === "relay" ? relayProtocolOf(url) : undefined,
    relatedAddress: candidate.relatedAddress,
    relatedPort: candidate.relatedPort,
  });
}

/**
 * The same for a candidate of the peer. Neither `url` nor `relayProtocol`, and an address only if the
 * application has brought it: a peer-reflexive one may be what the peer wanted to hide.
 */
export function remoteCandidateStats(
  { candidate, isAddressSignaled }: IceRemoteCandidateStatistics,
  transport: TransportStatistics,
  context: StatsContext,
): RTCIceCandidateStats {
  return presentMembers<RTCIceCandidateStats>({
    ...commonMembers(candidate, transport, context),
    id: remoteCandidateIdOf(candidate, transport, context),
    type: "remote-candidate",
    address: isAddressSignaled ? candidate.address : null,
    url: undefined,
    relayProtocol: undefined,
    relatedAddress: candidate.relatedAddress,
    relatedPort: candidate.relatedPort,
  });
}

/** The id of a candidate of this side: by what it is, of one generation of one transport. */
export function localCandidateIdOf(
  candidate: IceCandidate,
  transport: TransportStatistics,
  { ids }: StatsContext,
): string {
  const { type, address, port, relatedAddress, relatedPort } = candidate;
  const { localUfrag } = transport.ice;
  return ids.of(
    "I",
    ...[transport.serial, localUfrag, "local", type, address, port, relatedAddress, relatedPort],
  );
}

/** The id of a candidate of the peer: by its address, which stays when more of it becomes known. */
export function remoteCandidateIdOf(
  { address, port }: IceCandidate,
  transport: TransportStatistics,
  { ids }: StatsContext,
): string {
  return ids.of("I", transport.serial, transport.ice.localUfrag, "remote", address, port);
}

function commonMembers(
  candidate: IceCandidate,
  transport: TransportStatistics,
  context: StatsContext,
): Pick<
  RTCIceCandidateStats,
  "timestamp" | "transportId" | "port" | "protocol" | "candidateType" | "priority" | "foundation"
> & { usernameFragment: string | undefined; tcpType: RTCIceCandidateStats["tcpType"] | undefined } {
  return {
    timestamp: context.timestamp,
    transportId: context.transportIdOf(transport),
    port: candidate.port,
    protocol: candidate.transport,
    candidateType: candidate.type,
    priority: candidate.priority,
    foundation: candidate.foundation,
    usernameFragment: candidate.ufrag,
    tcpType: candidate.tcpType,
  };
}

/** How this side speaks to a TURN server, as its URL says (RFC 7065 §3.1). */
function relayProtocolOf(url: string | undefined): RTCIceServerTransportProtocol | undefined {
  if (url === undefined) return undefined;
  if (url.startsWith("turns:")) return "tls";
  return url.endsWith("?transport=tcp") ? "tcp" : "udp";
}
