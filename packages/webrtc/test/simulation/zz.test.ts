import assert from "node:assert/strict";
import { test } from "vitest";

import { burstyLoss, exactLoss, independentLoss } from "../../src/testing/index.ts";
import type { LinkOptions } from "../../src/testing/index.ts";
import { overSeeds } from "./support/seeds.ts";
import { directTopology } from "./support/topologies.ts";
import { checkMessage, makeMessage } from "./support/transfer.ts";
import { VirtualPair } from "./support/virtual-peer.ts";

const MESSAGES = 300;
const MESSAGE_BYTES = 500;

/** Sends {@link MESSAGES} messages, one every 10 ms; returns their numbers as they arrived. */
async function trickleMessages(
  seed: number,
  path: Partial<LinkOptions>,
  init: RTCDataChannelInit,
): Promise<{ readonly arrived: readonly number[]; readonly lateMs: readonly number[] }> {
  const topology = directTopology(seed);
  const pair = new VirtualPair(topology);
  const [near, far] = await pair.connect(init);
  assert.equal(far.ordered, init.ordered ?? true);
  assert.equal(far.maxRetransmits, init.maxRetransmits ?? null);
  assert.equal(far.maxPacketLifeTime, init.maxPacketLifeTime ?? null);
  const { up } = topology.offererHost.interface();
  up.change({ delayMs: 10, ...path });
  const { world } = topology;
  const arrived: number[] = [];
  const lateMs: number[] = [];
  const sentAtMs: number[] = [];
  far.addEventListener("message", ({ data }) => {
    const index = checkMessage(seed, data, MESSAGE_BYTES);
    arrived.push(index);
    lateMs.push(world.nowMs - sentAtMs[index]!);
  });
  for (let index = 0; index < MESSAGES; index++) {
    sentAtMs.push(world.nowMs);
    near.send(makeMessage(seed, index, MESSAGE_BYTES));
    await world.advance(10);
  }
  up.change({ loss: { kind: "none" } });
  await world.advance(20_000);
  await pair.close();
  return { arrived, lateMs };
}


for (const seed of [1,2,3]) test("dbg"+seed, async () => {
  const r = await trickleMessages(seed, { loss: burstyLoss(0.1, 3) }, { ordered: false });
  console.log(seed, "unordered", r.arrived.length, new Set(r.arrived).size, "fast", r.lateMs.filter((ms) => ms < 15).length, "late", r.lateMs.filter((ms) => ms >= 15).map(Math.round).join(","), "missing", Array.from({length:300},(_, i)=>i).filter((i)=>!r.arrived.includes(i)).join());
  const l = await trickleMessages(seed, { loss: burstyLoss(0.2, 10) }, { ordered: false, maxPacketLifeTime: 100 });
  console.log(seed, "lifetime", l.arrived.length, "late", l.lateMs.filter((ms) => ms >= 15).map(Math.round).join(","), "missing", Array.from({length:300},(_, i)=>i).filter((i)=>!l.arrived.includes(i)).join());
});
void exactLoss; void independentLoss; void overSeeds; void assert; void VirtualPair;
