import assert from "node:assert/strict";
import { test } from "vitest";

import { NEVER_AT_MS } from "../../src/base/endpoint.ts";
import { exactLoss } from "../../src/testing/index.ts";
import { directTopology } from "./support/topologies.ts";
import { VirtualPair } from "./support/virtual-peer.ts";

const ONE_WAY_MS = 50;
const ROUND_TRIP_MS = 2 * ONE_WAY_MS;
/** More than all packets of one direction from the first check to the open channel. */
const HANDSHAKE_PACKETS = 20;

test("a channel is open a few round trips after the answer (ICE 1, DTLS 2 to 3, SCTP 2)", async () => {
  const topology = directTopology(1, { path: { delayMs: ONE_WAY_MS } });
  const pair = new VirtualPair(topology, { signalingDelayMs: 0 });
  await pair.connect();
  const roundTrips = topology.world.nowMs / ROUND_TRIP_MS;
  assert.ok(roundTrips <= 7, `${roundTrips} round trips`);
});

test("without delay the whole connection is made in no time: no timer is in the way", async () => {
  const topology = directTopology(1);
  const pair = new VirtualPair(topology, { signalingDelayMs: 0 });
  await pair.connect();
  assert.ok(topology.world.nowMs <= 10, `${topology.world.nowMs} ms`);
});

for (const direction of ["up", "down"] as const) {
  const sender = direction === "up" ? "offerer" : "answerer";
  test(`whichever single packet of the ${sender} is lost, the channel opens within three seconds`, async () => {
    for (let lost = 0; lost < HANDSHAKE_PACKETS; lost++) {
      const topology = directTopology(1, { path: { delayMs: 10 } });
      topology.offererHost.interface()[direction].change({ loss: exactLoss(lost) });
      const pair = new VirtualPair(topology);
      await pair.connect({}, 30_000);
      assert.ok(topology.world.nowMs < 3_000, `without packet ${lost}: ${topology.world.nowMs} ms`);
      await pair.close();
    }
  });

  test(`whichever three packets of the ${sender} in a row are lost, the channel opens within ten seconds`, async () => {
    for (let lost = 0; lost < HANDSHAKE_PACKETS; lost++) {
      const topology = directTopology(1, { path: { delayMs: 10 } });
      const loss = exactLoss(lost, lost + 1, lost + 2);
      topology.offererHost.interface()[direction].change({ loss });
      const pair = new VirtualPair(topology);
      await pair.connect({}, 30_000);
      assert.ok(
        topology.world.nowMs < 10_000,
        `without ${lost} and two: ${topology.world.nowMs} ms`,
      );
      await pair.close();
    }
  });
}

test("whichever packet of either side is lost, one of each, the channel opens within ten seconds", async () => {
  const failures: string[] = [];
  for (let up = 2; up < 11; up++) {
    for (let down = 2; down < 11; down++) {
      const topology = directTopology(1, { path: { delayMs: 10 } });
      topology.offererHost.interface().up.change({ loss: exactLoss(up) });
      topology.offererHost.interface().down.change({ loss: exactLoss(down) });
      const pair = new VirtualPair(topology);
      await pair.connect({}, 10_000).catch(() => failures.push(`${up} and ${down}`));
      await pair.close();
    }
  }
  assert.deepEqual(failures, []);
}, 120_000);

test("slow signaling does not break anything: an answer after 20 s, candidates before and after it", async () => {
  const topology = directTopology(1, { path: { delayMs: 10 } });
  const pair = new VirtualPair(topology, { signalingDelayMs: 20_000 });
  await pair.connect({}, 120_000);
  assert.ok(!pair.offerer.stateNames.includes("failed"));
  await pair.close();
});

test("an answer that never comes leaves the offerer waiting, and closing it frees everything", async () => {
  const topology = directTopology(1);
  const pair = new VirtualPair(topology, { signalingDelayMs: NEVER_AT_MS });
  pair.offerer.connection.createDataChannel("data");
  await topology.world.settle(pair.offerer.connection.setLocalDescription());
  await topology.world.advance(600_000);
  assert.equal(pair.offerer.connection.connectionState, "new");
  assert.equal(topology.offererHost.resources.sockets, 1);
  await pair.close();
  assert.deepEqual(topology.offererHost.resources, { sockets: 0, deadlines: 0 });
});

test("no network at all: it fails, and says what is missing", async () => {
  const topology = directTopology(1);
  topology.answererHost.removeInterface();
  const pair = new VirtualPair(topology);
  pair.offerer.connection.createDataChannel("data");
  await topology.world.settle(pair.negotiate());
  await topology.world.advanceUntil(() => pair.offerer.stateNames.includes("failed"), 60_000);
  assert.match(pair.offerer.failureReason ?? "", /candidate|check/);
  await pair.close();
});
