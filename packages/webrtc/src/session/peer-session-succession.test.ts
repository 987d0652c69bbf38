import assert from "node:assert/strict";
import { test } from "vitest";

import { NEVER_AT_MS } from "../base/endpoint.ts";
import { ProtocolFailure, UsageError } from "../base/errors.ts";
import type { SessionPlan } from "../negotiation/session-plan.ts";
import { SessionPair, type SessionEnd } from "../../test/support/session-pair.ts";
import type { ChannelKey } from "./channel-events.ts";

const CHANNEL = { label: "x", protocol: "", isOrdered: true, isNegotiated: false } as const;
const NO_PLAN: SessionPlan = { transports: [] };

/** The plans of a later negotiation, whose data section has another MID (RFC 9429 §5.2.2). */
function plansFor(pair: SessionPair, transportId: string): { a: SessionPlan; b: SessionPlan } {
  const rename = ({ transports }: SessionPlan): SessionPlan => ({
    transports: transports.map((plan) => ({ ...plan, transportId })),
  });
  const { a, b } = pair.plans();
  return { a: rename(a), b: rename(b) };
}

function reject(pair: SessionPair): void {
  pair.a.session.applyPlan(NO_PLAN, pair.nowMs);
  pair.b.session.applyPlan(NO_PLAN, pair.nowMs);
  pair.run(100);
}

function kindsOf(end: SessionEnd, key: ChannelKey): readonly string[] {
  return end.of("channel").flatMap(({ event }) => (event.key === key ? [event.kind] : []));
}

/** A message over `key` of `a` reaches `b`. */
function assertCarries(pair: SessionPair, key: ChannelKey): void {
  const countAtB = (): number =>
    pair.b.of("channel").filter(({ event }) => event.kind === "message").length;
  const before = countAtB();
  pair.a.session.sendOnChannel(key, "binary", Uint8Array.of(1), pair.nowMs);
  pair.run(100);
  assert.equal(countAtB(), before + 1);
}

test("a section that is rejected and recycled gets a second association, whose channels are new ones", () => {
  const pair = new SessionPair();
  const first = pair.a.session.createChannel(CHANNEL, 0);
  pair.connect(2_000);
  reject(pair);
  assert.deepEqual(kindsOf(pair.a, first), ["idAssigned", "opened", "closed"]);
  const second = pair.a.session.createChannel(CHANNEL, pair.nowMs);
  assert.notEqual(second, first);
  pair.connect(2_000, plansFor(pair, "1"));
  assertCarries(pair, second);
  const announced = pair.b
    .of("channel")
    .flatMap(({ event }) => (event.kind === "announced" ? [event.key] : []));
  assert.equal(new Set(announced).size, 2);
});

test("one negotiation may replace the transport; what belongs to which is told", () => {
  const pair = new SessionPair();
  const first = pair.a.session.createChannel(CHANNEL, 0);
  pair.connect(2_000);
  pair.connect(2_000, plansFor(pair, "1"));
  assert.deepEqual(kindsOf(pair.a, first), ["idAssigned", "opened", "closed"]);
  assertCarries(pair, pair.a.session.createChannel(CHANNEL, pair.nowMs));
  for (const end of [pair.a, pair.b]) {
    const associations = end.events.flatMap((event) =>
      event.kind === "sctpConnected" || event.kind === "sctpClosed"
        ? [[event.kind, event.transportId]]
        : [],
    );
    assert.deepEqual(associations, [
      ["sctpConnected", "0"],
      ["sctpClosed", "0"],
      ["sctpConnected", "1"],
    ]);
  }
});

test.each([0, 8, 16, 24, 32, 40])(
  "a channel that is not open after %i ms outlives the rejection of its section (webrtc-pc: it stays connecting)",
  (afterMs) => {
    const pair = new SessionPair();
    const key = pair.a.session.createChannel(CHANNEL, 0);
    pair.connect(afterMs);
    assert.ok(!kindsOf(pair.a, key).includes("opened"));
    reject(pair);
    assert.ok(!kindsOf(pair.a, key).includes("closed"));
    pair.connect(2_000, plansFor(pair, "1"));
    assertCarries(pair, key);
  },
);

test("after an association that has failed a new section brings another", () => {
  const pair = new SessionPair();
  pair.a.session.createChannel(CHANNEL, 0);
  const wrong = Array.from({ length: 32 }, () => "00").join(":");
  pair.connect(5_000, pair.plans({ fingerprintOfB: wrong }));
  assert.throws(() => pair.a.session.createChannel(CHANNEL, pair.nowMs), UsageError);
  reject(pair);
  const key = pair.a.session.createChannel(CHANNEL, pair.nowMs);
  pair.connect(2_000, plansFor(pair, "1"));
  assertCarries(pair, key);
});

test("a closed session has no next association", () => {
  const pair = new SessionPair();
  pair.a.session.createChannel(CHANNEL, 0);
  pair.connect(2_000);
  pair.a.session.close(pair.nowMs);
  assert.throws(() => pair.a.session.createChannel(CHANNEL, pair.nowMs), UsageError);
  pair.a.session.applyPlan(plansFor(pair, "1").a, pair.nowMs);
  assert.equal(pair.a.session.nextTimeoutAtMs, NEVER_AT_MS);
});

test("an abandoned session reports its end once, and what is asked of it later reaches no inner part", () => {
  const pair = new SessionPair();
  const key = pair.a.session.createChannel(CHANNEL, 0);
  pair.connect(2_000);
  const { session, socketId } = pair.a;
  const failure = new ProtocolFailure("ERR_INTERNAL", "W3C webrtc-pc", "a bug");
  session.sendOnChannel(key, "binary", new Uint8Array(10), pair.nowMs);
  session.abandon(failure);
  session.abandon(failure);
  const kinds: string[] = [];
  for (let event = session.pollEvent(); event; event = session.pollEvent()) {
    kinds.push(event.kind === "channel" ? event.event.kind : event.kind);
    assert.ok(event.kind === "channel" || ("failure" in event && event.failure === failure));
  }
  assert.deepEqual(kinds, ["iceStateChanged", "sctpClosed", "closed"]);

  const bytes = Uint8Array.of(23, 254, 253, 0, 1);
  session.handleDatagram(
    { socketId, remoteAddress: pair.b.address, remotePort: pair.b.port, bytes },
    pair.nowMs,
  );
  session.handleTimeout(1e9);
  assert.ok(session.sendOnChannel(key, "binary", bytes, pair.nowMs), "nobody waits for room");
  session.closeChannel(key, pair.nowMs);
  session.applyPlan(plansFor(pair, "1").a, pair.nowMs);
  session.close(pair.nowMs);
  assert.equal(session.pollTransmit(), undefined);
  assert.equal(session.pollRequest(), undefined);
  assert.equal(session.pollEvent(), undefined);
  assert.equal(session.nextTimeoutAtMs, NEVER_AT_MS);
});
