import assert from "node:assert/strict";
import { test } from "vitest";

import { burstyLoss, independentLoss } from "../../src/testing/index.ts";
import type { LinkOptions } from "../../src/testing/index.ts";
import { overSeeds } from "./support/seeds.ts";
import { directTopology } from "./support/topologies.ts";
import { exchange } from "./support/transfer.ts";
import { VirtualPair } from "./support/virtual-peer.ts";

const MEGABYTE = 1_048_576;

/** Connects over `path`, moves 1 MB each way, closes, and finds nothing left behind. */
async function moveMegabytes(
  seed: number,
  path: Partial<LinkOptions>,
  withinMs: number,
): Promise<number> {
  const topology = directTopology(seed, { path });
  const pair = new VirtualPair(topology);
  const [near, far] = await pair.connect();
  const startedAtMs = topology.world.nowMs;
  await topology.world.settle(exchange(near, far, seed, MEGABYTE), withinMs);
  const tookMs = topology.world.nowMs - startedAtMs;
  await pair.close();
  assert.deepEqual(topology.offererHost.resources, { sockets: 0, deadlines: 0 });
  assert.deepEqual(topology.answererHost.resources, { sockets: 0, deadlines: 0 });
  return tookMs;
}

test(
  "1 MB each way over a clean link, at once",
  overSeeds(2, async (seed) => {
    assert.ok((await moveMegabytes(seed, {}, 1_000)) < 100);
  }),
);

test(
  "1 MB each way with 50 ms of delay",
  overSeeds(2, async (seed) => {
    await moveMegabytes(seed, { delayMs: 50 }, 20_000);
  }),
);

test(
  "1 MB each way at 1 % loss",
  overSeeds(3, async (seed) => {
    await moveMegabytes(seed, { delayMs: 10, loss: independentLoss(0.01) }, 60_000);
  }),
);

test(
  "1 MB each way at 5 % loss",
  overSeeds(3, async (seed) => {
    await moveMegabytes(seed, { delayMs: 10, loss: independentLoss(0.05) }, 120_000);
  }),
);

test(
  "1 MB each way with losses in bursts of eight",
  overSeeds(3, async (seed) => {
    await moveMegabytes(seed, { delayMs: 10, loss: burstyLoss(0.02, 8) }, 120_000);
  }),
);

test(
  "1 MB each way where one packet in ten is overtaken",
  overSeeds(3, async (seed) => {
    await moveMegabytes(seed, { delayMs: 10, reordering: 0.1, reorderByMs: 4 }, 60_000);
  }),
);

test(
  "1 MB each way where one packet in five comes twice",
  overSeeds(3, async (seed) => {
    await moveMegabytes(seed, { delayMs: 10, duplication: 0.2 }, 20_000);
  }),
);

test(
  "1 MB each way with jitter, loss, reordering and duplication at once",
  overSeeds(3, async (seed) => {
    const path: Partial<LinkOptions> = {
      delayMs: 20,
      jitterMs: 30,
      loss: independentLoss(0.02),
      reordering: 0.05,
      reorderByMs: 15,
      duplication: 0.05,
    };
    await moveMegabytes(seed, path, 120_000);
  }),
);

test(
  "1 MB each way through 10 Mbit/s with a short queue uses the link",
  overSeeds(2, async (seed) => {
    const path = { delayMs: 20, rateBps: 10_000_000, queueBytes: 64_000 };
    const tookMs = await moveMegabytes(seed, path, 60_000);
    assert.ok(tookMs > 800, `faster than the link: ${tookMs} ms`);
    assert.ok(tookMs < 8_000, `less than a tenth of the link: ${tookMs} ms`);
  }),
);
