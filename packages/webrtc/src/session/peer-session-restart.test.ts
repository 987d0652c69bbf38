import assert from "node:assert/strict";
import { test } from "vitest";

import type { Datagram } from "../base/datagram.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { otherSide, SIDES } from "../../test/support/plan-book.ts";
import {
  assertCarries,
  assertNothingEnded,
  CHANNEL,
  connected,
  endOf,
  ID,
  messagesAt,
  sendText,
} from "../../test/support/restart-pair.ts";
import { SessionPair, type SessionEnd } from "../../test/support/session-pair.ts";

test.each(SIDES)(
  "a restart by %s of a working transport: new sockets and candidates, and nothing else is noticed (RFC 8445 §9)",
  (offerer) => {
    const { pair, key } = connected();
    const before = SIDES.map((side) => [...endOf(pair, side).sockets.keys()]);
    pair.book.restart(ID, offerer);
    for (let count = 0; count < 20; count++) assertCarries(pair, key, `message ${count}`, 7);
    pair.run(4_000);
    for (const [index, end] of [pair.a, pair.b].entries()) {
      assert.deepEqual(end.iceStatesOf(ID), ["checking", "connected"]);
      assert.equal(end.of("selectedPairChanged").length, 2);
      assert.deepEqual(
        end.of("iceGatheringStateChanged").map(({ state }) => state),
        ["gathering", "complete", "gathering", "complete"],
      );
      assert.equal(end.sockets.size, 1, "the sockets of the generation before are given back");
      assert.ok(!end.sockets.has(before[index]![0]!));
    }
    assert.equal(messagesAt(pair.b).length, 20);
    assertNothingEnded(pair);
  },
);

test("candidates of a new generation carry its ufrag (RFC 8838 §11)", () => {
  const { pair } = connected();
  pair.book.restart(ID, "a");
  pair.run(100);
  assert.deepEqual(pair.a.candidates.map(({ ufrag }) => ufrag).slice(-1), [
    pair.book.localOf(ID, "a").ufrag,
  ]);
  assert.notEqual(pair.a.candidates[0]!.ufrag, pair.a.candidates.at(-1)!.ufrag);
});

test("an offer of a restart without an answer changes nothing: the new generation gathers and is silent", () => {
  const { pair, key } = connected();
  const firstSocket = pair.a.socketId;
  pair.book.renew(ID, "a");
  pair.book.apply("a");
  pair.run(0);
  const newSocket = pair.a.socketId;
  assert.notEqual(newSocket, firstSocket);
  const newPort = pair.a.sockets.get(newSocket);
  let sentFromNew = 0;
  pair.intercept = (datagram, to) => {
    if (to === pair.b && datagram.remotePort === newPort) sentFromNew++;
    return [datagram];
  };
  pair.run(60_000);
  assertCarries(pair, key, "still here");
  assert.equal(sentFromNew, 0);
  assert.deepEqual(pair.a.iceStatesOf(ID), ["checking", "connected"]);
  assertNothingEnded(pair);
});

test("a rollback of a restart drops the new generation, and a second restart works", () => {
  const { pair, key } = connected();
  const before = pair.book.renew(ID, "a");
  pair.book.apply("a");
  pair.run(100);
  assert.equal(pair.a.sockets.size, 2);
  pair.book.restore(ID, "a", before);
  pair.book.apply("a");
  pair.run(100);
  assert.equal(pair.a.sockets.size, 1);
  assertCarries(pair, key, "rolled back");
  assert.deepEqual(
    pair.a.of("iceGatheringStateChanged").map(({ state }) => state),
    ["gathering", "complete", "gathering", "complete"],
  );
  pair.book.restart(ID, "a");
  pair.run(4_000);
  assertCarries(pair, key, "restarted");
  assertNothingEnded(pair);
});

test("a rollback while the new generation gathers returns to the gathering state of the old one", () => {
  const { pair } = connected();
  const before = pair.book.renew(ID, "a");
  pair.book.apply("a");
  pair.book.restore(ID, "a", before);
  pair.book.apply("a");
  pair.run(100);
  assert.deepEqual(
    pair.a.of("iceGatheringStateChanged").map(({ state }) => state),
    ["gathering", "complete", "gathering", "complete"],
  );
  assert.equal(pair.a.sockets.size, 1);
});

test("twenty restarts in a row leave no socket, agent or timer behind", () => {
  const { pair, key } = connected();
  for (let count = 0; count < 20; count++) {
    pair.book.restart(ID, count % 3 === 0 ? "b" : "a");
    pair.run(count % 2 === 0 ? 60 : 1);
    assert.ok(pair.a.sockets.size <= 4, `${pair.a.sockets.size} sockets`);
  }
  pair.run(5_000);
  assertCarries(pair, key, "after");
  for (const { sockets } of [pair.a, pair.b]) assert.equal(sockets.size, 1);
  pair.a.session.close(pair.nowMs);
  pair.b.session.close(pair.nowMs);
  pair.run(1_000);
  for (const { sockets, session } of [pair.a, pair.b]) {
    assert.equal(sockets.size, 0);
    assert.equal(session.nextTimeoutAtMs, NEVER_AT_MS);
  }
});

test("offers of restarts that are never answered replace each other", () => {
  const { pair, key } = connected();
  for (let count = 0; count < 20; count++) {
    pair.book.renew(ID, "a");
    pair.book.apply("a");
    pair.run(10);
    assert.equal(pair.a.sockets.size, 2);
  }
  pair.book.renew(ID, "b");
  pair.book.agree();
  pair.run(4_000);
  assertCarries(pair, key, "after");
  assert.equal(pair.a.sockets.size, 1);
});

test("restarts offered before the first answer leave only the last generation", () => {
  const pair = new SessionPair();
  const key = pair.a.session.createChannel(CHANNEL, 0);
  pair.book.add(ID, true).apply("a");
  for (let count = 0; count < 3; count++) {
    pair.run(10);
    pair.book.renew(ID, "a");
    pair.book.apply("a");
  }
  pair.run(0);
  assert.equal(pair.a.sockets.size, 1);
  pair.book.agree();
  pair.run(1_000);
  assertCarries(pair, key, "hello");
});

test("a restart that is answered while the one before is still checking", () => {
  const { pair, key } = connected();
  pair.intercept = () => [];
  pair.book.restart(ID, "a");
  pair.run(40);
  const before = pair.book.renew(ID, "b");
  pair.book.apply("b");
  pair.run(10);
  // A rollback returns to the generation in between, which the peer still checks.
  pair.book.restore(ID, "b", before);
  pair.book.apply("b");
  pair.intercept = (datagram) => [datagram];
  pair.run(1_000);
  assertCarries(pair, key, "after");
  assertNothingEnded(pair);
  assert.equal(pair.b.of("selectedPairChanged").length, 2);
});

test("data moves only when the peer can take it: no message is lost while the answer is on its way", () => {
  const { pair } = connected();
  const init = { ...CHANNEL, maxRetransmits: 0, isOrdered: false };
  const keys = {
    a: pair.a.session.createChannel(init, pair.nowMs),
    b: pair.b.session.createChannel(init, pair.nowMs),
  };
  pair.run(200);
  let sent = 0;
  const talk = (steps: number): void => {
    for (let step = 0; step < steps; step++) {
      for (const side of SIDES) {
        const text = new TextEncoder().encode(`${side} ${sent}`);
        endOf(pair, side).session.sendOnChannel(keys[side], "text", text, pair.nowMs);
      }
      sent++;
      pair.run(2);
    }
  };
  talk(10);
  pair.book.renew(ID, "a");
  pair.book.apply("a");
  talk(20);
  // B has the offer and its own answer; A gets the answer 400 ms later.
  pair.book.renew(ID, "b");
  pair.book.tell("a");
  pair.book.apply("b");
  talk(200);
  pair.book.agree();
  talk(200);
  pair.run(5_000);
  for (const side of SIDES) {
    const heard = new Set(messagesAt(endOf(pair, side)));
    assert.equal(heard.size, sent, `at ${side}`);
    assert.ok([...heard].every((text) => text.startsWith(otherSide(side))));
  }
  assertNothingEnded(pair);
});

test("completed falls back to connected while a restart is under way, and comes again (webrtc-pc, RTCIceTransportState)", () => {
  const pair = new SessionPair();
  pair.a.session.createChannel(CHANNEL, 0);
  pair.connect(2_000);
  assert.equal(pair.a.iceStatesOf("0").at(-1), "completed");
  const withIce = (
    plan: ReturnType<SessionPair["plans"]>["a"],
    own: string,
    peer: string,
    port: number,
  ): typeof plan => ({
    transports: plan.transports.map((transport) => ({
      ...transport,
      localIce: { ufrag: own, password: transport.localIce.password },
      remote: {
        ...transport.remote!,
        ice: { ...transport.remote!.ice, ufrag: peer },
        candidates: transport.remote!.candidates.map((candidate) => ({ ...candidate, port })),
      },
    })),
  });
  const { a, b } = pair.plans();
  pair.connect(2_000, {
    a: withIce(a, "newA", "newB", pair.b.port + 10),
    b: withIce(b, "newB", "newA", pair.a.port + 10),
  });
  assert.deepEqual(pair.a.iceStatesOf("0"), [
    "checking",
    "connected",
    "completed",
    "connected",
    "completed",
  ]);
});

test.each([200, 1_000, 10_000])(
  "a provisional answer that is rolled back after %i ms leads back to the credentials before, and to a path (RFC 9429 §4.1.10.2)",
  (afterMs) => {
    const { pair, key } = connected();
    const before = SIDES.map((side) => pair.book.localOf(ID, side));
    pair.book.restart(ID, "a");
    pair.run(afterMs);
    assertCarries(pair, key, "provisional");
    for (const [index, side] of SIDES.entries()) pair.book.restore(ID, side, before[index]!);
    pair.book.agree();
    pair.run(5_000);
    assertCarries(pair, key, "rolled back");
    for (const end of [pair.a, pair.b]) {
      assert.equal(end.sockets.size, 1);
      assert.equal(end.iceStatesOf(ID).at(-1), "connected");
    }
    assertNothingEnded(pair);
  },
);

test("a role that was repaired stays repaired through a restart (RFC 8445 §7.3.1.1)", () => {
  const pair = new SessionPair();
  const key = pair.a.session.createChannel(CHANNEL, 0);
  const { a, b } = pair.plans();
  const controlling = ({ transports }: typeof b): typeof b => ({
    transports: transports.map((plan) => ({ ...plan, iceRole: "controlling" })),
  });
  pair.connect(2_000, { a, b: controlling(b) });
  const changed = [...pair.a.of("iceRoleChanged"), ...pair.b.of("iceRoleChanged")];
  assert.equal(changed.length, 1);
  const renewed = (plan: typeof a, port: number): typeof a => ({
    transports: plan.transports.map((transport) => ({
      ...transport,
      localIce: { ...transport.localIce, ufrag: `${transport.localIce.ufrag}2` },
      remote: {
        ...transport.remote!,
        ice: { ...transport.remote!.ice, ufrag: `${transport.remote!.ice.ufrag}2` },
        candidates: transport.remote!.candidates.map((candidate) => ({ ...candidate, port })),
      },
    })),
  });
  pair.connect(5_000, {
    a: renewed(a, pair.b.port + 10),
    b: renewed(controlling(b), pair.a.port + 10),
  });
  assertCarries(pair, key, "after");
  assert.equal(pair.a.of("selectedPairChanged").length, 2);
  const after = [...pair.a.of("iceRoleChanged"), ...pair.b.of("iceRoleChanged")];
  assert.equal(after.length, 1, "no second conflict");
});

test.each([true, false])(
  "a peer that sends no checks: data moves if it is ICE-lite (%s), which never sends any (RFC 8445 §2.5)",
  (isLite) => {
    const { pair } = connected();
    const oldPorts = new Set(pair.a.sockets.values());
    pair.intercept = (datagram, to) => {
      const isCheck = datagram.bytes[0] === 0 && datagram.bytes[1] === 1;
      const isToNew = !oldPorts.has(to.sockets.get(datagram.socketId)!);
      return to === pair.a && isCheck && isToNew ? [] : [datagram];
    };
    if (isLite) pair.book.liteSide = "b";
    pair.book.restart(ID, "a");
    pair.run(500);
    assert.equal(pair.a.of("selectedPairChanged").length, isLite ? 2 : 1);
  },
);

// The attacks

test("what comes along a path of a closed generation is dropped, whatever it is", () => {
  const { pair, key } = connected();
  const seen: { datagram: Datagram; to: SessionEnd }[] = [];
  pair.intercept = (datagram, to) => {
    if (to === pair.b && datagram.bytes[0] === 23) {
      seen.push({ datagram: { ...datagram, bytes: datagram.bytes.slice() }, to });
      return [];
    }
    return [datagram];
  };
  sendText(pair, key, "captured");
  pair.run(20);
  pair.intercept = (datagram, to) => (to === pair.b && datagram.bytes[0] === 23 ? [] : [datagram]);
  pair.book.restart(ID, "a");
  pair.run(5_000);
  assert.equal(pair.b.sockets.size, 1);
  const { datagram } = seen[0]!;
  pair.b.session.handleDatagram(datagram, pair.nowMs);
  pair.run(0);
  assert.deepEqual(messagesAt(pair.b), [], "the socket is gone");
  pair.inject(pair.b, datagram.bytes, datagram.remoteAddress, datagram.remotePort);
  assert.deepEqual(messagesAt(pair.b), [], "the new socket does not know the old address");
  pair.inject(pair.b, datagram.bytes, pair.a.address, pair.a.sockets.get(pair.a.socketId)!);
  assert.deepEqual(messagesAt(pair.b), ["captured"], "but along the path of today it is taken");
});

test("checks with the credentials of a closed generation are not answered", () => {
  const { pair } = connected();
  const checks: Datagram[] = [];
  pair.intercept = (datagram, to) => {
    if (to === pair.b && datagram.bytes[0] === 0 && datagram.bytes[1] === 1)
      checks.push({ ...datagram, bytes: datagram.bytes.slice() });
    return [datagram];
  };
  pair.run(10_000);
  assert.ok(checks.length > 0);
  pair.intercept = (datagram) => [datagram];
  pair.book.restart(ID, "a");
  pair.run(5_000);
  const answers: Datagram[] = [];
  pair.intercept = (datagram, to) => {
    if (to === pair.a && datagram.bytes[0] === 1 && datagram.bytes[1] === 1) answers.push(datagram);
    return [datagram];
  };
  const { remoteAddress } = checks[0]!;
  const port = pair.a.sockets.get(pair.a.socketId)!;
  for (const { bytes } of checks) pair.inject(pair.b, bytes, remoteAddress, port);
  pair.run(10);
  assert.deepEqual(answers, []);
});

test("nothing goes over the new path before the peer's check shows that it has the answer", () => {
  const { pair } = connected();
  const back = pair.b.session.createChannel(CHANNEL, pair.nowMs);
  pair.run(200);
  pair.book.renew(ID, "a");
  pair.book.apply("a");
  pair.run(10);
  const newPorts = new Set([pair.a.sockets.get(pair.a.socketId)!]);
  let early = 0;
  pair.intercept = (datagram, to) => {
    const isData = datagram.bytes[0]! >= 20 && datagram.bytes[0]! <= 63;
    if (to === pair.a && isData && newPorts.has(to.sockets.get(datagram.socketId)!)) early++;
    return [datagram];
  };
  pair.book.renew(ID, "b");
  pair.book.tell("a");
  pair.book.apply("b");
  for (let count = 0; count < 20; count++) {
    pair.b.session.sendOnChannel(back, "binary", Uint8Array.of(count), pair.nowMs);
    pair.run(20);
  }
  assert.equal(early, 0);
  pair.book.agree();
  pair.run(100);
  pair.b.session.sendOnChannel(back, "binary", Uint8Array.of(1), pair.nowMs);
  pair.run(100);
  assert.ok(early > 0, "then it does");
});
