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
