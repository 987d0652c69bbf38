import assert from "node:assert/strict";
import { test } from "vitest";
import { SctpPair, messagesOf, testMessage, testPayload } from "../../test/support/sctp-pair.ts";

const OUTAGE_MS = 30_000;

/** Established; packets vanish while `isCut` is true. */
function createPair(): { pair: SctpPair; wire: { isCut: boolean; sent: number } } {
  const wire = { isCut: false, sent: 0 };
  const pair = new SctpPair({
    wire: { delayMs: 10 },
    filter: () => {
      wire.sent++;
      return !wire.isCut;
    },
  });
  return { pair, wire };
}

test("after an outage all that was lost goes out at once, not when T3 has waited its doubled time", () => {
  const { pair, wire } = createPair();
  pair.connect();
  pair.run(1_000);
  wire.isCut = true;
  pair.a.association.send(testMessage(1, testPayload(30_000, 1)), pair.nowMs);
  pair.run(OUTAGE_MS);
  wire.isCut = false;
  pair.a.association.handlePathRestored(pair.nowMs);
  assert.ok(pair.runUntil(() => messagesOf(pair.b.events).length === 1, 250));
});

test("the timeout is what was measured before the outage", () => {
  const { pair, wire } = createPair();
  pair.connect();
  pair.a.association.send(testMessage(1, testPayload(100, 1)), pair.nowMs);
  pair.run(1_000);
  wire.isCut = true;
  pair.a.association.send(testMessage(1, testPayload(100, 2)), pair.nowMs);
  pair.run(OUTAGE_MS);
  pair.a.association.handlePathRestored(pair.nowMs);
  assert.ok(pair.a.association.nextTimeoutAtMs <= pair.nowMs + 500);
});

test("an outage in the handshake is made up for at once", () => {
  const { pair, wire } = createPair();
  wire.isCut = true;
  pair.a.association.connect(pair.nowMs);
  pair.b.association.connect(pair.nowMs);
  pair.run(20_000);
  wire.isCut = false;
  for (const { association } of [pair.a, pair.b]) {
    association.handlePathRestored(pair.nowMs);
    association.handleTimeout(pair.nowMs);
  }
  const isUp = (): boolean =>
    pair.a.association.state === "established" && pair.b.association.state === "established";
  assert.ok(pair.runUntil(isUp, 100));
});

test("a stream reset that was not answered is asked for again at once", () => {
  const { pair, wire } = createPair();
  pair.connect();
  pair.a.association.send(testMessage(1, testPayload(100, 1)), pair.nowMs);
  pair.run(1_000);
  wire.isCut = true;
  pair.a.association.resetStream(1, pair.nowMs);
  pair.run(OUTAGE_MS);
  wire.isCut = false;
  pair.a.association.handlePathRestored(pair.nowMs);
  pair.a.association.handleTimeout(pair.nowMs);
  const isDone = (): boolean => pair.a.events.some(({ kind }) => kind === "streamResetDone");
  assert.ok(pair.runUntil(isDone, 150));
});

test("strikes of the outage do not count against the peer any more", () => {
  const { pair, wire } = createPair();
  pair.connect();
  for (let round = 0; round < 5; round++) {
    wire.isCut = true;
    pair.a.association.send(testMessage(1, testPayload(100, round)), pair.nowMs);
    pair.run(60_000);
    pair.a.association.handlePathRestored(pair.nowMs);
  }
  wire.isCut = false;
  pair.run(60_000);
  assert.equal(pair.a.association.state, "established");
  assert.equal(messagesOf(pair.b.events).length, 5);
});

test("where nothing was lost nothing is repeated: the hint alone sends no packet", () => {
  const { pair, wire } = createPair();
  pair.connect();
  pair.a.association.send(testMessage(1, testPayload(20_000, 1)), pair.nowMs);
  pair.drain();
  const { sent } = wire;
  const before = pair.a.association.stats.chunksRetransmitted;
  pair.a.association.handlePathRestored(pair.nowMs);
  pair.a.association.handleTimeout(pair.nowMs);
  pair.drain();
  assert.equal(wire.sent, sent);
  assert.equal(pair.a.association.stats.chunksRetransmitted, before);
});

test("an association that has ended, or has not begun, takes no notice", () => {
  const { pair } = createPair();
  pair.a.association.handlePathRestored(pair.nowMs);
  assert.equal(pair.a.association.state, "closed");
  pair.connect();
  pair.a.association.abort("over", pair.nowMs);
  pair.a.association.handlePathRestored(pair.nowMs);
  assert.equal(pair.a.association.state, "closed");
});
