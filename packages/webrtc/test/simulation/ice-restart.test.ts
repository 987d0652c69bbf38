import assert from "node:assert/strict";
import { test } from "vitest";

import { independentLoss } from "../../src/testing/index.ts";
import { readUint32, writeUint32 } from "../../src/base/bytes.ts";
import type { ChannelKey } from "../../src/session/channel-events.ts";
import { otherSide, SIDES, type Side } from "../support/plan-book.ts";
import { overSeeds } from "./support/seeds.ts";
import { SessionPeers } from "./support/session-peer.ts";
import { directTopology, nattedTopology, type Topology } from "./support/topologies.ts";

const NOTHING_HELD = { sockets: 0, deadlines: 0 };
const ID = "0";
const MESSAGE_BYTES = 1_500;

/** Two peers over `topology`, with an open channel each way. */
async function connected(
  topology: Topology,
): Promise<{ peers: SessionPeers; keys: Record<Side, ChannelKey> }> {
  const peers = new SessionPeers(topology);
  const keys = { a: peers.a.createChannel(), b: peers.b.createChannel() };
  peers.book.add(ID, true).agree();
  const isOpen = (side: Side): boolean =>
    peers
      .peer(side)
      .of("channel")
      .filter(({ event }) => event.kind === "opened").length >= 1;
  await topology.world.advanceUntil(() => isOpen("a") && isOpen("b"));
  return { peers, keys };
}

/** Offer and answer with new credentials on both sides, each told after `delayMs`. */
async function restart(peers: SessionPeers, offerer: Side, delayMs = 30): Promise<void> {
  const { book, world } = peers;
  for (const side of SIDES) peers.peer(side).configure();
  book.renew(ID, offerer);
  book.apply(offerer);
  await world.advance(delayMs);
  book.renew(ID, otherSide(offerer));
  book.tell(offerer);
  book.apply(otherSide(offerer));
  await world.advance(delayMs);
  book.tell(otherSide(offerer));
  book.apply(offerer);
}

/** Sends numbered messages both ways, a few each time. */
class Traffic {
  readonly #peers: SessionPeers;
  readonly #keys: Record<Side, ChannelKey>;
  sent = 0;

  constructor(peers: SessionPeers, keys: Record<Side, ChannelKey>) {
    this.#peers = peers;
    this.#keys = keys;
  }

  send(count: number): void {
    for (let index = 0; index < count; index++, this.sent++) {
      const message = new Uint8Array(MESSAGE_BYTES);
      writeUint32(message, 0, this.sent);
      for (const side of SIDES) {
        const { driver } = this.#peers.peer(side);
        assert.ok(driver.sendOnChannel(this.#keys[side], "binary", message));
      }
    }
  }

  /** Messages go both ways all the while. */
  async during(durationMs: number): Promise<void> {
    const { world } = this.#peers;
    for (const untilMs = world.nowMs + durationMs; world.nowMs < untilMs;) {
      this.send(2);
      await world.advance(Math.min(20, untilMs - world.nowMs));
    }
  }

  /** All have come, in order, once. */
  assertWhole(): void {
    for (const side of SIDES) {
      const numbers = this.#peers.peer(side).messages.map((bytes) => readUint32(bytes, 0));
      assert.deepEqual(
        numbers,
        Array.from({ length: this.sent }, (_, index) => index),
        `at ${side}`,
      );
    }
  }
}

function assertNothingEnded(peers: SessionPeers): void {
  for (const peer of [peers.a, peers.b]) {
    assert.deepEqual(
      peer.of("dtlsStateChanged").map(({ state }) => state),
      ["connecting", "connected"],
    );
    assert.equal(peer.of("sctpClosed").length, 0);
  }
}

async function assertFreed(peers: SessionPeers): Promise<void> {
  await peers.close();
  for (const { host } of [peers.a, peers.b]) assert.deepEqual(host.resources, NOTHING_HELD);
}

test(
  "restarts while messages go both ways lose none, over links that lose and reorder (RFC 8445 §9)",
  overSeeds(3, async (seed) => {
    const topology = directTopology(seed, {
      path: {
        delayMs: 15,
        loss: independentLoss(0.02),
        duplication: 0.01,
        reordering: 0.02,
        reorderByMs: 10,
      },
    });
    const { peers, keys } = await connected(topology);
    const traffic = new Traffic(peers, keys);
    for (let round = 0; round < 4; round++) {
      await traffic.during(300);
      await Promise.all([
        restart(peers, round % 2 === 0 ? "a" : "b", 30 + 40 * round),
        traffic.during(900),
      ]);
    }
    await topology.world.advance(10_000);
    traffic.assertWhole();
    assertNothingEnded(peers);
    for (const { host } of [peers.a, peers.b]) assert.equal(host.resources.sockets, 1);
    await assertFreed(peers);
  }),
);

test("a restart through two NATs opens new mappings, and messages go on", async () => {
  const behaviour = {
    mapping: "endpoint-independent",
    filtering: "address-and-port-dependent",
  } as const;
  const topology = await nattedTopology(3, behaviour, behaviour);
  const { peers, keys } = await connected(topology);
  const traffic = new Traffic(peers, keys);
  await Promise.all([restart(peers, "b"), traffic.during(5_000)]);
  await topology.world.advance(5_000);
  traffic.assertWhole();
  for (const peer of [peers.a, peers.b]) {
    assert.equal(peer.of("selectedPairChanged").length >= 2, true);
    assert.ok(peer.iceStatesOf(ID).every((state) => state !== "disconnected"));
  }
  assertNothingEnded(peers);
  await assertFreed(peers);
});

test("another address takes the place of the one that is gone: the restart brings the transfer to its end", async () => {
  const topology = directTopology(5, { path: { delayMs: 20 } });
  const { peers, keys } = await connected(topology);
  const { world, offererHost } = topology;
  const traffic = new Traffic(peers, keys);
  await traffic.during(300);
  offererHost.removeInterface();
  offererHost.addInterface({ network: world.internet, addresses: ["192.0.2.77"] });
  await traffic.during(10_000);
  await Promise.all([restart(peers, "a"), traffic.during(1_000)]);
  await world.advance(10_000);
  traffic.assertWhole();
  assert.equal(peers.a.of("selectedPairChanged").at(-1)?.local.address, "192.0.2.77");
  assertNothingEnded(peers);
  await assertFreed(peers);
});

test("a transport that failed in a long cut revives by a restart, with everything that was sent meanwhile", async () => {
  const topology = directTopology(7, { path: { delayMs: 20 } });
  const { peers, keys } = await connected(topology);
  const { world, offererHost } = topology;
  const traffic = new Traffic(peers, keys);
  offererHost.interface().cutBetween(world.nowMs, world.nowMs + 600_000);
  await traffic.during(1_000);
  await world.advance(600_000);
  for (const peer of [peers.a, peers.b]) assert.equal(peer.iceStatesOf(ID).at(-1), "failed");
  const revivedAtMs = world.nowMs;
  await restart(peers, "b");
  await world.advanceUntil(() => peers.a.messages.length === traffic.sent);
  assert.ok(world.nowMs - revivedAtMs < 2_000, `took ${world.nowMs - revivedAtMs} ms`);
  await world.advance(5_000);
  traffic.assertWhole();
  assertNothingEnded(peers);
  await assertFreed(peers);
});

test("both offer a restart at once: one rolls back, and only the answered one counts (RFC 9429 §4.1.10.2)", async () => {
  const topology = directTopology(9, { path: { delayMs: 20 } });
  const { peers, keys } = await connected(topology);
  const { book, world } = { book: peers.book, world: topology.world };
  const traffic = new Traffic(peers, keys);
  const before = book.renew(ID, "a");
  book.apply("a");
  book.renew(ID, "b");
  book.apply("b");
  await traffic.during(60);
  book.restore(ID, "a", before);
  book.apply("a");
  await traffic.during(10);
  book.renew(ID, "a");
  book.tell("b");
  book.apply("a");
  await traffic.during(30);
  book.tell("a");
  book.apply("b");
  await traffic.during(4_000);
  await world.advance(1_000);
  traffic.assertWhole();
  for (const { host } of [peers.a, peers.b]) assert.equal(host.resources.sockets, 1);
  for (const peer of [peers.a, peers.b]) {
    assert.equal(peer.of("selectedPairChanged").length, 2);
    assert.deepEqual(peer.iceStatesOf(ID), ["checking", "connected"]);
  }
  assertNothingEnded(peers);
  await assertFreed(peers);
});

test("twenty restarts in a row leave no socket and no timer behind", async () => {
  const topology = directTopology(11, { path: { delayMs: 10 } });
  const { peers, keys } = await connected(topology);
  const { world } = topology;
  const before = peers.a.host.resources;
  const traffic = new Traffic(peers, keys);
  for (let round = 0; round < 20; round++) {
    await Promise.all([
      restart(peers, round % 3 === 0 ? "b" : "a", 15),
      traffic.during(30 + 10 * round),
    ]);
    assert.ok(peers.a.host.resources.sockets <= 4, `${peers.a.host.resources.sockets} sockets`);
  }
  await world.advance(10_000);
  traffic.assertWhole();
  for (const { host } of [peers.a, peers.b]) assert.deepEqual(host.resources, before);
  await assertFreed(peers);
  assert.equal(world.clock.queuedCount, 0);
});

test("audio and data connect over two transports, are bundled, and restart as one", async () => {
  const topology = directTopology(13, { path: { delayMs: 20 } });
  const { world } = topology;
  const peers = new SessionPeers(topology);
  const key = peers.a.createChannel();
  peers.book.add("audio", false).add("data", false).apply("a");
  await world.advance(50);
  assert.equal(peers.a.host.resources.sockets, 2);
  peers.book.remove("data").setSctp("audio", true).agree();
  await world.advance(2_000);
  for (const { host } of [peers.a, peers.b]) assert.equal(host.resources.sockets, 1);
  peers.a.driver.sendOnChannel(key, "binary", Uint8Array.of(1));
  peers.book.restart("audio", "b");
  await world.advance(5_000);
  peers.a.driver.sendOnChannel(key, "binary", Uint8Array.of(2));
  await world.advance(200);
  assert.deepEqual(
    peers.b.messages.map(([byte]) => byte),
    [1, 2],
  );
  assertNothingEnded(peers);
  for (const { host } of [peers.a, peers.b]) assert.equal(host.resources.sockets, 1);
  await assertFreed(peers);
});
