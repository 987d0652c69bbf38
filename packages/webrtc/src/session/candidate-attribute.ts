import type { IceCandidate, IceTcpType } from "../ice/ice-candidate.ts";
import type { IceCandidateAttribute } from "../sdp/index.ts";

export type { IceCandidate } from "../ice/ice-candidate.ts";

const TYPES: readonly string[] = [
  "host",
  "srflx",
  "prflx",
  "relay",
] satisfies IceCandidate["type"][];
const TCP_TYPES: readonly string[] = ["active", "passive", "so"] satisfies IceTcpType[];

/**
 * A candidate of the peer's description as ICE takes it; `undefined` if it is of a kind that nobody
 * here can use: another component than 1, another transport than UDP and TCP, an unknown type. Such
 * candidates are to be ignored (RFC 8839 §5.1).
 */
export function toIceCandidate(attribute: IceCandidateAttribute): IceCandidate | undefined {
  const { component, transport, type, tcpType, extensions } = attribute;
  if (component !== 1 || (transport !== "udp" && transport !== "tcp") || !isType(type))
    return undefined;
  const ufrag = extensions.find(({ name }) => name === "ufrag")?.value;
  return {
    foundation: attribute.foundation,
    component,
    transport,
    priority: attribute.priority,
    address: attribute.address,
    port: attribute.port,
    type,
    ...(attribute.relatedAddress === undefined ? {} : { relatedAddress: attribute.relatedAddress }),
    ...(attribute.relatedPort === undefined ? {} : { relatedPort: attribute.relatedPort }),
    ...(isTcpType(tcpType) ? { tcpType } : {}),
    ...(ufrag === undefined ? {} : { ufrag }),
  };
}

/** A candidate of ICE as a description carries it (RFC 8839 §5.1), with its generation (RFC 8838 §11). */
export function toCandidateAttribute(candidate: IceCandidate): IceCandidateAttribute {
  const { foundation, component, transport, priority, address, port, type } = candidate;
  return {
    foundation,
    component,
    transport,
    priority,
    address,
    port,
    type,
    ...(candidate.relatedAddress === undefined ? {} : { relatedAddress: candidate.relatedAddress }),
    ...(candidate.relatedPort === undefined ? {} : { relatedPort: candidate.relatedPort }),
    ...(candidate.tcpType === undefined ? {} : { tcpType: candidate.tcpType }),
    extensions: candidate.ufrag === undefined ? [] : [{ name: "ufrag", value: candidate.ufrag }],
  };
}

function isType(type: string): type is IceCandidate["type"] {
  return TYPES.includes(type);
}

function isTcpType(type: string | undefined): type is IceTcpType {
  return type !== undefined && TCP_TYPES.includes(type);
}
