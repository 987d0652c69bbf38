import assert from "node:assert/strict";
import { test } from "vitest";
import { SctpPair, messagesOf, testMessage, testPayload } from "../../test/support/sctp-pair.ts";

/** How long a small message on stream 2 takes while stream 1 sends 4 MB in one message. */
function delayBehindLargeMessage(isInterleavingOffered: boolean, largeBytes: number): number {
  const pair = new SctpPair({ a: { isInterleavingOffered }, wire: { delayMs: 10 } }).connect();
  pair.a.association.send(testMessage(1, testPayload(largeBytes, 1)), pair.nowMs);
  pair.drain();
  pair.a.association.send(testMessage(2, testPayload(50, 2)), pair.nowMs);
  const sentAtMs = pair.nowMs;
  const hasSmall = () => messagesOf(pair.b.events).some(({ streamId }) => streamId === 2);
  assert.ok(pair.runUntil(hasSmall, 60_000));
  return pair.nowMs - sentAtMs;
}

test("with I-DATA a small message passes a large one on another stream (RFC 8260 §1)", () => {
  const delayMs = delayBehindLargeMessage(true, 4_000_000);
  assert.ok(delayMs <= 40, `${delayMs} ms`); // The window that is out, then one round trip.
});

test("with DATA a small message waits for the one large message before it and no longer (RFC 9260 §6.9)", () => {
  const pair = new SctpPair({
    a: { isInterleavingOffered: false },
    wire: { delayMs: 10 },
  }).connect();
  for (let index = 0; index < 20; index++) {
    pair.a.association.send(testMessage(1, testPayload(200_000, index)), pair.nowMs);
  }
  pair.drain();
  pair.a.association.send(testMessage(2, testPayload(50, 2)), pair.nowMs);
  pair.run(60_000);
  const order = messagesOf(pair.b.events).map(({ streamId }) => streamId);
  assert.equal(order.length, 21);
  assert.equal(order.indexOf(2), 1);
});

test("streams with equal load progress equally (RFC 8260 §3.2: round robin)", () => {
  for (const isInterleavingOffered of [true, false]) {
    const pair = new SctpPair({ a: { isInterleavingOffered }, wire: { delayMs: 10 } }).connect();
    for (let index = 0; index < 50; index++) {
      for (let stream = 0; stream < 4; stream++) {
        pair.a.association.send(testMessage(stream, testPayload(2_000, index)), pair.nowMs);
      }
    }
    pair.runUntil(() => messagesOf(pair.b.events).length >= 100, 60_000);
    const counts = [0, 0, 0, 0];
    for (const { streamId } of messagesOf(pair.b.events)) counts[streamId]!++;
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 2, counts.join(" "));
  }
});
