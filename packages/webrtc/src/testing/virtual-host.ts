import { UsageError } from "../base/errors.ts";
import { ipFamilyOf, isLoopbackAddress } from "../base/ip-address.ts";
import type { Random } from "../base/random.ts";
import type {
  InterfaceAddress,
  Runtime,
  UdpBindRequest,
  UdpSocket,
  UdpSocketHandlers,
} from "../runtime/runtime.ts";
import { VirtualSystemError } from "./errors.ts";
import type { NameTable } from "./name-table.ts";
import { isWildcard, PortTable } from "./port-table.ts";
import { VirtualInterface } from "./virtual-interface.ts";
import type { VirtualInterfaceOptions } from "./virtual-interface.ts";
import type { NetworkContext } from "./virtual-network.ts";
import { formatAddress } from "./virtual-packet.ts";
import type { VirtualPacket } from "./virtual-packet.ts";
import { VirtualRuntime } from "./virtual-runtime.ts";
import { VirtualUdpSocket } from "./virtual-udp-socket.ts";

const LOOPBACK: readonly InterfaceAddress[] = [
  { interfaceName: "lo", address: "127.0.0.1", family: "IPv4", isInternal: true },
  { interfaceName: "lo", address: "::1", family: "IPv6", isInternal: true },
];

/** What a host holds: all zero once everything that ran on it has been closed. */
export type HostResources = {
  readonly sockets: number;
  /** Deadlines that are set and not yet reached. */
  readonly deadlines: number;
};

/**
 * A machine in a virtual world: interfaces, UDP ports and a {@link Runtime} for what runs on it. Give
 * the runtime to a peer connection, and it lives in virtual time on this machine.
 */
export class VirtualHost {
  readonly name: string;
  /** The port to the world for the software on this host. */
  readonly runtime: Runtime;
  readonly #context: NetworkContext;
  readonly #randomFor: (label: string) => Random;
  readonly #runtime: VirtualRuntime;
  readonly #interfaces = new Map<string, VirtualInterface>();
  readonly #ports: PortTable<VirtualUdpSocket>;
  #isOn = true;

  /** @internal Made by `VirtualWorld.createHost`. */
  constructor(
    name: string,
    context: NetworkContext & { readonly names: NameTable; readonly startEpochMs: number },
    randomFor: (label: string) => Random,
  ) {
    this.name = name;
    this.#context = context;
    this.#randomFor = randomFor;
    this.#ports = new PortTable(randomFor("ports").uint32());
    this.#runtime = new VirtualRuntime(context, randomFor("crypto"), this);
    this.runtime = this.#runtime;
  }

  get resources(): HostResources {
    return { sockets: this.#ports.size, deadlines: this.#runtime.armedDeadlineCount };
  }

  /** Plugs in a network card. Throws `UsageError` if the name or an address is taken. */
  addInterface(options: VirtualInterfaceOptions): VirtualInterface {
    const interfaceName = options.name ?? "eth0";
    if (this.#interfaces.has(interfaceName)) {
      throw new UsageError("ERR_RANGE", `${this.name} has an interface ${interfaceName} already`);
    }
    const added = new VirtualInterface(
      this.name,
      options,
      this.#context,
      this.#randomFor,
      (packet) => this.#deliver(packet),
    );
    this.#interfaces.set(interfaceName, added);
    return added;
  }

  /** Pulls a network card out. Sockets that were bound to its addresses fail, in a later event. */
  removeInterface(interfaceName = "eth0"): void {
    const removed = this.interface(interfaceName);
    removed.detach();
    this.#interfaces.delete(interfaceName);
    for (const socket of this.#ports.owners()) {
      if (!removed.addresses.includes(socket.local.address)) continue;
      const reason = `${formatAddress(socket.local.address, socket.local.port)}: the address is gone`;
      this.#context.clock.schedule(this.#context.clock.nowMs, () => socket.fail(reason));
    }
  }

  /** By name. Throws `UsageError` if there is none. */
  interface(interfaceName = "eth0"): VirtualInterface {
    const found = this.#interfaces.get(interfaceName);
    if (found === undefined) {
      throw new UsageError("ERR_RANGE", `${this.name} has no interface ${interfaceName}`);
    }
    return found;
  }

  /** Vanishes without a goodbye: nothing is sent, no handler, deadline or task runs any more. */
  powerOff(): void {
    this.#isOn = false;
    this.#runtime.stop();
    this.#ports.clear();
    for (const each of this.#interfaces.values()) each.detach();
    this.#interfaces.clear();
  }

  /** @internal */
  interfaceAddresses(): readonly InterfaceAddress[] {
    return [
      ...LOOPBACK,
      ...[...this.#interfaces.values()].flatMap((each) => each.describeAddresses()),
    ];
  }

  /** @internal Throws {@link VirtualSystemError}. */
  bindUdp(request: UdpBindRequest, handlers: UdpSocketHandlers): UdpSocket {
    const { address } = request;
    if (!isWildcard(address) && !this.#isOwnAddress(address)) {
      const where = formatAddress(address, request.minPort);
      throw new VirtualSystemError(
        "EADDRNOTAVAIL",
        `bind ${where}: no such address on ${this.name}`,
      );
    }
    const port = this.#ports.choose(request);
    const socket = new VirtualUdpSocket({ address, port }, handlers, this);
    this.#ports.take(address, port, socket);
    return socket;
  }

  /** @internal */
  releaseSocket({ local }: VirtualUdpSocket): void {
    this.#ports.release(local.address, local.port);
  }

  /** @internal */
  sendFrom({ local }: VirtualUdpSocket, bytes: Uint8Array, address: string, port: number): void {
    if (!this.#isOn) return;
    const sourceAddress = this.#sourceFor(local.address, address);
    const packet: VirtualPacket = {
      sourceAddress: sourceAddress ?? local.address,
      sourcePort: local.port,
      destinationAddress: address,
      destinationPort: port,
      bytes,
    };
    this.#record("sent", packet);
    if (sourceAddress === undefined) return this.#record("noRoute", packet);
    if (this.#isOwnAddress(address)) {
      this.#context.clock.schedule(this.#context.clock.nowMs, () => this.#deliver(packet));
      return;
    }
    const outgoing = this.#interfaceOf(sourceAddress);
    if (outgoing === undefined) this.#record("noRoute", packet);
    else outgoing.send(packet);
  }

  #deliver(packet: VirtualPacket): void {
    const socket = this.#ports.find(packet.destinationAddress, packet.destinationPort);
    this.#record(socket === undefined ? "portClosed" : "delivered", packet);
    socket?.deliver(packet.bytes, packet.sourceAddress, packet.sourcePort);
  }

  #record(kind: "sent" | "delivered" | "portClosed" | "noRoute", packet: VirtualPacket): void {
    this.#context.trace.record(this.#context.clock.nowMs, kind, this.name, packet);
  }

  /** The address that a datagram to `destination` comes from, if there is a way there. */
  #sourceFor(boundAddress: string, destination: string): string | undefined {
    if (ipFamilyOf(boundAddress) !== ipFamilyOf(destination)) return undefined;
    if (!isWildcard(boundAddress)) return boundAddress;
    if (this.#isOwnAddress(destination)) return destination;
    for (const each of this.#interfaces.values()) {
      const fitting = each.addresses.find((own) => ipFamilyOf(own) === ipFamilyOf(destination));
      if (fitting !== undefined) return fitting;
    }
    return undefined;
  }

  #isOwnAddress(address: string): boolean {
    return isLoopbackAddress(address) || this.#interfaceOf(address) !== undefined;
  }

  #interfaceOf(address: string): VirtualInterface | undefined {
    for (const each of this.#interfaces.values()) {
      if (each.addresses.includes(address)) return each;
    }
    return undefined;
  }
}
