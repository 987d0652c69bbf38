import assert from "node:assert/strict";
import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { test } from "vitest";

import { burstyLoss } from "./loss-model.ts";
import { VirtualWorld } from "./virtual-world.ts";

/** Two hosts that throw a ball to each other over a bad link for `durationMs`; returns the world. */
async function playCatch(seed: number, durationMs: number, extraHosts = 0): Promise<VirtualWorld> {
  const world = new VirtualWorld({ seed, hashesContent: true });
  for (let index = 0; index < extraHosts; index++) {
    world.createHost(`extra${index}`, {
      network: world.internet,
      addresses: [`192.0.2.${50 + index}`],
    });
  }
  const link = { delayMs: 8, jitterMs: 4, loss: burstyLoss(0.05, 3), duplication: 0.02 };
  const players = [
    ["alice", "192.0.2.1", "192.0.2.2"],
    ["bob", "192.0.2.2", "192.0.2.1"],
  ] as const;
  for (const [name, address, other] of players) {
    const host = world.createHost(name, {
      network: world.internet,
      addresses: [address],
      up: link,
    });
    const { runtime } = host;
    const throwBall = (): void => socket.send(runtime.crypto.random.bytes(20), other, 5_000);
    const retry = runtime.createDeadline(() => {
      throwBall();
      retry.set(runtime.nowMs() + 50);
    });
    const socket = await runtime.bindUdp(
      { address, minPort: 5_000, maxPort: 5_000 },
      {
        onDatagram: () => {
          retry.set(runtime.nowMs() + 50);
          void Promise.resolve().then(throwBall);
        },
        onFailed() {},
      },
    );
    retry.set(0);
  }
  await world.advance(durationMs);
  return world;
}

test("the same seed gives the same run, down to the bytes; another seed another one", async () => {
  const first = await playCatch(11, 20_000);
  const again = await playCatch(11, 20_000);
  const other = await playCatch(12, 20_000);
  assert.ok(first.trace.counters.sent > 1_000);
  assert.equal(again.trace.hash, first.trace.hash);
  assert.deepEqual(again.trace.counters, first.trace.counters);
  assert.notEqual(other.trace.hash, first.trace.hash);
});

test("one more host does not change what happens to the others", async () => {
  const alone = await playCatch(11, 5_000);
  const inCompany = await playCatch(11, 5_000, 3);
  assert.equal(inCompany.trace.hash, alone.trace.hash);
});

test("runUntil lets happen what is due, the last instant included, and then it is that instant", () => {
  const world = new VirtualWorld({ seed: 1 });
  const seen: number[] = [];
  for (const atMs of [10, 20, 20.001]) world.clock.schedule(atMs, () => seen.push(atMs));
  world.runUntil(20);
  assert.deepEqual(seen, [10, 20]);
  assert.equal(world.nowMs, 20);
  world.runFor(5);
  assert.equal(world.nowMs, 25);
});

test("runUntilIdle ends with the last event; a world that is never idle is caught", () => {
  const world = new VirtualWorld({ seed: 3 });
  world.clock.schedule(10, () => {});
  world.runUntilIdle();
  assert.equal(world.nowMs, 10);
  const beat = (): void => void world.clock.schedule(world.nowMs + 100, beat);
  beat();
  assert.throws(() => world.runUntilIdle(1_000), {
    code: "ERR_CAP_REACHED",
    message:
      /waited in vain for the world to become idle \(seed 3, now 1010 ms\): 1000 ms were allowed/,
  });
});

test("runUntilTrue ends at the event that makes it true, or says that nothing is left", () => {
  const world = new VirtualWorld({ seed: 3 });
  let count = 0;
  for (const atMs of [10, 20, 30]) world.clock.schedule(atMs, () => count++);
  world.runUntilTrue(() => count === 2);
  assert.equal(world.nowMs, 20);
  assert.throws(() => world.runUntilTrue(() => false), { code: "ERR_NOTHING_LEFT" });
});

test("advance gives promises their turn between the events", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const log: string[] = [];
  const sleeper = (async () => {
    for (let round = 0; round < 3; round++) {
      await world.delay(10);
      await Promise.resolve();
      log.push(`woken at ${world.nowMs}`);
    }
  })();
  world.clock.schedule(15, () => log.push(`event at ${world.nowMs}`));
  await world.advance(100);
  await sleeper;
  assert.deepEqual(log, ["woken at 10", "event at 15", "woken at 20", "woken at 30"]);
  assert.equal(world.nowMs, 100);
});

test("settle lets time pass until the promise has its value, or its error", async () => {
  const world = new VirtualWorld({ seed: 1 });
  assert.equal(await world.settle(world.delay(250).then(() => "done")), "done");
  assert.equal(world.nowMs, 250);
  const failing = world.delay(1).then(() => {
    throw new RangeError("of the application");
  });
  await assert.rejects(world.settle(failing), { message: "of the application" });
});

test("settle caught waiting in vain says since when and for what", async () => {
  const world = new VirtualWorld({ seed: 8 });
  const never = new Promise<never>(() => {});
  const beat = (): void => void world.clock.schedule(world.nowMs + 100, beat);
  beat();
  await assert.rejects(world.settle(never, 1_000), {
    code: "ERR_CAP_REACHED",
    message: /waited in vain for a promise \(seed 8, now 1000 ms\)/,
  });
});

test("settle says that nothing is left when no event can ever settle the promise", async () => {
  const never = new Promise<never>(() => {});
  await assert.rejects(new VirtualWorld({ seed: 8 }).settle(never), { code: "ERR_NOTHING_LEFT" });
});

test("settle waits for work outside virtual time, which costs no virtual time", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const made = promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  assert.equal((await world.settle(made)).privateKey.type, "private");
  assert.equal(world.nowMs, 0);
});

test("advanceUntil ends when the condition holds", async () => {
  const world = new VirtualWorld({ seed: 1 });
  let isReady = false;
  void world.delay(40).then(() => (isReady = true));
  await world.advanceUntil(() => isReady);
  assert.equal(world.nowMs, 40);
  await assert.rejects(
    world.advanceUntil(() => false, 10),
    { code: "ERR_NOTHING_LEFT" },
  );
});

test("several waits can be under way at once", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const log: number[] = [];
  const sleep = async (durationMs: number): Promise<void> => {
    await world.delay(durationMs);
    log.push(world.nowMs);
  };
  await Promise.all([world.settle(sleep(30)), world.settle(sleep(10)), world.advance(20)]);
  assert.deepEqual(log, [10, 30]);
  assert.equal(world.nowMs, 30);
});

test("an error in a handler of the application comes out where time is made to pass", async () => {
  const world = new VirtualWorld({ seed: 1 });
  world.clock.schedule(5, () => {
    throw new RangeError("in the application");
  });
  await assert.rejects(world.advance(10), { message: "in the application" });
});

test("an endpoint that spins is caught, not waited for", async () => {
  const world = new VirtualWorld({ seed: 1, limits: { maxEventsAtOneInstant: 500 } });
  const deadline = world.createHost("alice").runtime.createDeadline(() => deadline.set(0));
  deadline.set(5);
  await assert.rejects(world.advance(10), { code: "ERR_LIVELOCK", message: /at 5 ms/ });
});

test("names resolve for all hosts, after a delay, in any case; an unknown one rejects", async () => {
  const world = new VirtualWorld({ seed: 1 });
  world.names.set("Stun.example", ["198.51.100.1", "2001:db8::1"], 30);
  world.names.set("gone.example", []);
  const { runtime } = world.createHost("alice");
  const addresses = await world.settle(runtime.resolveName("stun.EXAMPLE"));
  assert.deepEqual(addresses, ["198.51.100.1", "2001:db8::1"]);
  assert.equal(world.nowMs, 30);
  const unknown = { code: "ENOTFOUND", message: /no such name/ };
  await assert.rejects(world.settle(runtime.resolveName("gone.example")), unknown);
  await assert.rejects(world.settle(runtime.resolveName("never.example")), unknown);
});

test("an IP address resolves to itself in canonical form; a dead name server never answers", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const { runtime } = world.createHost("alice");
  assert.deepEqual(await world.settle(runtime.resolveName("2001:DB8:0::1")), ["2001:db8::1"]);
  world.names.set("slow.example", ["192.0.2.1"], Number.POSITIVE_INFINITY);
  const waiting = world.settle(runtime.resolveName("slow.example"));
  await assert.rejects(waiting, { code: "ERR_NOTHING_LEFT" });
});

test("every packet is told to the listener of the world", async () => {
  const kinds: string[] = [];
  const world = new VirtualWorld({ seed: 1, onTrace: ({ kind }) => kinds.push(kind) });
  const host = world.createHost("alice", { network: world.internet, addresses: ["192.0.2.1"] });
  const handlers = { onDatagram() {}, onFailed() {} };
  const socket = await host.runtime.bindUdp(
    { address: "192.0.2.1", minPort: 0, maxPort: 0 },
    handlers,
  );
  socket.send(new Uint8Array(9), "192.0.2.9", 9);
  assert.deepEqual(kinds, ["sent", "noRoute"]);
});

test("two minutes of two hosts are a matter of few events", async () => {
  const world = await playCatch(5, 120_000);
  assert.ok(world.clock.eventCount < 100_000, `${world.clock.eventCount} events`);
});
