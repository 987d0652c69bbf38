import { ipFamilyOf } from "../base/ip-address.ts";
import type { UdpBindRequest } from "../runtime/runtime.ts";
import { VirtualSystemError } from "./errors.ts";
import { formatAddress } from "./virtual-packet.ts";

const MIN_EPHEMERAL_PORT = 49_152; // RFC 6335 §6
const MAX_PORT = 65_535;

/** True for the addresses that mean "every address of this host". */
export function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

/** Who has which UDP port of one host. */
export class PortTable<Owner> {
  readonly #owners = new Map<string, Owner>();
  #nextEphemeralPort: number;

  /** `firstOffset` is where the search for a port begins, so that not all hosts use the same. */
  constructor(firstOffset: number) {
    const portCount = MAX_PORT - MIN_EPHEMERAL_PORT + 1;
    this.#nextEphemeralPort = MIN_EPHEMERAL_PORT + (firstOffset % portCount);
  }

  /** How many ports are taken. */
  get size(): number {
    return this.#owners.size;
  }

  /** Everybody who has a port. */
  owners(): readonly Owner[] {
    return [...this.#owners.values()];
  }

  /** A free port as `request` asks. Throws {@link VirtualSystemError} `EADDRINUSE` if there is none. */
  choose({ address, minPort, maxPort }: UdpBindRequest): number {
    const isAnyPort = minPort === 0;
    const firstPort = isAnyPort ? MIN_EPHEMERAL_PORT : minPort;
    const lastPort = isAnyPort ? MAX_PORT : maxPort;
    const portCount = lastPort - firstPort + 1;
    const startOffset = isAnyPort ? this.#nextEphemeralPort - firstPort : 0;
    for (let step = 0; step < portCount; step++) {
      const port = firstPort + ((startOffset + step) % portCount);
      if (this.#isTaken(address, port)) continue;
      if (isAnyPort) this.#nextEphemeralPort = port < MAX_PORT ? port + 1 : MIN_EPHEMERAL_PORT;
      return port;
    }
    const ports = firstPort === lastPort ? "" : ` to ${lastPort}`;
    const where = `${formatAddress(address, firstPort)}${ports}`;
    throw new VirtualSystemError("EADDRINUSE", `bind ${where}: address already in use`);
  }

  /** The port belongs to `owner` from here on; {@link choose} has said that it is free. */
  take(address: string, port: number, owner: Owner): void {
    this.#owners.set(`${address}|${port}`, owner);
  }

  /** The port is free again. */
  release(address: string, port: number): void {
    this.#owners.delete(`${address}|${port}`);
  }

  /** Who gets a datagram to there. */
  find(address: string, port: number): Owner | undefined {
    return (
      this.#owners.get(`${address}|${port}`) ??
      this.#owners.get(`${ipFamilyOf(address) === "IPv6" ? "::" : "0.0.0.0"}|${port}`)
    );
  }

  /** All ports are free again. */
  clear(): void {
    this.#owners.clear();
  }

  #isTaken(address: string, port: number): boolean {
    if (!isWildcard(address)) return this.find(address, port) !== undefined;
    const family = ipFamilyOf(address);
    for (const taken of this.#owners.keys()) {
      if (taken.endsWith(`|${port}`) && ipFamilyOf(taken.slice(0, taken.indexOf("|"))) === family) {
        return true;
      }
    }
    return false;
  }
}
