import { canonicalIpAddress, ipFamilyOf } from "../base/ip-address.ts";
import type { IceServer } from "./ice-options.ts";

/** A server with the addresses that it has: at most one of each family. */
export type ResolvedServer = {
  readonly server: IceServer;
  /** Its position in the configuration. */
  readonly serverIndex: number;
  readonly addresses: readonly string[];
};

/** Turns the servers of the configuration into addresses; each name is asked for once. */
export class ServerNames {
  readonly #servers: readonly IceServer[];
  readonly #resolved: ResolvedServer[] = [];
  readonly #pending = new Map<number, string>();

  constructor(servers: readonly IceServer[]) {
    this.#servers = servers;
  }

  /** Servers with known addresses. */
  get resolved(): readonly ResolvedServer[] {
    return this.#resolved;
  }

  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  /** The names that must be looked up, with the numbers that {@link resolve} wants. */
  begin(): readonly { readonly requestId: number; readonly name: string }[] {
    const names = new Set<string>();
    for (const [serverIndex, server] of this.#servers.entries()) {
      const literal = canonicalIpAddress(server.address);
      if (literal === undefined) names.add(server.address);
      else this.#resolved.push({ server, serverIndex, addresses: [literal] });
    }
    for (const name of names) this.#pending.set(this.#pending.size + 1, name);
    return [...this.#pending].map(([requestId, name]) => ({ requestId, name }));
  }

  /** The servers that became usable, without addresses if the name leads nowhere. */
  resolve(requestId: number, addresses: readonly string[]): readonly ResolvedServer[] {
    const name = this.#pending.get(requestId);
    if (name === undefined) return [];
    this.#pending.delete(requestId);
    const usable = onePerFamily(addresses);
    const resolved = this.#serversNamed(name).map(([serverIndex, server]) => ({
      server,
      serverIndex,
      addresses: usable,
    }));
    this.#resolved.push(...resolved);
    return resolved;
  }

  /** Ends all look-ups; the servers that are still without addresses. */
  giveUp(): readonly IceServer[] {
    const names = [...this.#pending.values()];
    this.#pending.clear();
    return names.flatMap((name) => this.#serversNamed(name).map(([, server]) => server));
  }

  #serversNamed(name: string): readonly (readonly [number, IceServer])[] {
    return [...this.#servers.entries()].filter(([, server]) => server.address === name);
  }
}

function onePerFamily(addresses: readonly string[]): readonly string[] {
  const canonical = addresses.flatMap((address) => canonicalIpAddress(address) ?? []);
  return (["IPv6", "IPv4"] as const).flatMap(
    (family) => canonical.find((address) => ipFamilyOf(address) === family) ?? [],
  );
}
