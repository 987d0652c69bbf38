import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import type { WireOptions } from "../../test/support/sctp-pair.ts";
import {
  PATIENT,
  SctpPair,
  messagesOf,
  testMessage,
  testPayload,
} from "../../test/support/sctp-pair.ts";

const MESSAGE_SIZES = [1, 3, 64, 1_100, 1_175, 1_176, 5_000, 40_000];

/** Sends `count` messages of mixed sizes on three streams from each end and lets time pass. */
function exchange(seed: number, wire: Partial<WireOptions>, count: number, isInterleaved: boolean) {
  const options = { ...PATIENT, isInterleavingOffered: isInterleaved };
  const pair = new SctpPair({ seed, wire, a: options, b: options }).connect();
  for (let index = 0; index < count; index++) {
    const size = MESSAGE_SIZES[(index + seed) % MESSAGE_SIZES.length]!;
    const stream = index % 3;
    pair.a.association.send(testMessage(stream, testPayload(size, index)), pair.nowMs);
    pair.b.association.send(testMessage(stream, testPayload(size, index + 1_000)), pair.nowMs);
    pair.run(index % 5);
  }
  const hasAll = () =>
    messagesOf(pair.a.events).length === count && messagesOf(pair.b.events).length === count;
  assert.ok(pair.runUntil(hasAll, 3_600_000), `seed ${seed}: not all messages arrived`);
  const isQuiet = () =>
    pair.a.association.stats.flightBytes + pair.b.association.stats.flightBytes === 0;
  assert.ok(pair.runUntil(isQuiet, 3_600_000), `seed ${seed}: not all was acknowledged`);
  return pair;
}

function assertIntact(pair: SctpPair, count: number, seed: number): void {
  for (const [end, offset] of [
    [pair.b, 0],
    [pair.a, 1_000],
  ] as const) {
    const nextOfStream = [0, 1, 2];
    for (const { streamId, payload } of messagesOf(end.events)) {
      const index = nextOfStream[streamId]!;
      nextOfStream[streamId] = index + 3;
      const size = MESSAGE_SIZES[(index + seed) % MESSAGE_SIZES.length]!;
      assert.deepEqual(payload, testPayload(size, index + offset), `seed ${seed}, ${index}`);
    }
    assert.equal(messagesOf(end.events).length, count);
    assert.equal(end.association.stats.heldBytes, 0);
    assert.equal(end.association.stats.flightBytes, 0);
    for (const streamId of [0, 1, 2]) assert.equal(end.association.bufferedBytes(streamId), 0);
  }
}

const HOSTILE_WIRE = { delayMs: 15, jitterMs: 20, loss: 0.2, duplication: 0.1 };

test("every message arrives once, whole and in order at 20 % loss with reordering and duplicates (RFC 9260 §6)", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.boolean(), (seed, isInterleaved) => {
      assertIntact(exchange(seed, HOSTILE_WIRE, 24, isInterleaved), 24, seed);
    }),
    { numRuns: 30 },
  );
});

test("bursts of losses are survived (RFC 9260 §6.3.3)", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), (seed) => {
      const wire = { delayMs: 40, loss: 0.03, burstiness: 0.85 };
      assertIntact(exchange(seed, wire, 24, seed % 2 === 0), 24, seed);
    }),
    { numRuns: 10 },
  );
});

test("the same seed gives the same run", () => {
  const stats = [1, 2].map(() => exchange(77, HOSTILE_WIRE, 24, true).a.association.stats);
  assert.deepEqual(stats[0], stats[1]);
});

test("without loss nothing is sent twice", () => {
  const pair = exchange(5, { delayMs: 20 }, 60, true);
  assert.equal(pair.a.association.stats.chunksRetransmitted, 0);
  assert.equal(pair.b.association.stats.duplicateChunks, 0);
});

test("a lost packet is repaired by fast retransmit, without a timeout (RFC 9260 §7.2.4)", () => {
  let dataPackets = 0;
  const pair = new SctpPair({
    wire: { delayMs: 20 },
    filter: (from, packet) => from !== "a" || packet.byteLength < 1_000 || ++dataPackets !== 5,
  }).connect();
  const payload = testPayload(60_000, 1);
  pair.a.association.send(testMessage(0, payload), pair.nowMs);
  pair.run(390);
  assert.deepEqual(messagesOf(pair.b.events)[0]?.payload, payload);
  const { timeouts, fastRecoveries, chunksRetransmitted } = pair.a.association.stats;
  assert.deepEqual(
    { timeouts, fastRecoveries, chunksRetransmitted },
    {
      timeouts: 0,
      fastRecoveries: 1,
      chunksRetransmitted: 1,
    },
  );
});

test("a long transfer leaves nothing behind: queues, windows and held bytes go back to where they were", () => {
  const pair = new SctpPair({ seed: 9, wire: { delayMs: 5, loss: 0.01 } }).connect();
  const payload = testPayload(16_000, 1);
  for (let round = 0; round < 40; round++) {
    for (let index = 0; index < 20; index++) {
      pair.a.association.send(testMessage(index % 4, payload), pair.nowMs);
    }
    assert.ok(pair.runUntil(() => messagesOf(pair.b.events).length === (round + 1) * 20, 600_000));
    pair.run(500);
    const { heldBytes, flightBytes, peerWindowBytes } = pair.a.association.stats;
    assert.deepEqual([heldBytes, flightBytes, peerWindowBytes], [0, 0, 5 * 1024 * 1024]);
    assert.equal(pair.b.association.stats.heldBytes, 0);
  }
});

test("large messages fill a fast path with round-trip time, small ones share packets", () => {
  const pair = new SctpPair({ wire: { delayMs: 25 }, keepsPackets: true }).connect();
  const before = pair.a.sentPackets.length;
  for (let index = 0; index < 1_000; index++) {
    pair.a.association.send(testMessage(1, testPayload(64, index)), pair.nowMs);
  }
  pair.run(1_000);
  assert.equal(messagesOf(pair.b.events).length, 1_000);
  const packets = pair.a.sentPackets.length - before;
  assert.ok(packets <= 1_000 / 13 + 5, `${packets} packets for 1,000 messages of 64 bytes`);
});
