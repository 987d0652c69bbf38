import { ipFamilyOf } from "../base/ip-address.ts";
import type { Random } from "../base/random.ts";
import type { InterfaceAddress } from "../runtime/runtime.ts";
import { VirtualLink } from "./virtual-link.ts";
import type { LinkOptions } from "./virtual-link.ts";
import { carryOver } from "./virtual-network.ts";
import type { NetworkContext, Station, VirtualNetwork } from "./virtual-network.ts";
import type { VirtualPacket } from "./virtual-packet.ts";

/** A network card: addresses on a network, and a link in each direction. */
export type VirtualInterfaceOptions = {
  /** `eth0` if missing. */
  readonly name?: string;
  /** `world.internet`, the `inside` of a NAT, or a network of your own. */
  readonly network: VirtualNetwork;
  /** Canonical text (RFC 5952), IPv4 and IPv6 mixed as you like. */
  readonly addresses: readonly string[];
  /** From the host to the network; ideal if missing. */
  readonly up?: Partial<LinkOptions>;
  /** From the network to the host; ideal if missing. */
  readonly down?: Partial<LinkOptions>;
};

/** One interface of a {@link VirtualHost}. Its links can be changed and cut while the world runs. */
export class VirtualInterface implements Station {
  /** `alice.eth0`. */
  readonly name: string;
  readonly interfaceName: string;
  readonly addresses: readonly string[];
  /** From the host to the network. */
  readonly up: VirtualLink;
  /** From the network to the host. */
  readonly down: VirtualLink;
  readonly #network: VirtualNetwork;
  readonly #context: NetworkContext;
  readonly #onPacket: (packet: VirtualPacket) => void;

  /** @internal Made by `VirtualHost.addInterface`. */
  constructor(
    hostName: string,
    options: VirtualInterfaceOptions,
    context: NetworkContext,
    randomFor: (label: string) => Random,
    onPacket: (packet: VirtualPacket) => void,
  ) {
    this.interfaceName = options.name ?? "eth0";
    this.name = `${hostName}.${this.interfaceName}`;
    this.addresses = options.addresses;
    this.up = new VirtualLink(options.up ?? {}, randomFor(`${this.interfaceName}.up`));
    this.down = new VirtualLink(options.down ?? {}, randomFor(`${this.interfaceName}.down`));
    this.#network = options.network;
    this.#context = context;
    this.#onPacket = onPacket;
    for (const address of this.addresses) this.#network.attach(address, this);
  }

  /** Both directions at once. */
  cut(): void {
    this.up.cut();
    this.down.cut();
  }

  /** Ends {@link cut}. */
  restore(): void {
    this.up.restore();
    this.down.restore();
  }

  /** Cuts both directions from `fromMs` on and before `untilMs`. */
  cutBetween(fromMs: number, untilMs: number): void {
    this.up.cutBetween(fromMs, untilMs);
    this.down.cutBetween(fromMs, untilMs);
  }

  /** @internal */
  describeAddresses(): readonly InterfaceAddress[] {
    return this.addresses.map((address) => ({
      interfaceName: this.interfaceName,
      address,
      family: ipFamilyOf(address),
      isInternal: false,
    }));
  }

  /** @internal A packet of the host, on its way out. */
  send(packet: VirtualPacket): void {
    carryOver(this.#context, this.up, `${this.name}.up`, packet, this.#toNetwork, false);
  }

  /** @internal A packet of the network, on its way in. */
  receive(packet: VirtualPacket): void {
    carryOver(this.#context, this.down, `${this.name}.down`, packet, this.#onPacket, true);
  }

  /** @internal The addresses are gone; what is on the way finds nobody. */
  detach(): void {
    for (const address of this.addresses) this.#network.detach(address);
  }

  readonly #toNetwork = (packet: VirtualPacket): void => this.#network.send(packet);
}
