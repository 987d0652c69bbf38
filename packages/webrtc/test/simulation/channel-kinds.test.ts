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
  outageMs?: { readonly from: number; readonly until: number },
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
  if (outageMs !== undefined) {
    up.cutBetween(world.nowMs + outageMs.from, world.nowMs + outageMs.until);
  }
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

test(
  "ordered and reliable: every message once, in order, in spite of 10 % loss (RFC 8831 §6.6)",
  overSeeds(3, async (seed) => {
    const { arrived } = await trickleMessages(seed, { loss: independentLoss(0.1) }, {});
    assert.deepEqual(
      arrived,
      Array.from({ length: MESSAGES }, (_, index) => index),
    );
  }),
);

test(
  "unordered and reliable: every message once, and none waits for another",
  overSeeds(3, async (seed) => {
    const path = { loss: burstyLoss(0.1, 2) };
    const { arrived, lateMs } = await trickleMessages(seed, path, { ordered: false });
    assert.equal(new Set(arrived).size, MESSAGES);
    assert.equal(arrived.length, MESSAGES);
    const overtaking = arrived.filter(
      (index, place) => index < Math.max(...arrived.slice(0, place + 1)),
    );
    assert.ok(overtaking.length > 0);
    assert.ok(lateMs.filter((ms) => ms < 15).length > MESSAGES * 0.75);
  }),
);

test(
  "without retransmission a lost message is lost, and the others come at once (RFC 3758, RFC 8831 §6.6)",
  overSeeds(3, async (seed) => {
    const path = { loss: independentLoss(0.1) };
    const { arrived } = await trickleMessages(seed, path, { ordered: false, maxRetransmits: 0 });
    assert.equal(new Set(arrived).size, arrived.length);
    assert.ok(arrived.length < MESSAGES && arrived.length > MESSAGES * 0.75, `${arrived.length}`);
  }),
);

test(
  "ordered without retransmission: gaps, but never backwards (RFC 3758 §3.5)",
  overSeeds(3, async (seed) => {
    const path = { loss: independentLoss(0.1) };
    const { arrived } = await trickleMessages(seed, path, { maxRetransmits: 0 });
    assert.deepEqual(
      arrived,
      arrived.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(arrived).size, arrived.length);
    assert.ok(arrived.length < MESSAGES && arrived.length > MESSAGES * 0.75, `${arrived.length}`);
  }),
);

test("a limited lifetime: what an outage has made older does not arrive any more, the rest does (RFC 3758 §4.1)", async () => {
  const init = { ordered: false, maxPacketLifeTime: 100 };
  const { arrived, lateMs } = await trickleMessages(1, {}, init, { from: 1_000, until: 1_300 });
  assert.ok(!arrived.includes(110), "sent 200 ms before the end of the outage");
  assert.ok(arrived.includes(MESSAGES - 1));
  assert.ok(arrived.length > MESSAGES * 0.75, `${arrived.length} arrived`);
  assert.ok(Math.max(...lateMs) <= 100 + 10 + 1, `${Math.max(...lateMs)} ms`);
});

test("fifty channels at once keep their labels, their order and their messages apart", async () => {
  const topology = directTopology(1, { path: { delayMs: 5, loss: exactLoss(20, 30, 31) } });
  const pair = new VirtualPair(topology);
  await pair.connect();
  const channels = Array.from({ length: 50 }, (_, index) =>
    pair.offerer.connection.createDataChannel(`channel ${index}`, { ordered: index % 2 === 0 }),
  );
  await topology.world.advanceUntil(() => pair.answerer.incoming.length === 51);
  await topology.world.advanceUntil(() =>
    channels.every(({ readyState }) => readyState === "open"),
  );
  const heard = new Map<string, string[]>();
  for (const channel of pair.answerer.incoming.slice(1)) {
    heard.set(channel.label, []);
    channel.addEventListener("message", ({ data }) => heard.get(channel.label)!.push(String(data)));
  }
  for (const channel of channels)
    for (const word of ["one", "two"]) channel.send(`${word} ${channel.label}`);
  await topology.world.advance(5_000);
  for (const { label } of channels) {
    assert.deepEqual(heard.get(label)?.toSorted(), [`one ${label}`, `two ${label}`]);
  }
  await pair.close();
});

test("a closed channel closes at the other side, and its number is used again (RFC 8831 §6.7)", async () => {
  const topology = directTopology(1, { path: { delayMs: 5 } });
  const pair = new VirtualPair(topology);
  const [near, far] = await pair.connect();
  const id = near.id;
  near.close();
  await topology.world.advanceUntil(
    () => far.readyState === "closed" && near.readyState === "closed",
  );
  const next = pair.offerer.connection.createDataChannel("next");
  await topology.world.advanceUntil(() => next.readyState === "open");
  assert.equal(next.id, id);
  await pair.close();
});
