import assert from "node:assert/strict";
import { test } from "vitest";

import type { RTCDataChannel } from "../../src/w3c/rtc-data-channel.ts";
import { directTopology } from "./support/topologies.ts";
import { exchange } from "./support/transfer.ts";
import { VirtualPair } from "./support/virtual-peer.ts";

const NOTHING_HELD = { sockets: 0, deadlines: 0 };

/** A pair that has been connected for a while over 20 ms of delay. */
async function connectedPair(seed = 1) {
  const topology = directTopology(seed, { path: { delayMs: 20 } });
  const pair = new VirtualPair(topology);
  const channels = await pair.connect();
  await topology.world.advance(10_000);
  return { ...topology, pair, channels };
}

function echoes(channel: RTCDataChannel): string[] {
  const received: string[] = [];
  channel.addEventListener("message", ({ data }) => received.push(String(data)));
  return received;
}

test("a connection survives a cut of 3 s, and what was sent meanwhile arrives", async () => {
  const { world, pair, offererHost, channels } = await connectedPair();
  const [near, far] = channels;
  const received = echoes(far);
  offererHost.interface().cutBetween(world.nowMs, world.nowMs + 3_000);
  near.send("before");
  await world.advance(1_500);
  near.send("during");
  await world.advance(15_000);
  near.send("after");
  await world.advance(1_000);
  assert.deepEqual(received, ["before", "during", "after"]);
  assert.equal(pair.offerer.connection.connectionState, "connected");
  assert.equal(pair.answerer.connection.connectionState, "connected");
  assert.ok(!pair.offerer.stateNames.includes("failed"));
  await pair.close();
});

test("a cut of 60 s ends the connection by consent (RFC 7675 §5.1), says so, and frees everything", async () => {
  const { world, pair, offererHost, answererHost, channels } = await connectedPair();
  const cutAtMs = world.nowMs;
  offererHost.interface().cutBetween(cutAtMs, cutAtMs + 60_000);
  await world.advance(60_000);
  for (const peer of [pair.offerer, pair.answerer]) {
    assert.deepEqual(peer.stateNames.slice(-2), ["disconnected", "failed"]);
    const failedAtMs = peer.states.at(-1)!.atMs;
    assert.ok(failedAtMs - cutAtMs <= 31_000, `failed after ${failedAtMs - cutAtMs} ms`);
    assert.match(peer.failureReason ?? "", /consent|no answer/i);
  }
  await world.advance(30_000);
  assert.equal(pair.offerer.connection.connectionState, "failed", "failed does not resurrect");
  await pair.close();
  assert.deepEqual(offererHost.resources, NOTHING_HELD);
  assert.deepEqual(answererHost.resources, NOTHING_HELD);
  assert.ok(channels.every(({ readyState }) => readyState === "closed"));
});

test("a transfer that is cut in the middle for 3 s comes to its end", async () => {
  const { world, pair, offererHost, channels } = await connectedPair();
  offererHost.interface().cutBetween(world.nowMs + 100, world.nowMs + 3_100);
  await world.settle(exchange(...channels, 1, 1_000_000), 60_000);
  await pair.close();
});

test("a peer that vanishes is noticed: disconnected within 10 s, failed within 45 s", async () => {
  const { world, pair, offererHost, answererHost } = await connectedPair();
  const goneAtMs = world.nowMs;
  answererHost.powerOff();
  await world.advance(45_000);
  const [disconnected, failed] = pair.offerer.states.slice(-2);
  assert.equal(disconnected!.state, "disconnected");
  assert.ok(disconnected!.atMs - goneAtMs <= 10_000);
  assert.equal(failed!.state, "failed");
  pair.offerer.connection.close();
  await world.advance(1_000);
  assert.deepEqual(offererHost.resources, NOTHING_HELD);
});

test("closing one side is noticed by the other without waiting for a timeout", async () => {
  const { world, pair, channels } = await connectedPair();
  const [near, far] = channels;
  let farClosedAtMs = Number.POSITIVE_INFINITY;
  far.addEventListener("close", () => (farClosedAtMs = world.nowMs));
  const closedAtMs = world.nowMs;
  pair.offerer.connection.close();
  assert.equal(near.readyState, "closed");
  await world.advance(2_000);
  assert.ok(farClosedAtMs - closedAtMs < 500, `after ${farClosedAtMs - closedAtMs} ms`);
  pair.answerer.connection.close();
});

test("after close nothing is fired, nothing is sent, and the world comes to rest", async () => {
  const { world, pair, offererHost, answererHost } = await connectedPair();
  pair.offerer.connection.close();
  pair.answerer.connection.close();
  const stateCount = pair.offerer.states.length;
  await world.advance(1_000);
  const { sent } = world.trace.counters;
  await world.advance(120_000);
  assert.equal(world.trace.counters.sent, sent);
  assert.equal(pair.offerer.states.length, stateCount);
  assert.deepEqual(offererHost.resources, NOTHING_HELD);
  assert.deepEqual(answererHost.resources, NOTHING_HELD);
  assert.equal(world.clock.queuedCount, 0);
});
