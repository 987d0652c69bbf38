import { UsageError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import { RFC_4787_NAT } from "./nat-behaviour.ts";
import type { NatBehaviour } from "./nat-behaviour.ts";
import { NatTable } from "./nat-table.ts";
import type { NatMapping, NatVerdict } from "./nat-table.ts";
import { VirtualLink } from "./virtual-link.ts";
import type { LinkOptions } from "./virtual-link.ts";
import { carryOver, VirtualNetwork } from "./virtual-network.ts";
import type { NetworkContext, Station } from "./virtual-network.ts";
import type { VirtualPacket } from "./virtual-packet.ts";

/** A NAT between a network of its own and another one. */
export type VirtualNatOptions = {
  /** The side of the world; another NAT's `inside` for a NAT behind a NAT. */
  readonly outside: VirtualNetwork;
  /** Its addresses on the outside. A family that is missing here is not forwarded. */
  readonly externalAddresses: readonly string[];
  /**
   * Addresses of hosts inside that are reachable from outside as they are, through the filter alone:
   * what a home router does with IPv6 (RFC 6092). None if missing.
   */
  readonly routedAddresses?: readonly string[];
  /** Departures from {@link RFC_4787_NAT}; see also `NAT_PRESETS`. */
  readonly behaviour?: Partial<NatBehaviour>;
  /** From the NAT to the outside; ideal if missing. */
  readonly up?: Partial<LinkOptions>;
  /** From the outside to the NAT; ideal if missing. */
  readonly down?: Partial<LinkOptions>;
};

/** A NAT (RFC 4787): give hosts the network {@link VirtualNat.inside} and they are behind it. */
export class VirtualNat {
  readonly name: string;
  /** The network that is hidden behind this NAT. */
  readonly inside: VirtualNetwork;
  /** The link to the outside. */
  readonly up: VirtualLink;
  /** The link from the outside. */
  readonly down: VirtualLink;
  readonly behaviour: NatBehaviour;
  readonly #context: NetworkContext;
  readonly #outside: VirtualNetwork;
  readonly #externalAddresses: readonly string[];
  readonly #table: NatTable;

  /** @internal Made by `VirtualWorld.createNat`. */
  constructor(
    name: string,
    options: VirtualNatOptions,
    context: NetworkContext,
    randomFor: (label: string) => Random,
  ) {
    if (options.externalAddresses.length === 0) {
      throw new UsageError("ERR_RANGE", `NAT ${name} needs an external address`);
    }
    this.name = name;
    this.behaviour = { ...RFC_4787_NAT, ...options.behaviour };
    this.inside = new VirtualNetwork(`${name}.inside`, context);
    this.up = new VirtualLink(options.up ?? {}, randomFor("up"));
    this.down = new VirtualLink(options.down ?? {}, randomFor("down"));
    this.#context = context;
    this.#outside = options.outside;
    this.#externalAddresses = options.externalAddresses;
    const routed = options.routedAddresses ?? [];
    this.#table = new NatTable(
      this.behaviour,
      options.externalAddresses,
      randomFor("ports"),
      routed,
    );
    this.#attach(routed);
  }

  /** The mappings that are alive now. */
  get mappings(): readonly NatMapping[] {
    return this.#table.mappings(this.#context.clock.nowMs);
  }

  /** Forgets all mappings, as a router does that is switched off and on. */
  reboot(): void {
    this.#table.clear();
  }

  #attach(routedAddresses: readonly string[]): void {
    const outsideStation: Station = {
      name: this.name,
      receive: (packet) =>
        carryOver(this.#context, this.down, `${this.name}.down`, packet, this.#fromOutside, false),
    };
    for (const address of [...this.#externalAddresses, ...routedAddresses]) {
      this.#outside.attach(address, outsideStation);
    }
    this.inside.setGateway({ name: this.name, receive: this.#fromInside });
  }

  readonly #fromInside = (packet: VirtualPacket): void => {
    const { nowMs } = this.#context.clock;
    if (this.#externalAddresses.includes(packet.destinationAddress)) {
      const turnedBack = this.#accept(this.#table.hairpin(packet, nowMs), packet);
      if (turnedBack !== undefined) this.inside.send(turnedBack);
      return;
    }
    const outgoing = this.#accept(this.#table.outbound(packet, nowMs), packet);
    if (outgoing !== undefined) {
      carryOver(this.#context, this.up, `${this.name}.up`, outgoing, this.#toOutside, false);
    }
  };

  readonly #toOutside = (packet: VirtualPacket): void => this.#outside.send(packet);

  readonly #fromOutside = (packet: VirtualPacket): void => {
    const incoming = this.#accept(this.#table.inbound(packet, this.#context.clock.nowMs), packet);
    if (incoming !== undefined) this.inside.send(incoming);
  };

  #accept(verdict: NatVerdict, original: VirtualPacket): VirtualPacket | undefined {
    if (verdict.kind === "forwarded") return verdict.packet;
    this.#context.trace.record(this.#context.clock.nowMs, verdict.reason, this.name, original);
    return undefined;
  }
}
