import { startStunServer, VirtualWorld } from "../../../src/testing/index.ts";
import type { LinkOptions, NatBehaviour, VirtualHost } from "../../../src/testing/index.ts";

/** Two machines in a world of their own, and the STUN servers that they may ask. */
export type Topology = {
  readonly world: VirtualWorld;
  readonly offererHost: VirtualHost;
  readonly answererHost: VirtualHost;
  readonly stunUrls: readonly string[];
};

/** What lies in each direction between two machines that see each other directly. */
export type PathOptions = {
  /** Both directions; the offerer's own link, so the whole path is what is said here. */
  readonly path?: Partial<LinkOptions>;
  readonly hashesContent?: boolean;
};

/** The public address of the offerer's NAT, of the answerer's, and of the STUN server. */
export const NAT_ADDRESSES = {
  offerer: "203.0.113.1",
  answerer: "203.0.113.2",
  stun: "198.51.100.1",
};

/** Both machines on the internet, without NATs and STUN. */
export function directTopology(
  seed: number,
  { path = {}, hashesContent = false }: PathOptions = {},
): Topology {
  const world = new VirtualWorld({ seed, hashesContent });
  const network = world.internet;
  const link = { up: path, down: path };
  const offererHost = world.createHost("offerer", { network, addresses: ["192.0.2.1"], ...link });
  const answererHost = world.createHost("answerer", { network, addresses: ["192.0.2.2"] });
  return { world, offererHost, answererHost, stunUrls: [] };
}

/** Each machine behind a NAT of its own, and a STUN server on the internet. */
export async function nattedTopology(
  seed: number,
  offererNat: Partial<NatBehaviour>,
  answererNat: Partial<NatBehaviour>,
): Promise<Topology> {
  const world = new VirtualWorld({ seed });
  const outside = world.internet;
  const link = { up: { delayMs: 5 }, down: { delayMs: 5 } };
  const hostBehind = (
    name: "offerer" | "answerer",
    behaviour: Partial<NatBehaviour>,
  ): VirtualHost => {
    const externalAddresses = [NAT_ADDRESSES[name]];
    const nat = world.createNat(`${name}Nat`, { outside, externalAddresses, behaviour, ...link });
    return world.createHost(name, { network: nat.inside, addresses: ["192.168.1.2"] });
  };
  const offererHost = hostBehind("offerer", offererNat);
  const answererHost = hostBehind("answerer", answererNat);
  const stunHost = world.createHost("stun", { network: outside, addresses: [NAT_ADDRESSES.stun] });
  await startStunServer(stunHost);
  return { world, offererHost, answererHost, stunUrls: [`stun:${NAT_ADDRESSES.stun}:3478`] };
}
