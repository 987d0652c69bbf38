import assert from "node:assert/strict";
import { test } from "vitest";

import { NEVER_AT_MS } from "../base/endpoint.ts";
import { SRTP_PROFILE } from "../dtls/srtp-profile.ts";
import { SessionPair, type SessionEnd } from "../../test/support/session-pair.ts";
import type { ChannelKey } from "./channel-events.ts";

const CHANNEL = { label: "x", protocol: "", isOrdered: true, isNegotiated: false } as const;

function messageCount(end: SessionEnd): number {
  return end.of("channel").filter(({ event }) => event.kind === "message").length;
}

function kindsOf(end: SessionEnd, key: ChannelKey): readonly string[] {
  return end.of("channel").flatMap(({ event }) => (event.key === key ? [event.kind] : []));
}

/** A message over `key` of `a` reaches `b`. */
function assertCarries(pair: SessionPair, key: ChannelKey): void {
  const before = messageCount(pair.b);
  pair.a.session.sendOnChannel(key, "binary", Uint8Array.of(1), pair.nowMs);
  pair.run(100);
  assert.equal(messageCount(pair.b), before + 1);
}

function dtlsStatesOf(end: SessionEnd, id: string): readonly string[] {
  return end
    .of("dtlsStateChanged")
    .flatMap(({ transportId, state }) => (transportId === id ? [state] : []));
}

/** Transport and kind of what happened to associations. */
function associationsOf(end: SessionEnd): readonly string[] {
  return end.events.flatMap((event) =>
    event.kind === "sctpConnected" || event.kind === "sctpClosed"
      ? [`${event.kind} ${event.transportId}`]
      : [],
  );
}

/** Audio over transport "0", connected for a minute, without any data. */
function withAudio(): SessionPair {
  const pair = new SessionPair();
  pair.book.add("0", false).agree();
  pair.run(60_000);
  assert.deepEqual(dtlsStatesOf(pair.a, "0"), ["connecting", "connected"]);
  assert.deepEqual(associationsOf(pair.a), []);
  return pair;
}

test("an offer has a transport for each section; the answer keeps the one of the bundle, and nobody hears of the others (RFC 8843 §7.3)", () => {
  const pair = new SessionPair();
  const key = pair.a.session.createChannel(CHANNEL, 0);
  for (const id of ["0", "1", "2"]) pair.book.add(id, false);
  pair.book.apply("a");
  pair.run(50);
  assert.equal(pair.a.sockets.size, 3);
  assert.deepEqual(
    pair.a.of("localCandidate").map(({ transportId }) => transportId),
    ["0", "1", "2"],
  );
  const [, ...unused] = pair.a.sockets.values();
  let heardOfUnused = 0;
  pair.intercept = (datagram, to) => {
    if (to === pair.b && unused.includes(datagram.remotePort)) heardOfUnused++;
    return [datagram];
  };
  pair.book.remove("1").remove("2").setSctp("0", true).agree();
  pair.run(2_000);
  assertCarries(pair, key);
  assert.equal(heardOfUnused, 0);
  assert.equal(pair.a.sockets.size, 1);
  assert.equal(pair.b.sockets.size, 1);
  for (const end of [pair.a, pair.b]) {
    assert.deepEqual(dtlsStatesOf(end, "0"), ["connecting", "connected"]);
    assert.deepEqual(dtlsStatesOf(end, "1"), []);
  }
});

test("without BUNDLE two transports connect side by side, each with its own path and DTLS", () => {
  const pair = new SessionPair();
  const key = pair.a.session.createChannel(CHANNEL, 0);
  pair.book.add("0", false).add("1", true).agree();
  pair.run(2_000);
  assertCarries(pair, key);
  for (const end of [pair.a, pair.b]) {
    for (const id of ["0", "1"]) {
      assert.deepEqual(end.iceStatesOf(id), ["checking", "connected"]);
      assert.deepEqual(dtlsStatesOf(end, id), ["connecting", "connected"]);
    }
    assert.deepEqual(associationsOf(end), ["sctpConnected 1"]);
    assert.equal(end.sockets.size, 2);
  }
});

test("transports that are bundled later: the data moves, the one that is left says goodbye", () => {
  const pair = new SessionPair();
  const first = pair.a.session.createChannel(CHANNEL, 0);
  pair.book.add("0", false).add("1", true).agree();
  pair.run(2_000);
  pair.book.remove("1").setSctp("0", true).agree();
  pair.run(2_000);
  assert.deepEqual(kindsOf(pair.a, first), ["idAssigned", "opened", "closed"]);
  assertCarries(pair, pair.a.session.createChannel(CHANNEL, pair.nowMs));
  for (const end of [pair.a, pair.b]) {
    assert.deepEqual(associationsOf(end), ["sctpConnected 1", "sctpClosed 1", "sctpConnected 0"]);
    assert.equal(end.sockets.size, 1);
    assert.deepEqual(dtlsStatesOf(end, "0"), ["connecting", "connected"]);
  }
});

test("each transport restarts by itself; a restart of one leaves the other alone", () => {
  const pair = new SessionPair();
  const key = pair.a.session.createChannel(CHANNEL, 0);
  pair.book.add("0", false).add("1", true).agree();
  pair.run(2_000);
  pair.book.restart("1", "a");
  pair.run(5_000);
  const selectedOf = (id: string): number =>
    pair.a.of("selectedPairChanged").filter(({ transportId }) => transportId === id).length;
  assert.equal(selectedOf("0"), 1);
  assert.equal(selectedOf("1"), 2);
  assertCarries(pair, key);
  assert.equal(pair.a.sockets.size, 2);
});

test("data that joins audio starts its association on the DTLS that is there, within a few round trips", () => {
  const pair = withAudio();
  const key = pair.a.session.createChannel(CHANNEL, pair.nowMs);
  pair.book.setSctp("0", true).agree();
  pair.run(60);
  assert.deepEqual(associationsOf(pair.a), ["sctpConnected 0"]);
  assert.equal(
    pair.a.session.streamIdOf(key),
    1,
    "the DTLS server's streams are odd (RFC 8832 §6)",
  );
  assertCarries(pair, key);
  assertCarries(pair, key);
  assert.equal(pair.a.sockets.size, 1);
});

test("applying the plan of data over audio again changes nothing", () => {
  const pair = withAudio();
  const key = pair.a.session.createChannel(CHANNEL, pair.nowMs);
  pair.book.setSctp("0", true).agree();
  pair.run(1_000);
  const before = pair.a.events.length;
  pair.book.agree();
  pair.run(1_000);
  assert.equal(pair.a.events.length, before);
  assertCarries(pair, key);
});

test("a data section that is refused ends the association and leaves the transport to the audio", () => {
  const pair = withAudio();
  const key = pair.a.session.createChannel(CHANNEL, pair.nowMs);
  pair.book.setSctp("0", true).agree();
  pair.run(1_000);
  pair.book.setSctp("0", false).apply("a");
  pair.run(20);
  assert.deepEqual(associationsOf(pair.a), ["sctpConnected 0", "sctpClosed 0"]);
  assert.deepEqual(kindsOf(pair.a, key), ["idAssigned", "opened", "closed"]);
  assert.equal(associationsOf(pair.b).at(-1), "sctpClosed 0", "the peer is told by an ABORT");
  pair.book.apply("b");
  pair.run(60_000);
  for (const end of [pair.a, pair.b]) {
    assert.deepEqual(dtlsStatesOf(end, "0"), ["connecting", "connected"]);
    assert.deepEqual(end.iceStatesOf("0"), ["checking", "connected"]);
    assert.equal(end.sockets.size, 1);
  }
});

test("data comes and goes on one transport, each time with a new association", () => {
  const pair = withAudio();
  for (let round = 0; round < 3; round++) {
    const key = pair.a.session.createChannel(CHANNEL, pair.nowMs);
    pair.book.setSctp("0", true).apply("a");
    pair.run(300);
    pair.book.apply("b");
    pair.run(3_000);
    assertCarries(pair, key);
    pair.book.setSctp("0", false).apply("b");
    pair.run(50);
    pair.book.apply("a");
    pair.run(50);
    assert.equal(kindsOf(pair.a, key).at(-1), "closed");
  }
  const round = ["sctpConnected 0", "sctpClosed 0"];
  assert.deepEqual(associationsOf(pair.a), [...round, ...round, ...round]);
});

test("a channel that was never open waits for the next association on the same transport", () => {
  const pair = withAudio();
  const key = pair.a.session.createChannel(CHANNEL, pair.nowMs);
  pair.book.setSctp("0", true).apply("a");
  pair.book.setSctp("0", false).apply("a");
  pair.run(100);
  assert.ok(!kindsOf(pair.a, key).includes("closed"));
  pair.book.setSctp("0", true).agree();
  pair.run(2_000);
  assertCarries(pair, key);
});

test("data that joins a transport whose DTLS has failed is told so at once", () => {
  const pair = new SessionPair();
  const wrong = Array.from({ length: 32 }, () => "00").join(":");
  const { a, b } = pair.plans({ fingerprintOfB: wrong });
  const withoutData = ({ transports }: typeof a): typeof a => ({
    transports: transports.map(({ transportId, localIce, iceRole, remote, dtls }) => ({
      transportId,
      localIce,
      iceRole,
      remote: remote!,
      dtls: dtls!,
    })),
  });
  pair.connect(5_000, { a: withoutData(a), b: withoutData(b) });
  const key = pair.a.session.createChannel(CHANNEL, pair.nowMs);
  pair.a.session.applyPlan(a, pair.nowMs);
  pair.run(10);
  const closed = pair.a
    .of("channel")
    .flatMap(({ event }) => (event.kind === "closed" && event.key === key ? [event] : []));
  assert.equal(closed[0]?.failure?.code, "ERR_FINGERPRINT_MISMATCH");
});

test("an association waits without an end while there is no path, and goes on where it was (webrtc-pc: failed closes nothing)", () => {
  const pair = new SessionPair();
  const key = pair.a.session.createChannel(CHANNEL, 0);
  pair.book.add("0", true).agree();
  pair.run(2_000);
  pair.intercept = () => [];
  pair.a.session.sendOnChannel(key, "binary", Uint8Array.of(7), pair.nowMs);
  pair.run(40_000);
  assert.equal(pair.a.iceStatesOf("0").at(-1), "failed");
  pair.run(0);
  assert.equal(pair.a.session.nextTimeoutAtMs, NEVER_AT_MS);
  for (let hour = 1; hour <= 24; hour++) {
    pair.run(3_600_000);
    pair.a.session.handleTimeout(pair.nowMs);
  }
  assert.equal(pair.a.session.pollTransmit(), undefined);
  assert.deepEqual(associationsOf(pair.a), ["sctpConnected 0"]);
});

test("use_srtp is agreed on whatever the sections are, and told with the rest of the connection (RFC 5764 §4.1)", () => {
  for (const hasSctp of [true, false]) {
    const pair = new SessionPair();
    pair.book.add("0", hasSctp).agree();
    pair.run(2_000);
    for (const end of [pair.a, pair.b]) {
      const connected = end.of("dtlsStateChanged").find(({ state }) => state === "connected")!;
      assert.equal(connected.srtpProfile, SRTP_PROFILE.aeadAes128Gcm);
      assert.equal(connected.protocolVersion, "1.2");
      assert.match(connected.cipherSuite ?? "", /^TLS_ECDHE_ECDSA_WITH_/);
      assert.equal(connected.group, "x25519");
      assert.equal(connected.remoteCertificates?.length, 1);
    }
  }
});

test("closing the session ends all transports, also those that never connected", () => {
  const pair = new SessionPair();
  pair.book.add("0", true).agree();
  pair.run(2_000);
  pair.book.add("1", false).apply("a");
  pair.run(10);
  assert.equal(pair.a.sockets.size, 2);
  pair.a.session.close(pair.nowMs);
  pair.run(50);
  assert.equal(pair.a.sockets.size, 0);
  assert.equal(pair.a.session.nextTimeoutAtMs, NEVER_AT_MS);
  assert.equal(dtlsStatesOf(pair.b, "0").at(-1), "closed");
});
