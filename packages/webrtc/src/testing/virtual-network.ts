import { UsageError } from "../base/errors.ts";
import type { PacketTrace } from "./packet-trace.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import { wireBytesOf } from "./virtual-packet.ts";
import type { VirtualPacket } from "./virtual-packet.ts";
import type { VirtualLink } from "./virtual-link.ts";

/** Something that a network hands packets to: the interface of a host, or a side of a NAT. */
export interface Station {
  /** For traces. */
  readonly name: string;
  /** Takes a packet from the network; what comes of it is the station's affair. */
  receive(packet: VirtualPacket): void;
}

/** What all parts of a world share. */
export type NetworkContext = {
  readonly clock: VirtualClock;
  readonly trace: PacketTrace;
};

/**
 * Looks at a packet on its way through a network and says what goes on instead: `[packet]` for "as it
 * was", `[]` for "lost", others for "changed", "doubled" or "answered by an attacker".
 */
export type Interceptor = (packet: VirtualPacket, nowMs: number) => readonly VirtualPacket[];

/**
 * Addresses that can reach each other directly: the internet, or what is behind a NAT. It carries in
 * no time and without loss; delay and loss are the business of the links to it.
 */
export class VirtualNetwork {
  readonly name: string;
  readonly #context: NetworkContext;
  readonly #stations = new Map<string, Station>();
  readonly #interceptors = new Set<Interceptor>();
  #gateway: Station | undefined;

  /** @internal Made by `VirtualWorld`. */
  constructor(name: string, context: NetworkContext) {
    this.name = name;
    this.#context = context;
  }

  /** Gives `station` the packets to `address`. Throws `UsageError` if the address is taken. */
  attach(address: string, station: Station): void {
    if (this.#stations.has(address)) {
      throw new UsageError("ERR_RANGE", `${address} exists already on network ${this.name}`);
    }
    this.#stations.set(address, station);
  }

  /** Undoes {@link attach}. */
  detach(address: string): void {
    this.#stations.delete(address);
  }

  /** Gives `station` the packets to every address that is not on this network. */
  setGateway(station: Station): void {
    this.#gateway = station;
  }

  /** Lets a test watch, drop, change or forge packets. Returns the function that ends it. */
  intercept(interceptor: Interceptor): () => void {
    this.#interceptors.add(interceptor);
    return () => void this.#interceptors.delete(interceptor);
  }

  /**
   * Carries a packet to its station. Also for tests that forge one: no interceptor sees a packet that
   * was forged by another.
   */
  send(packet: VirtualPacket): void {
    let packets: readonly VirtualPacket[] = [packet];
    for (const interceptor of this.#interceptors) {
      packets = packets.flatMap((each) => interceptor(each, this.#context.clock.nowMs));
    }
    if (packets.length === 0) this.#record("intercepted", packet);
    for (const each of packets) this.#route(each);
  }

  #route(packet: VirtualPacket): void {
    const station = this.#stations.get(packet.destinationAddress) ?? this.#gateway;
    if (station === undefined) this.#record("noRoute", packet);
    else station.receive(packet);
  }

  #record(kind: "intercepted" | "noRoute", packet: VirtualPacket): void {
    this.#context.trace.record(this.#context.clock.nowMs, kind, this.name, packet);
  }
}

/**
 * Sends `packet` over `link` and hands it to `onArrival` when it comes out, once or twice or never. At
 * a link that takes no time the packet comes out before this returns, unless the arrival `isVisible`
 * to code of the user, which must not be called from within its own `send`.
 */
export function carryOver(
  context: NetworkContext,
  link: VirtualLink,
  where: string,
  packet: VirtualPacket,
  onArrival: (packet: VirtualPacket) => void,
  isVisible: boolean,
): void {
  const { clock, trace } = context;
  const verdict = link.carry(wireBytesOf(packet), clock.nowMs);
  if (verdict.kind === "dropped") return trace.record(clock.nowMs, verdict.reason, where, packet);
  const arrive = (): void => onArrival(packet);
  if (isVisible || verdict.arrivesAtMs > clock.nowMs) {
    clock.schedule(verdict.arrivesAtMs, arrive, isVisible);
  } else {
    arrive();
  }
  if (verdict.copyArrivesAtMs !== undefined) {
    clock.schedule(verdict.copyArrivesAtMs, arrive, isVisible);
  }
}
