import assert from "node:assert/strict";
import { test } from "vitest";

import {
  burstyLoss,
  independentLoss,
  NAT_PRESETS,
  SeededRandom,
  VirtualWorld,
} from "../../src/testing/index.ts";
import type { LinkOptions } from "../../src/testing/index.ts";
import { introduce, isConnected, IcePeer } from "./support/ice-peer.ts";
import { overSeeds } from "./support/seeds.ts";
import { directTopology, NAT_ADDRESSES, nattedTopology } from "./support/topologies.ts";
import type { Topology } from "./support/topologies.ts";

/** Two agents on the hosts of `topology`, introduced to each other. */
function agentsOn({ offererHost, answererHost }: Topology) {
  const offerer = new IcePeer(offererHost, "controlling", NAT_ADDRESSES.stun);
  const answerer = new IcePeer(answererHost, "controlled", NAT_ADDRESSES.stun);
  introduce(offerer, answerer);
  return { offerer, answerer, areConnected: () => isConnected(offerer) && isConnected(answerer) };
}

/** Two connected agents over 20 ms, five seconds later. */
async function connectedAgents(seed = 1) {
  const topology = directTopology(seed, { path: { delayMs: 20 } });
  const agents = agentsOn(topology);
  await topology.world.advanceUntil(agents.areConnected, 10_000);
  await topology.world.advance(10_000);
  return { ...topology, ...agents };
}

test("on a clean path of 10 ms two agents are connected after two round trips (RFC 8445 §7.2)", async () => {
  const topology = directTopology(1, { path: { delayMs: 10 } });
  const { areConnected } = agentsOn(topology);
  await topology.world.advanceUntil(areConnected, 1_000);
  assert.ok(topology.world.nowMs <= 40, `${topology.world.nowMs} ms`);
});

test(
  "two agents connect over paths with up to 30 % loss, jitter and reordering",
  overSeeds(200, async (seed) => {
    const random = new SeededRandom(seed);
    const path: Partial<LinkOptions> = {
      delayMs: random.fraction() * 150,
      jitterMs: random.fraction() * 50,
      loss: random.fraction() < 0.5 ? independentLoss(random.fraction() * 0.3) : burstyLoss(0.1, 4),
      duplication: random.fraction() * 0.2,
      reordering: random.fraction() * 0.2,
      reorderByMs: random.fraction() * 50,
    };
    const topology = directTopology(seed, { path });
    const { offerer, answerer, areConnected } = agentsOn(topology);
    await topology.world.advanceUntil(areConnected, 20_000);
    await topology.world.advance(5_000);
    assert.deepEqual(
      offerer.agent.selectedPair?.local.address,
      answerer.agent.selectedPair?.remote.address,
      "both sides have chosen the same pair",
    );
    assert.ok(!offerer.states.some(({ state }) => state === "failed"));
  }),
);

test("a dead STUN server delays nobody who has another way (RFC 8445 §5.1.1)", async () => {
  const topology = directTopology(1, { path: { delayMs: 10 } });
  const { offerer, areConnected } = agentsOn(topology); // Nobody has the server's address here.
  await topology.world.advanceUntil(areConnected, 100);
  assert.equal(offerer.agent.gatheringState, "gathering");
  await topology.world.advance(10_000);
  assert.equal(offerer.agent.gatheringState, "complete");
});

test("a cut of 3 s: connected afterwards, without having failed (RFC 7675)", async () => {
  const { world, offererHost, offerer, answerer } = await connectedAgents();
  offererHost.interface().cutBetween(world.nowMs, world.nowMs + 3_000);
  await world.advance(20_000);
  for (const peer of [offerer, answerer]) {
    assert.ok(isConnected(peer));
    assert.ok(!peer.states.some(({ state }) => state === "failed"));
  }
});

test("a cut of 60 s: disconnected soon, failed when consent has expired after 30 s (RFC 7675 §5.1)", async () => {
  const { world, offererHost, offerer, answerer } = await connectedAgents();
  const cutAtMs = world.nowMs;
  offererHost.interface().cutBetween(cutAtMs, cutAtMs + 60_000);
  await world.advance(60_000);
  for (const { states, failure } of [offerer, answerer]) {
    const [disconnected, failed] = states.slice(-2);
    assert.equal(disconnected!.state, "disconnected");
    assert.ok(disconnected!.atMs - cutAtMs < 10_000, `${disconnected!.atMs - cutAtMs} ms`);
    assert.equal(failed!.state, "failed");
    const failedAfterMs = failed!.atMs - cutAtMs;
    assert.ok(failedAfterMs > 20_000 && failedAfterMs <= 30_100, `${failedAfterMs} ms`);
    assert.equal(failure?.code, "ERR_CONSENT_LOST");
  }
});

test("one direction alone does not keep a path alive: both sides notice (RFC 7675 §5.1)", async () => {
  const { world, offererHost, offerer, answerer } = await connectedAgents();
  offererHost.interface().up.cut();
  await world.advance(60_000);
  assert.equal(offerer.agent.state, "failed");
  assert.equal(answerer.agent.state, "failed");
});

test("a path that only the keep-alives hold open stays open through a NAT that forgets after 30 s", async () => {
  const behaviour = { ...NAT_PRESETS.portRestrictedCone, mappingLifetimeMs: 30_000 };
  const topology = await nattedTopology(1, behaviour, behaviour);
  const { offerer, answerer, areConnected } = agentsOn(topology);
  await topology.world.advanceUntil(areConnected, 10_000);
  await topology.world.advance(600_000);
  assert.ok(isConnected(offerer) && isConnected(answerer));
});

test("after a NAT has forgotten its mapping, the controlling side follows to the new port within 10 s", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const nat = world.createNat("nat", {
    outside: world.internet,
    externalAddresses: [NAT_ADDRESSES.answerer],
    behaviour: NAT_PRESETS.portRestrictedCone,
    up: { delayMs: 5 },
    down: { delayMs: 5 },
  });
  const offererHost = world.createHost("offerer", {
    network: world.internet,
    addresses: ["192.0.2.1"],
  });
  const answererHost = world.createHost("answerer", {
    network: nat.inside,
    addresses: ["10.0.0.2"],
  });
  const { offerer, areConnected } = agentsOn({ world, offererHost, answererHost, stunUrls: [] });
  await world.advanceUntil(areConnected, 10_000);
  await world.advance(10_000);
  const oldPort = offerer.agent.selectedPair?.remote.port;
  nat.reboot();
  await world.advance(10_000);
  assert.ok(areConnected());
  assert.notEqual(offerer.agent.selectedPair?.remote.port, oldPort);
  assert.equal(offerer.agent.selectedPair?.remote.port, nat.mappings[0]!.externalPort);
});
