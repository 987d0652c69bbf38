import { ipFamilyOf } from "../base/ip-address.ts";

const UDP_HEADER_BYTES = 8;
const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;

/** A UDP datagram on its way through a virtual network. NATs make a new one with other addresses. */
export type VirtualPacket = {
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
  readonly bytes: Uint8Array;
};

/** What the packet takes on a link: payload, UDP header and IP header. */
export function wireBytesOf(packet: VirtualPacket): number {
  const isIpv6 = ipFamilyOf(packet.destinationAddress) === "IPv6";
  return (
    packet.bytes.byteLength + UDP_HEADER_BYTES + (isIpv6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES)
  );
}

/** `192.0.2.1:5000` or `[2001:db8::1]:5000`. */
export function formatAddress(address: string, port: number): string {
  return ipFamilyOf(address) === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The four things that make a flow, for people and for traces. */
export function formatFlow(packet: VirtualPacket): string {
  const source = formatAddress(packet.sourceAddress, packet.sourcePort);
  return `${source} > ${formatAddress(packet.destinationAddress, packet.destinationPort)}`;
}
