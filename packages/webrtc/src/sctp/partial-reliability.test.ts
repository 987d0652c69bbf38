import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import {
  PATIENT,
  SctpPair,
  messagesOf,
  testMessage,
  testPayload,
} from "../../test/support/sctp-pair.ts";
import { CHUNK_TYPE } from "./packet/chunk.ts";

const isData = (packet: Uint8Array) =>
  packet[12] === CHUNK_TYPE.data || packet[12] === CHUNK_TYPE.iData;

/** A pair whose `a` loses the data packets that `isLost` picks, counted from 1. */
function lossyPair(isLost: (count: number) => boolean, isInterleavingOffered = true) {
  let count = 0;
  return new SctpPair({
    a: { isInterleavingOffered },
    wire: { delayMs: 10 },
    keepsPackets: true,
    filter: (from, packet) => from !== "a" || !isData(packet) || !isLost(++count),
  }).connect();
}

test("maxRetransmits 0: a lost message is skipped, later ones arrive (RFC 7496 §4.2)", () => {
  for (const isInterleaved of [true, false]) {
    const pair = lossyPair((count) => count === 2, isInterleaved);
    for (let index = 0; index < 8; index++) {
      const message = testMessage(1, testPayload(1_000, index), { maxRetransmits: 0 });
      pair.a.association.send(message, pair.nowMs);
    }
    pair.run(2_000);
    const expected = [0, 2, 3, 4, 5, 6, 7].map((index) => testPayload(1_000, index));
    assert.deepEqual(
      messagesOf(pair.b.events).map(({ payload }) => payload),
      expected,
    );
    assert.equal(pair.a.association.stats.messagesAbandoned, 1);
    assert.equal(pair.a.association.stats.chunksRetransmitted, 0);
    assert.equal(pair.a.association.stats.flightBytes, 0);
  }
});

test("the last message is skipped too, after a timeout (RFC 3758 §3.5)", () => {
  const pair = lossyPair((count) => count === 1);
  pair.a.association.send(testMessage(1, testPayload(10, 0), { maxRetransmits: 0 }), pair.nowMs);
  pair.run(2_000);
  assert.equal(messagesOf(pair.b.events).length, 0);
  pair.a.association.send(testMessage(1, testPayload(10, 1)), pair.nowMs);
  pair.run(2_000);
  assert.deepEqual(messagesOf(pair.b.events)[0]?.payload, testPayload(10, 1));
});

test("maxRetransmits counts retransmissions, not transmissions (RFC 7496 §4.2)", () => {
  for (const [lost, arrives] of [
    [2, true],
    [3, false],
  ] as const) {
    const pair = lossyPair((count) => count <= lost);
    pair.a.association.send(testMessage(1, testPayload(10, 0), { maxRetransmits: 2 }), pair.nowMs);
    pair.run(30_000);
    assert.equal(messagesOf(pair.b.events).length === 1, arrives);
    assert.equal(pair.a.association.stats.chunksRetransmitted, 2);
  }
});

test("a message whose lifetime has passed in the queue is never sent (RFC 3758 §4.1)", () => {
  const pair = lossyPair(() => false);
  // More than the first window, so that the message behind has to wait.
  pair.a.association.send(testMessage(1, testPayload(400_000, 0)), pair.nowMs);
  pair.a.association.send(testMessage(1, testPayload(10, 1), { lifetimeMs: 15 }), pair.nowMs);
  pair.a.association.send(testMessage(1, testPayload(10, 2)), pair.nowMs);
  pair.run(5_000);
  const payloads = messagesOf(pair.b.events).map(({ payload }) => payload);
  assert.deepEqual(payloads, [testPayload(400_000, 0), testPayload(10, 2)]);
  assert.equal(pair.a.association.bufferedBytes(1), 0);
  const sent = pair.a.events.reduce(
    (sum, event) => sum + (event.kind === "sent" ? event.bytes : 0),
    0,
  );
  assert.equal(sent, 400_020);
});

test("a lost message is repeated until its lifetime has passed (RFC 3758 §4.1)", () => {
  const pair = lossyPair((count) => count <= 6);
  const message = testMessage(1, testPayload(10, 0), { lifetimeMs: 1_000 });
  pair.a.association.send(message, pair.nowMs);
  pair.run(30_000);
  assert.equal(messagesOf(pair.b.events).length, 0);
  assert.equal(pair.a.association.stats.messagesAbandoned, 1);
  assert.equal(pair.a.association.stats.chunksRetransmitted, 1);
});

test("a large message given up half-way leaves nothing at the receiver (RFC 3758 §3.6)", () => {
  for (const isInterleaved of [true, false]) {
    const pair = lossyPair((count) => count === 4, isInterleaved);
    const options = { maxRetransmits: 0 };
    pair.a.association.send(testMessage(1, testPayload(300_000, 0), options), pair.nowMs);
    pair.a.association.send(testMessage(1, testPayload(50, 1)), pair.nowMs);
    pair.run(10_000);
    assert.deepEqual(
      messagesOf(pair.b.events).map(({ payload }) => payload),
      [testPayload(50, 1)],
    );
    assert.equal(pair.b.association.stats.heldBytes, 0);
    assert.equal(pair.a.association.stats.flightBytes, 0);
    assert.equal(pair.a.association.bufferedBytes(1), 0);
  }
});

test("a message that expires when all its sent fragments are acknowledged is closed with a TSN of its own", () => {
  const pair = lossyPair(() => false);
  const options = { lifetimeMs: 30 };
  // The window lets ten packets out; the rest is due when the lifetime has passed.
  pair.a.association.send(testMessage(1, testPayload(2_000_000, 0), options), pair.nowMs);
  pair.run(2_000);
  assert.equal(messagesOf(pair.b.events).length, 0);
  assert.equal(pair.b.association.stats.heldBytes, 0);
  pair.a.association.send(testMessage(1, testPayload(50, 1)), pair.nowMs);
  pair.run(2_000);
  assert.deepEqual(messagesOf(pair.b.events)[0]?.payload, testPayload(50, 1));
});

test("unordered messages do not wait for a lost one (RFC 9260 §6.6)", () => {
  const pair = lossyPair((count) => count === 1);
  pair.a.association.send(testMessage(1, testPayload(1_100, 0), { isUnordered: true }), pair.nowMs);
  pair.a.association.send(testMessage(1, testPayload(1_100, 1), { isUnordered: true }), pair.nowMs);
  pair.run(15);
  assert.deepEqual(
    messagesOf(pair.b.events).map(({ payload }) => payload),
    [testPayload(1_100, 1)],
  );
  pair.run(2_000);
  assert.equal(messagesOf(pair.b.events).length, 2);
});

test("whatever is lost: what arrives is intact and in order, and nothing is left over", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.boolean(), (seed, isInterleavingOffered) => {
      const wire = { delayMs: 15, jitterMs: 10, loss: 0.2, duplication: 0.05 };
      const pair = new SctpPair({
        seed,
        wire,
        a: { ...PATIENT, isInterleavingOffered },
        b: PATIENT,
      }).connect();
      for (let index = 0; index < 60; index++) {
        const options =
          index % 3 === 0
            ? {}
            : index % 3 === 1
              ? { maxRetransmits: index % 2 }
              : { lifetimeMs: 60 };
        const payload = testPayload([5, 900, 4_000][(index + seed) % 3]!, index);
        payload[0] = index;
        const message = testMessage(index % 2, payload, {
          ...options,
          isUnordered: index % 5 === 0,
        });
        pair.a.association.send(message, pair.nowMs);
        pair.run(index % 20);
      }
      const isDone = () =>
        pair.a.association.stats.flightBytes === 0 &&
        pair.a.association.bufferedBytes(0) + pair.a.association.bufferedBytes(1) === 0;
      assert.ok(pair.runUntil(isDone, 600_000));
      pair.run(300_000); // FORWARD TSN chunks are lost and repeated as well.
      const seen = [-1, -1];
      const reliable = new Set<number>();
      for (const { payload, streamId } of messagesOf(pair.b.events)) {
        const index = payload[0]!;
        const expected = testPayload(payload.byteLength, index);
        expected[0] = index;
        assert.deepEqual(payload, expected);
        if (index % 3 === 0) reliable.add(index);
        if (index % 5 === 0) continue;
        assert.ok(index > seen[streamId]!, "out of order");
        seen[streamId] = index;
      }
      assert.equal(reliable.size, 20);
      assert.equal(pair.b.association.stats.heldBytes, 0);
    }),
    { numRuns: 30 },
  );
});
