import assert from "node:assert/strict";
import { test } from "vitest";

import type { Datagram } from "../base/datagram.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { SeededRandom } from "../base/random.ts";
import { SessionPair, type SessionEnd } from "../../test/support/session-pair.ts";
import type { ChannelKey } from "./channel-events.ts";

const CHANNEL = { label: "x", protocol: "", isOrdered: true, isNegotiated: false } as const;
const STRANGER = ["203.0.113.66", 6666] as const;

function openChannel(pair: SessionPair): ChannelKey {
  const key = pair.a.session.createChannel(CHANNEL, pair.nowMs);
  pair.connect(2_000);
  return key;
}

function messagesAt(end: SessionEnd): readonly string[] {
  return end
    .of("channel")
    .flatMap(({ event }) =>
      event.kind === "message" ? [new TextDecoder().decode(event.payload)] : [],
    );
}

function dtlsStatesOf(end: SessionEnd): readonly string[] {
  return end.of("dtlsStateChanged").map(({ state }) => state);
}

function sendText(pair: SessionPair, key: ChannelKey, text: string): void {
  pair.a.session.sendOnChannel(key, "text", new TextEncoder().encode(text), pair.nowMs);
}

test("two sessions with matching plans carry a message from channel to channel", () => {
  const pair = new SessionPair();
  const key = openChannel(pair);
  sendText(pair, key, "hello");
  pair.run(100);
  assert.deepEqual(messagesAt(pair.b), ["hello"]);
  assert.deepEqual(dtlsStatesOf(pair.a), ["connecting", "connected"]);
  assert.deepEqual(dtlsStatesOf(pair.b), ["connecting", "connected"]);
});

test("connecting takes a few round trips, not a retransmission", () => {
  const pair = new SessionPair();
  pair.a.session.createChannel(CHANNEL, 0);
  pair.connect(100);
  assert.equal(pair.b.of("sctpConnected").length, 1, "ten round trips of 10 ms are enough");
});

test("the offerer's channels get odd streams, since the answerer is the DTLS client (RFC 8832 §6)", () => {
  const pair = new SessionPair();
  const key = openChannel(pair);
  assert.equal(pair.a.session.streamIdOf(key), 1);
});

test("what has left the send queue is reported with the flush that sent it, not with the next packet", () => {
  const pair = new SessionPair();
  const key = openChannel(pair);
  sendText(pair, key, "hello");
  pair.run(0);
  const sent = pair.a.of("channel").filter(({ event }) => event.kind === "sent");
  assert.deepEqual(
    sent.map(({ event }) => event.kind === "sent" && event.bytes),
    [5],
  );
});

test("applying the same plan again changes nothing", () => {
  const pair = new SessionPair();
  openChannel(pair);
  const before = pair.a.events.length;
  pair.a.session.applyPlan(pair.plans().a, pair.nowMs);
  pair.run(1_000);
  assert.equal(pair.a.events.length, before);
  assert.equal(pair.a.session.pollRequest(), undefined);
});

test("close tells the peer at once, gives the sockets back and reports nothing any more", () => {
  const pair = new SessionPair();
  openChannel(pair);
  const before = pair.a.events.length;
  pair.a.session.close(pair.nowMs);
  const request = pair.a.session.pollRequest();
  assert.deepEqual(request, { kind: "closeSocket", socketId: pair.a.socketId });
  pair.run(50);
  assert.equal(pair.a.events.length, before);
  assert.equal(pair.a.session.nextTimeoutAtMs, NEVER_AT_MS);
  assert.equal(pair.b.of("sctpClosed").length, 1);
  assert.equal(dtlsStatesOf(pair.b).at(-1), "closed");
  const closed = pair.b.of("channel").filter(({ event }) => event.kind === "closed");
  assert.equal(closed.length, 1, "the peer's channel closes with it");
});

test("a plan without the transport removes it with a goodbye", () => {
  const pair = new SessionPair();
  openChannel(pair);
  pair.a.session.applyPlan({ transports: [] }, pair.nowMs);
  pair.run(50);
  assert.equal(dtlsStatesOf(pair.b).at(-1), "closed");
});

test("channels end with the transport that a plan takes away, at once and with all timers", () => {
  const pair = new SessionPair();
  const key = openChannel(pair);
  pair.a.session.applyPlan({ transports: [] }, pair.nowMs);
  pair.run(0);
  const ended = pair.a.of("channel").filter(({ event }) => event.kind === "closed");
  assert.deepEqual(
    ended.map(({ event }) => event.key),
    [key],
  );
  assert.equal(pair.a.of("sctpClosed").length, 1);
  assert.equal(pair.a.session.nextTimeoutAtMs, NEVER_AT_MS);
});

test("a rollback of the first offer keeps the channels that wait for an association", () => {
  const pair = new SessionPair();
  const key = pair.a.session.createChannel(CHANNEL, 0);
  pair.a.session.applyPlan(pair.plans().a, 0);
  pair.a.session.applyPlan({ transports: [] }, 0);
  pair.connect(2_000);
  sendText(pair, key, "hello");
  pair.run(100);
  assert.deepEqual(messagesAt(pair.b), ["hello"]);
});

test("a certificate with another fingerprint ends in failure on both sides, and no byte passes (RFC 8122 §6.2)", () => {
  const pair = new SessionPair();
  pair.a.session.createChannel(CHANNEL, 0);
  const wrong = Array.from({ length: 32 }, () => "00").join(":");
  pair.connect(5_000, pair.plans({ fingerprintOfB: wrong }));
  const failed = pair.a.of("dtlsStateChanged").find(({ state }) => state === "failed");
  assert.equal(failed?.failure?.code, "ERR_FINGERPRINT_MISMATCH");
  assert.match(failed?.failure?.message ?? "", /00:00/);
  assert.ok(!dtlsStatesOf(pair.a).includes("connected"));
  assert.equal(pair.a.of("sctpConnected").length + pair.b.of("sctpConnected").length, 0);
});

test("handshake datagrams that overtake the checks are kept, not lost to a timeout", () => {
  const pair = new SessionPair();
  pair.a.session.createChannel(CHANNEL, 0);
  let heldBack: Datagram[] = [];
  // Checks of A get lost on the way until B has sent its first flight.
  pair.intercept = (datagram, to) => {
    const isStun = (datagram.bytes[0] ?? 0) <= 3;
    if (to === pair.a && isStun && heldBack.length < 1) {
      heldBack.push(datagram);
      return [];
    }
    const released = heldBack.length > 0 && !isStun ? heldBack : [];
    heldBack = isStun ? heldBack : [];
    return [datagram, ...released];
  };
  pair.connect(1_500);
  assert.equal(pair.b.of("sctpConnected").length, 1);
});

test("a stranger who fills the place for early datagrams does not push the peer's out", () => {
  const pair = new SessionPair();
  pair.a.session.createChannel(CHANNEL, 0);
  // A's own check stays unanswered for long, so B's first flight comes early.
  pair.intercept = (datagram, to) => {
    const isAnswer = datagram.bytes[0] === 1;
    return to === pair.a && isAnswer && pair.nowMs < 300 ? [] : [datagram];
  };
  pair.connect(0);
  for (let count = 0; count < 50; count++) pair.inject(pair.a, CLIENT_HELLO_LIKE, ...STRANGER);
  pair.run(700);
  assert.equal(pair.b.of("sctpConnected").length, 1, "no retransmission timeout was needed");
});

// The attacks: CVE-2023-51443, werift 0.25.2 (datagrams from unrelated addresses)

const CLIENT_HELLO_LIKE = Uint8Array.of(22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);

test.each([0, 5, 15, 25, 40, 2_000])(
  "a stranger's handshake records after %i ms neither connect nor disturb",
  (atMs) => {
    const pair = new SessionPair();
    const key = pair.a.session.createChannel(CHANNEL, 0);
    pair.connect(atMs);
    for (let count = 0; count < 50; count++) pair.inject(pair.a, CLIENT_HELLO_LIKE, ...STRANGER);
    pair.run(3_000);
    sendText(pair, key, "hello");
    pair.run(100);
    assert.deepEqual(messagesAt(pair.b), ["hello"]);
  },
);

test("application records copied to another address are dropped there", () => {
  const pair = new SessionPair();
  const key = openChannel(pair);
  const seen: Uint8Array[] = [];
  pair.intercept = (datagram, to) => {
    if (to === pair.b && datagram.bytes[0] === 23) {
      seen.push(datagram.bytes.slice());
      return [];
    }
    return [datagram];
  };
  sendText(pair, key, "stolen");
  pair.run(20);
  assert.equal(seen.length, 1);
  pair.inject(pair.b, seen[0]!, ...STRANGER);
  assert.deepEqual(messagesAt(pair.b), [], "not from there");
  pair.inject(pair.b, seen[0]!, pair.a.address, pair.a.port);
  assert.deepEqual(messagesAt(pair.b), ["stolen"], "but from the peer's own address");
});

test("random datagrams from the peer's own address harm nothing", () => {
  const pair = new SessionPair();
  const key = openChannel(pair);
  const random = new SeededRandom(11);
  for (let count = 0; count < 2_000; count++) {
    const bytes = random.bytes(random.uint32() % 200);
    pair.inject(pair.b, bytes, pair.a.address, pair.a.port);
  }
  sendText(pair, key, "still here");
  pair.run(1_000);
  assert.deepEqual(messagesAt(pair.b), ["still here"]);
});

test("a datagram for a socket that nobody has is dropped", () => {
  const pair = new SessionPair();
  openChannel(pair);
  pair.a.session.handleDatagram(
    { socketId: 99, remoteAddress: STRANGER[0], remotePort: STRANGER[1], bytes: CLIENT_HELLO_LIKE },
    pair.nowMs,
  );
  pair.run(10);
});
