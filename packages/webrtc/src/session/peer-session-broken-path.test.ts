import assert from "node:assert/strict";
import { test } from "vitest";

import { SIDES } from "../../test/support/plan-book.ts";
import {
  assertCarries,
  assertNothingEnded,
  CHANNEL,
  connected,
  cutPresentPaths,
  ID,
  messagesAt,
  sendText,
} from "../../test/support/restart-pair.ts";
import { SessionPair } from "../../test/support/session-pair.ts";

test.each(SIDES)(
  "a restart by %s after the path was cut: checking, connected, and what waited arrives soon",
  (offerer) => {
    const { pair, key } = connected();
    cutPresentPaths(pair);
    sendText(pair, key, "waiting");
    pair.run(15_000);
    assert.equal(pair.a.iceStatesOf(ID).at(-1), "disconnected");
    pair.book.restart(ID, offerer);
    pair.run(500);
    for (const end of [pair.a, pair.b]) {
      assert.deepEqual(end.iceStatesOf(ID), [
        "checking",
        "connected",
        "disconnected",
        "checking",
        "connected",
      ]);
    }
    assert.deepEqual(messagesAt(pair.b), ["waiting"], "no timer that has backed off is waited for");
    assertCarries(pair, key, "after");
    assertNothingEnded(pair);
  },
);

test("a transport that has failed revives by a restart, also after an hour (webrtc-pc: failed ends nothing above ICE)", () => {
  const { pair, key } = connected();
  cutPresentPaths(pair);
  sendText(pair, key, "waiting");
  pair.run(3_600_000);
  assert.deepEqual(pair.a.iceStatesOf(ID).slice(-2), ["disconnected", "failed"]);
  pair.book.restart(ID, "b");
  pair.run(1_000);
  assert.deepEqual(pair.b.iceStatesOf(ID).slice(-3), ["failed", "checking", "connected"]);
  assert.deepEqual(messagesAt(pair.b), ["waiting"]);
  assertCarries(pair, key, "after");
  assertNothingEnded(pair);
  pair.run(4_000);
  assert.equal(pair.a.sockets.size, 1);
});

test("a transport that failed before there was any path connects by a restart", () => {
  const pair = new SessionPair();
  const key = pair.a.session.createChannel(CHANNEL, 0);
  pair.intercept = () => [];
  pair.book.add(ID, true).agree();
  pair.run(120_000);
  assert.deepEqual(pair.a.iceStatesOf(ID), ["checking", "failed"]);
  pair.intercept = (datagram) => [datagram];
  pair.book.restart(ID, "a");
  pair.run(1_000);
  assert.deepEqual(pair.a.iceStatesOf(ID), ["checking", "failed", "checking", "connected"]);
  assertCarries(pair, key, "at last");
  assertNothingEnded(pair);
});

test.each([8, 12, 16, 22, 28, 34, 40])(
  "a handshake whose path breaks after %i ms goes on over the path of a restart",
  (cutAtMs) => {
    const pair = new SessionPair();
    const key = pair.a.session.createChannel(CHANNEL, 0);
    pair.book.add(ID, true).agree();
    pair.run(cutAtMs);
    cutPresentPaths(pair);
    pair.run(300_000);
    assert.equal(pair.a.iceStatesOf(ID).at(-1), "failed");
    pair.book.restart(ID, "a");
    pair.run(2_000);
    assertCarries(pair, key, "at last");
    assertNothingEnded(pair);
  },
);

test("a new generation that finds no path fails the transport; the next one revives it", () => {
  const { pair, key } = connected();
  cutPresentPaths(pair);
  pair.run(60_000);
  pair.intercept = () => [];
  pair.book.restart(ID, "a");
  pair.run(120_000);
  assert.deepEqual(pair.a.iceStatesOf(ID).slice(-3), ["failed", "checking", "failed"]);
  assert.ok(pair.a.of("iceStateChanged").at(-1)!.failure);
  pair.intercept = (datagram) => [datagram];
  pair.book.restart(ID, "b");
  pair.run(1_000);
  assertCarries(pair, key, "after");
  pair.run(4_000);
  assert.equal(pair.a.sockets.size, 1);
  assert.equal(pair.b.sockets.size, 1);
  assertNothingEnded(pair);
});

test("data that joins while ICE has failed waits for the restart", () => {
  const pair = new SessionPair();
  pair.book.add(ID, false).agree();
  pair.run(2_000);
  cutPresentPaths(pair);
  pair.run(60_000);
  const key = pair.a.session.createChannel(CHANNEL, pair.nowMs);
  pair.book.setSctp(ID, true).agree();
  pair.run(600_000);
  assert.equal(pair.a.of("sctpConnected").length, 0);
  pair.book.restart(ID, "a");
  pair.run(1_000);
  assertCarries(pair, key, "at last");
  assertNothingEnded(pair);
});

test("over a dead path nothing is waited for: data reaches a peer whose answer is still on its way", () => {
  const { pair } = connected();
  const back = pair.b.session.createChannel(CHANNEL, pair.nowMs);
  pair.run(200);
  cutPresentPaths(pair);
  pair.run(10_000);
  pair.book.renew(ID, "a");
  pair.book.apply("a");
  pair.run(10);
  pair.book.renew(ID, "b");
  pair.book.tell("a");
  pair.book.apply("b");
  pair.run(100);
  pair.b.session.sendOnChannel(back, "text", new TextEncoder().encode("early"), pair.nowMs);
  pair.run(20);
  assert.deepEqual(messagesAt(pair.a), ["early"]);
  assert.equal(pair.a.iceStatesOf(ID).at(-1), "disconnected", "A does not know B's answer yet");
  pair.book.agree();
  pair.run(100);
  assert.equal(pair.a.iceStatesOf(ID).at(-1), "connected");
  assertNothingEnded(pair);
});
