import assert from "node:assert/strict";
import { test } from "vitest";

import { directTopology } from "./support/topologies.ts";
import { exchange } from "./support/transfer.ts";
import { VirtualPair } from "./support/virtual-peer.ts";

const IPV4_AND_UDP_BYTES = 28;

test("the default of 1,200 bytes a datagram passes a path for 1,228-byte packets", async () => {
  const topology = directTopology(1, {
    path: { delayMs: 5, mtuBytes: 1_200 + IPV4_AND_UDP_BYTES },
  });
  const pair = new VirtualPair(topology);
  const [near, far] = await pair.connect();
  await topology.world.settle(exchange(near, far, 1, 200_000), 30_000);
  assert.equal(topology.world.trace.counters.dropped.tooLarge ?? 0, 0);
  await pair.close();
});

test("a path for 604-byte packets works when both sides are set to 576-byte datagrams (RFC 6347 §4.2.3 fragments the handshake)", async () => {
  const topology = directTopology(1, { path: { delayMs: 5, mtuBytes: 576 + IPV4_AND_UDP_BYTES } });
  const pair = new VirtualPair(topology, { settings: { maxDatagramBytes: 576 } });
  const [near, far] = await pair.connect();
  await topology.world.settle(exchange(near, far, 1, 200_000), 30_000);
  assert.equal(topology.world.trace.counters.dropped.tooLarge ?? 0, 0);
  await pair.close();
});

test("over a path for 1,100-byte packets small messages pass, and a large one ends the channel with a reason, not in silence", async () => {
  const { world, ...topology } = directTopology(1, { path: { delayMs: 5, mtuBytes: 1_100 } });
  const pair = new VirtualPair({ world, ...topology });
  const [near, far] = await pair.connect();
  const arrived: number[] = [];
  const errors: string[] = [];
  far.addEventListener("message", ({ data }) => arrived.push(String(data).length));
  near.addEventListener("error", ({ error }) => errors.push(error.message));
  near.send("x".repeat(500));
  await world.advance(1_000);
  assert.deepEqual(arrived, [500]);
  near.send("x".repeat(5_000));
  await world.advanceUntil(() => near.readyState === "closed", 600_000);
  assert.equal(errors.length, 1);
  assert.match(errors[0]!, /acknowledged|answer|retrans/i);
  await pair.close();
});

test("datagrams of fewer than 576 bytes are refused when the connection is made", () => {
  for (const maxDatagramBytes of [0, 575, 600.5, 65_001]) {
    assert.throws(() => new VirtualPair(directTopology(1), { settings: { maxDatagramBytes } }), {
      name: "TypeError",
      message: /maxDatagramBytes.*576 to 65000/,
    });
  }
});
