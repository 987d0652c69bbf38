import assert from "node:assert/strict";
import { test } from "vitest";

import { burstyLoss, independentLoss, SeededRandom } from "../../src/testing/index.ts";
import type { LinkOptions } from "../../src/testing/index.ts";
import { overSeeds, seedsToRun } from "./support/seeds.ts";
import { directTopology } from "./support/topologies.ts";
import { exchange } from "./support/transfer.ts";
import { VirtualPair } from "./support/virtual-peer.ts";

/** Real time: a loaded machine must not fail what takes some seconds on an idle one. */
const TIMEOUT_MS = 180_000;

/** A path of which everything is drawn from the seed: bad, but not hopeless. */
function randomPath(seed: number): Partial<LinkOptions> {
  const random = new SeededRandom(seed);
  const upTo = (most: number): number => random.fraction() * most;
  return {
    delayMs: upTo(120),
    jitterMs: upTo(40),
    loss:
      random.fraction() < 0.5 ? independentLoss(upTo(0.1)) : burstyLoss(upTo(0.05), 1 + upTo(6)),
    duplication: upTo(0.1),
    reordering: upTo(0.1),
    reorderByMs: upTo(30),
    rateBps: 500_000 + upTo(20_000_000),
    queueBytes: 20_000 + upTo(100_000),
  };
}

test(
  "whatever the path does, a connection is made, data arrives whole, and nothing is left",
  overSeeds(200, async (seed) => {
    const topology = directTopology(seed, { path: randomPath(seed) });
    const pair = new VirtualPair(topology, {
      signalingDelayMs: seed % 7 === 0 ? 2_000 : seed % 100,
    });
    const [near, far] = await pair.connect({}, 60_000);
    await topology.world.settle(exchange(near, far, seed, 30_000, 3_000), 120_000);
    await pair.close();
    assert.deepEqual(topology.offererHost.resources, { sockets: 0, deadlines: 0 });
    assert.deepEqual(topology.answererHost.resources, { sockets: 0, deadlines: 0 });
  }),
  TIMEOUT_MS,
);

test("a whole connection repeats from its seed: same packets, same fates, same instants", async () => {
  const run = async (seed: number): Promise<string> => {
    const topology = directTopology(seed, {
      path: { ...randomPath(seed), rateBps: Number.POSITIVE_INFINITY },
    });
    const pair = new VirtualPair(topology);
    const [near, far] = await pair.connect();
    await topology.world.settle(exchange(near, far, seed, 100_000), 60_000);
    await pair.close();
    return topology.world.trace.hash;
  };
  const [seed] = seedsToRun(1);
  const first = await run(seed!);
  assert.equal(await run(seed!), first);
  assert.notEqual(await run(seed! + 1), first);
});
