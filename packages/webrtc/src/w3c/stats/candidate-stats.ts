import type {
  IceCandidate,
  IceRemoteCandidateStatistics,
} from "../../session/session-statistics.ts";
import type { RTCIceServerTransportProtocol } from "../rtc-ice-candidate.ts";
import { presentMembers } from "./present-members.ts";
import type { RTCIceCandidateStats } from "./stats-dictionaries.ts";
import type { StatsContext, StatsGeneration } from "./stats-source.ts";

/** https://w3c.github.io/webrtc-stats/#icecandidate-dict* for a candidate of this side. */
export function localCandidateStats(
  candidate: IceCandidate,
  generation: StatsGeneration,
  context: StatsContext,
): RTCIceCandidateStats {
  const { type, url } = candidate;
  const isFromServer = type === "srflx" || type === "relay";
  return presentMembers<RTCIceCandidateStats>({
    ...commonMembers(candidate, generation, context),
    id: localCandidateIdOf(candidate, generation, context),
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
  generation: StatsGeneration,
  context: StatsContext,
): RTCIceCandidateStats {
  return presentMembers<RTCIceCandidateStats>({
    ...commonMembers(candidate, generation, context),
    id: remoteCandidateIdOf(candidate, generation, context),
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
  generation: StatsGeneration,
  { ids }: StatsContext,
): string {
  const { type, address, port, relatedAddress, relatedPort } = candidate;
  const { transport, localUfrag } = generation;
  return ids.of(
    "I",
    ...[transport.serial, localUfrag, "local", type, address, port, relatedAddress, relatedPort],
  );
}

/** The id of a candidate of the peer: by its address, which stays when more of it becomes known. */
export function remoteCandidateIdOf(
  { address, port }: IceCandidate,
  { transport, localUfrag }: StatsGeneration,
  { ids }: StatsContext,
): string {
  return ids.of("I", transport.serial, localUfrag, "remote", address, port);
}

function commonMembers(
  candidate: IceCandidate,
  generation: StatsGeneration,
  context: StatsContext,
): Pick<
  RTCIceCandidateStats,
  "timestamp" | "transportId" | "port" | "protocol" | "candidateType" | "priority" | "foundation"
> & { usernameFragment: string | undefined; tcpType: RTCIceCandidateStats["tcpType"] | undefined } {
  return {
    timestamp: context.timestamp,
    transportId: context.transportIdOf(generation.transport),
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
