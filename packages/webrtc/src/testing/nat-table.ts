import type { TransportAddress } from "../base/datagram.ts";
import { UsageError } from "../base/errors.ts";
import { ipFamilyOf } from "../base/ip-address.ts";
import type { Random } from "../base/random.ts";
import type { NatBehaviour, NatDependence } from "./nat-behaviour.ts";
import type { DropReason } from "./packet-trace.ts";
import type { VirtualPacket } from "./virtual-packet.ts";

/** An external address and port that stands for an internal one. */
export type NatMapping = {
  readonly internalAddress: string;
  readonly internalPort: number;
  readonly externalAddress: string;
  readonly externalPort: number;
  /** When it was last refreshed. */
  refreshedAtMs: number;
  /** Whom the internal side has sent to, and when last: by address, or by address and port. */
  readonly contacts: Map<string, number>;
};

/** What a NAT does with a packet. */
export type NatVerdict =
  | { readonly kind: "forwarded"; readonly packet: VirtualPacket }
  | { readonly kind: "dropped"; readonly reason: DropReason };

/**
 * The table of a NAT as RFC 4787 describes it: no sockets, no clock; it turns one packet into another.
 *
 * The filter remembers contacts per mapping, as connection tracking does, so a NAT with
 * endpoint-dependent mapping lets in only what comes to the port that the contact was made from. No
 * two mappings ever share an external port (REQ-3).
 */
export class NatTable {
  readonly #behaviour: NatBehaviour;
  readonly #externalAddresses: readonly string[];
  readonly #routedAddresses: ReadonlySet<string>;
  readonly #random: Random;
  readonly #byFlow = new Map<string, NatMapping>();
  readonly #byExternal = new Map<string, NatMapping>();
  readonly #pairedAddresses = new Map<string, string>();
  #nextPort: number;
  #nextPairedIndex = 0;

  /** `routedAddresses` are inside addresses that go out as they are: filtered, not translated. */
  constructor(
    behaviour: NatBehaviour,
    externalAddresses: readonly string[],
    random: Random,
    routedAddresses: readonly string[] = [],
  ) {
    if (behaviour.minPort > behaviour.maxPort || behaviour.minPort < 1) {
      throw new UsageError(
        "ERR_RANGE",
        `no ports from ${behaviour.minPort} to ${behaviour.maxPort}`,
      );
    }
    this.#behaviour = behaviour;
    this.#externalAddresses = externalAddresses;
    this.#routedAddresses = new Set(routedAddresses);
    this.#random = random;
    this.#nextPort = behaviour.minPort;
  }

  /** The mappings that are alive at `nowMs`. */
  mappings(nowMs: number): readonly NatMapping[] {
    this.#expire(nowMs);
    return [...this.#byExternal.values()];
  }

  /** Forgets everything: what a NAT that restarts does. */
  clear(): void {
    this.#byFlow.clear();
    this.#byExternal.clear();
  }

  /** A packet from inside, on its way out. */
  outbound(packet: VirtualPacket, nowMs: number): NatVerdict {
    const mapping = this.#mappingFor(packet, nowMs);
    if (typeof mapping === "string") return { kind: "dropped", reason: mapping };
    const { destinationAddress, destinationPort } = packet;
    mapping.refreshedAtMs = nowMs; // REQ-6
    mapping.contacts.set(this.#contactKey(destinationAddress, destinationPort), nowMs);
    const source = { sourceAddress: mapping.externalAddress, sourcePort: mapping.externalPort };
    return { kind: "forwarded", packet: { ...packet, ...source } };
  }

  /** A packet from outside to one of the external addresses. */
  inbound(packet: VirtualPacket, nowMs: number): NatVerdict {
    const mapping = this.#byExternal.get(key(packet.destinationAddress, packet.destinationPort));
    if (mapping === undefined || this.#isExpired(mapping.refreshedAtMs, nowMs)) {
      return { kind: "dropped", reason: "natNoMapping" };
    }
    if (!this.#isLetIn(mapping, packet, nowMs)) return { kind: "dropped", reason: "natFiltered" };
    if (this.#behaviour.inboundRefresh) mapping.refreshedAtMs = nowMs;
    const { internalAddress, internalPort } = mapping;
    const destination = { destinationAddress: internalAddress, destinationPort: internalPort };
    return { kind: "forwarded", packet: { ...packet, ...destination } };
  }

  /** A packet from inside to one of the external addresses (RFC 4787 §6). */
  hairpin(packet: VirtualPacket, nowMs: number): NatVerdict {
    if (this.#behaviour.hairpinning === "none") return { kind: "dropped", reason: "natNoHairpin" };
    const outgoing = this.outbound(packet, nowMs);
    if (outgoing.kind === "dropped") return outgoing;
    const incoming = this.inbound(outgoing.packet, nowMs);
    if (incoming.kind === "dropped" || this.#behaviour.hairpinning === "external-source") {
      return incoming; // REQ-9a
    }
    const { sourceAddress, sourcePort } = packet;
    return { kind: "forwarded", packet: { ...incoming.packet, sourceAddress, sourcePort } };
  }

  #mappingFor(packet: VirtualPacket, nowMs: number): NatMapping | DropReason {
    const flow = this.#flowKey(packet);
    const known = this.#byFlow.get(flow);
    if (known !== undefined && !this.#isExpired(known.refreshedAtMs, nowMs)) return known;
    this.#expire(nowMs);
    const external = this.#chooseExternal(packet);
    if (typeof external === "string") return external;
    const mapping: NatMapping = {
      internalAddress: packet.sourceAddress,
      internalPort: packet.sourcePort,
      externalAddress: external.address,
      externalPort: external.port,
      refreshedAtMs: nowMs,
      contacts: new Map(),
    };
    this.#byFlow.set(flow, mapping);
    this.#byExternal.set(key(external.address, external.port), mapping);
    return mapping;
  }

  #chooseExternal(packet: VirtualPacket): TransportAddress | DropReason {
    if (this.#routedAddresses.has(packet.sourceAddress)) {
      return { address: packet.sourceAddress, port: packet.sourcePort };
    }
    const address = this.#chooseAddress(packet);
    if (address === undefined) return "noRoute";
    const port = this.#choosePort(address, packet.sourcePort);
    return port === undefined ? "natExhausted" : { address, port };
  }

  /** REQ-1: what has to be the same for a mapping to be used again. */
  #flowKey({
    sourceAddress,
    sourcePort,
    destinationAddress,
    destinationPort,
  }: VirtualPacket): string {
    const internal = key(sourceAddress, sourcePort);
    if (this.#routedAddresses.has(sourceAddress)) return internal;
    return `${internal}>${dependentKey(this.#behaviour.mapping, destinationAddress, destinationPort)}`;
  }

  /** REQ-8: what has to be the same for a packet to be let in. */
  #contactKey(address: string, port: number): string {
    return dependentKey(this.#behaviour.filtering, address, port);
  }

  #isLetIn(mapping: NatMapping, packet: VirtualPacket, nowMs: number): boolean {
    if (this.#behaviour.filtering === "endpoint-independent") return true;
    const contactKey = this.#contactKey(packet.sourceAddress, packet.sourcePort);
    const contactedAtMs = mapping.contacts.get(contactKey);
    if (contactedAtMs === undefined || this.#isExpired(contactedAtMs, nowMs)) return false;
    if (this.#behaviour.inboundRefresh) mapping.contacts.set(contactKey, nowMs);
    return true;
  }

  /** REQ-2. */
  #chooseAddress({ sourceAddress }: VirtualPacket): string | undefined {
    const family = ipFamilyOf(sourceAddress);
    const pool = this.#externalAddresses.filter((address) => ipFamilyOf(address) === family);
    if (pool.length === 0) return undefined;
    if (this.#behaviour.addressPooling === "arbitrary") {
      return pool[this.#random.uint32() % pool.length];
    }
    const paired =
      this.#pairedAddresses.get(sourceAddress) ?? pool[this.#nextPairedIndex++ % pool.length]!;
    this.#pairedAddresses.set(sourceAddress, paired);
    return paired;
  }

  #choosePort(externalAddress: string, internalPort: number): number | undefined {
    const { minPort, maxPort, keepsPortParity } = this.#behaviour;
    const portCount = maxPort - minPort + 1;
    const wantedPort = this.#wantedPort(internalPort);
    for (let step = 0; step < portCount; step++) {
      const port = minPort + ((wantedPort - minPort + step) % portCount);
      if (keepsPortParity && (port - internalPort) % 2 !== 0) continue; // REQ-4
      if (this.#byExternal.has(key(externalAddress, port))) continue; // REQ-3
      this.#nextPort = port < maxPort ? port + 1 : minPort;
      return port;
    }
    return undefined;
  }

  #wantedPort(internalPort: number): number {
    const { minPort, maxPort, portAssignment } = this.#behaviour;
    switch (portAssignment) {
      case "preserve":
        return internalPort >= minPort && internalPort <= maxPort ? internalPort : minPort;
      case "sequential":
        return this.#nextPort;
      case "random":
        return minPort + (this.#random.uint32() % (maxPort - minPort + 1));
    }
  }

  #isExpired(usedAtMs: number, nowMs: number): boolean {
    return nowMs - usedAtMs >= this.#behaviour.mappingLifetimeMs;
  }

  #expire(nowMs: number): void {
    for (const [flow, mapping] of this.#byFlow) {
      if (!this.#isExpired(mapping.refreshedAtMs, nowMs)) continue;
      this.#byFlow.delete(flow);
      this.#byExternal.delete(key(mapping.externalAddress, mapping.externalPort));
    }
  }
}

function key(address: string, port: number): string {
  return `${address}|${port}`;
}

function dependentKey(dependence: NatDependence, address: string, port: number): string {
  switch (dependence) {
    case "endpoint-independent":
      return "";
    case "address-dependent":
      return address;
    case "address-and-port-dependent":
      return key(address, port);
  }
}
