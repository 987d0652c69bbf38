import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";

import { createNodeCrypto } from "../crypto/node-crypto.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";
import type {
  Deadline,
  InterfaceAddress,
  Runtime,
  UdpBindRequest,
  UdpSocket,
  UdpSocketHandlers,
} from "../runtime/runtime.ts";
import { NodeDeadline } from "./deadline.ts";
import { bindUdpSocket } from "./udp-socket.ts";

/** The real world: Node's clock, timers, sockets and name resolution. One serves all connections. */
export class NodeRuntime implements Runtime {
  readonly crypto: CryptoPort = createNodeCrypto();

  nowMs(): number {
    return performance.now();
  }

  epochMs(): number {
    return performance.timeOrigin + performance.now();
  }

  createDeadline(onReached: () => void): Deadline {
    return new NodeDeadline(() => performance.now(), onReached);
  }

  queueTask(task: () => void): void {
    setImmediate(task);
  }

  queueMicrotask(step: () => void): void {
    queueMicrotask(step);
  }

  interfaceAddresses(): readonly InterfaceAddress[] {
    const addresses: InterfaceAddress[] = [];
    for (const [interfaceName, entries] of Object.entries(networkInterfaces())) {
      for (const { address, family, internal } of entries ?? []) {
        addresses.push({ interfaceName, address, family, isInternal: internal });
      }
    }
    return addresses;
  }

  bindUdp(request: UdpBindRequest, handlers: UdpSocketHandlers): Promise<UdpSocket> {
    return bindUdpSocket(request, handlers);
  }

  async resolveName(name: string): Promise<readonly string[]> {
    const found = await lookup(name, { all: true, verbatim: true });
    return found.map(({ address }) => address);
  }
}
