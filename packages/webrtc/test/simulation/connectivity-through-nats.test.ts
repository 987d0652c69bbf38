import assert from "node:assert/strict";
import { test } from "vitest";

import { NAT_PRESETS, VirtualWorld } from "../../src/testing/index.ts";
import type { VirtualHost } from "../../src/testing/index.ts";
import { canConnectDirectly } from "./support/nat-theory.ts";
import { nattedTopology } from "./support/topologies.ts";
import { exchange } from "./support/transfer.ts";
import { VirtualPair } from "./support/virtual-peer.ts";

const PRESETS = Object.entries(NAT_PRESETS);

for (const [offererName, offererNat] of PRESETS) {
  for (const [answererName, answererNat] of PRESETS) {
    const isPossible = canConnectDirectly(offererNat, answererNat);
    test(`offerer behind ${offererName}, answerer behind ${answererName}: ${isPossible ? "data flows" : "fails and says why"}`, async () => {
      const topology = await nattedTopology(1, offererNat, answererNat);
      const pair = new VirtualPair(topology);
      if (isPossible) {
        const [near, far] = await pair.connect();
        await topology.world.settle(exchange(near, far, 1, 50_000), 30_000);
      } else {
        pair.offerer.connection.createDataChannel("data");
        await topology.world.settle(pair.negotiate());
        const hasFailed = (): boolean =>
          pair.offerer.stateNames.includes("failed") && pair.answerer.stateNames.includes("failed");
        await topology.world.advanceUntil(hasFailed, 60_000);
        for (const { failureReason } of [pair.offerer, pair.answerer]) {
          assert.match(failureReason ?? "", /no connection: none of \d+ candidate pairs worked/);
        }
      }
      await pair.close();
      assert.deepEqual(topology.offererHost.resources, { sockets: 0, deadlines: 0 });
      assert.deepEqual(topology.answererHost.resources, { sockets: 0, deadlines: 0 });
    });
  }
}

test("two homes with symmetric IPv4 NATs and firewalled IPv6 connect over IPv6 (RFC 6092, RFC 8421)", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const home = (name: string, number: number): VirtualHost => {
    const ipv6Address = `2001:db8:${number}::2`;
    const nat = world.createNat(`${name}Nat`, {
      outside: world.internet,
      externalAddresses: [`203.0.113.${number}`],
      routedAddresses: [ipv6Address],
      behaviour: NAT_PRESETS.symmetric,
      up: { delayMs: 5 },
      down: { delayMs: 5 },
    });
    return world.createHost(name, { network: nat.inside, addresses: ["10.0.0.2", ipv6Address] });
  };
  const topology = {
    world,
    offererHost: home("offerer", 1),
    answererHost: home("answerer", 2),
    stunUrls: [],
  };
  const pair = new VirtualPair(topology);
  const [near, far] = await pair.connect();
  await world.settle(exchange(near, far, 1, 50_000), 30_000);
  const selected = pair.offerer.connection.sctp?.transport.iceTransport.getSelectedCandidatePair();
  assert.equal(selected?.remote.address, "2001:db8:2::2");
  await pair.close();
});

test("behind two NATs of the same kind in a row, as with a carrier's NAT, data flows", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const outside = world.internet;
  const carrier = world.createNat("carrier", { outside, externalAddresses: ["203.0.113.1"] });
  const nat = world.createNat("home", {
    outside: carrier.inside,
    externalAddresses: ["100.64.0.2"],
  });
  const offererHost = world.createHost("offerer", { network: nat.inside, addresses: ["10.0.0.2"] });
  const answererHost = world.createHost("answerer", { network: outside, addresses: ["192.0.2.2"] });
  const pair = new VirtualPair({ world, offererHost, answererHost, stunUrls: [] });
  const [near, far] = await pair.connect();
  await world.settle(exchange(near, far, 1, 50_000), 30_000);
  await pair.close();
});
