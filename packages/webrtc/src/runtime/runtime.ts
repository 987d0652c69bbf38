import type { CryptoPort } from "../crypto/crypto-port.ts";
import type { Datagram, SocketId, TransportAddress } from "../base/datagram.ts";

/** One timer of one driver: it is moved often and fires seldom. */
export interface Deadline {
  /** Calls back at `atMs` (monotonic) or as soon after as can be; replaces the instant set before. */
  set(atMs: number): void;
  clear(): void;
}

/** One address of this machine. */
export type InterfaceAddress = {
  /** The interface's name, `eth0`. */
  readonly interfaceName: string;
  /** Canonical text, without a zone. */
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
  /** Loopback, as opposed to reachable from elsewhere. */
  readonly isInternal: boolean;
};

/** What a bound socket tells its owner. Never called from within `bindUdp`, `send` or `close`. */
export interface UdpSocketHandlers {
  /** `bytes` belong to the receiver from here on. */
  onDatagram(bytes: Uint8Array, remoteAddress: string, remotePort: number): void;
  /** The socket is of no use any more; it is closed already. */
  onFailed(reason: string): void;
}

/** A bound UDP socket. */
export interface UdpSocket {
  readonly local: TransportAddress;
  /** Hands `bytes` to the network; loss is silent, as on the network. The bytes must not change afterwards. */
  send(bytes: Uint8Array, remoteAddress: string, remotePort: number): void;
  /** Releases the port; no handler is called afterwards. */
  close(): void;
}

/** Where to bind. */
export type UdpBindRequest = {
  readonly address: string;
  /** First port to try; 0 lets the system choose. */
  readonly minPort: number;
  /** Last port to try, at least `minPort`. */
  readonly maxPort: number;
};

/**
 * The port to the world: everything a driver cannot do by itself. `node/` implements it with Node,
 * `testing/` in virtual time.
 */
export interface Runtime {
  readonly crypto: CryptoPort;
  /** The monotonic clock, in milliseconds with fractions. */
  nowMs(): number;
  /** The wall clock: milliseconds since 1970. For timestamps that people see, never for timers. */
  epochMs(): number;
  createDeadline(onReached: () => void): Deadline;
  /** Runs `task` soon, as a task of its own: microtasks run before the next one. In order of the calls. */
  queueTask(task: () => void): void;
  /** Runs `step` at the end of the running task, before any other task. */
  queueMicrotask(step: () => void): void;
  /** All addresses of this machine now. */
  interfaceAddresses(): readonly InterfaceAddress[];
  /** Rejects with an `Error` whose message says which address and port, and why. */
  bindUdp(request: UdpBindRequest, handlers: UdpSocketHandlers): Promise<UdpSocket>;
  /** Canonical IP addresses of a host name; rejects if there are none. */
  resolveName(name: string): Promise<readonly string[]>;
}

export type { Datagram, SocketId, TransportAddress };
