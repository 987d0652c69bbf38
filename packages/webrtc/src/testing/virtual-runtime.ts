import type { Random } from "../base/random.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import type {
  Deadline,
  InterfaceAddress,
  Runtime,
  UdpBindRequest,
  UdpSocket,
  UdpSocketHandlers,
} from "../runtime/runtime.ts";
import type { NameTable } from "./name-table.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import { VirtualDeadline } from "./virtual-deadline.ts";

/** What a runtime needs of the machine that it belongs to. */
export type RuntimeHost = {
  interfaceAddresses(): readonly InterfaceAddress[];
  bindUdp(request: UdpBindRequest, handlers: UdpSocketHandlers): UdpSocket;
};

/** {@link Runtime} in virtual time, for the software of one virtual host. */
export class VirtualRuntime implements Runtime {
  readonly crypto: CryptoPort;
  readonly #clock: VirtualClock;
  readonly #names: NameTable;
  readonly #startEpochMs: number;
  readonly #host: RuntimeHost;
  readonly #armed = new Set<VirtualDeadline>();
  #isStopped = false;

  constructor(
    world: {
      readonly clock: VirtualClock;
      readonly names: NameTable;
      readonly startEpochMs: number;
    },
    random: Random,
    host: RuntimeHost,
  ) {
    this.crypto = createNodeCrypto(random);
    this.#clock = world.clock;
    this.#names = world.names;
    this.#startEpochMs = world.startEpochMs;
    this.#host = host;
  }

  get armedDeadlineCount(): number {
    return this.#armed.size;
  }

  nowMs(): number {
    return this.#clock.nowMs;
  }

  epochMs(): number {
    return this.#startEpochMs + this.#clock.nowMs;
  }

  createDeadline(onReached: () => void): Deadline {
    const reach = (): void => {
      if (!this.#isStopped) onReached();
    };
    return new VirtualDeadline(this.#clock, reach, this.#armed);
  }

  queueTask(task: () => void): void {
    this.#clock.schedule(this.#clock.nowMs, () => {
      if (!this.#isStopped) task();
    });
  }

  queueMicrotask(step: () => void): void {
    queueMicrotask(() => {
      if (!this.#isStopped) step();
    });
  }

  interfaceAddresses(): readonly InterfaceAddress[] {
    return this.#host.interfaceAddresses();
  }

  async bindUdp(request: UdpBindRequest, handlers: UdpSocketHandlers): Promise<UdpSocket> {
    return this.#host.bindUdp(request, handlers);
  }

  resolveName(name: string): Promise<readonly string[]> {
    return this.#names.resolve(name);
  }

  /** Nothing runs any more: the host has lost its power. */
  stop(): void {
    this.#isStopped = true;
    for (const deadline of this.#armed) deadline.clear();
  }
}
