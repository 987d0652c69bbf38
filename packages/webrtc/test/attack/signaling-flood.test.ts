import assert from "node:assert/strict";
import { test } from "vitest";

import {
  THIRD_PARTY,
  assertUnharmed,
  closeWithoutTrace,
  honestPair,
  record,
} from "./support/forgery.ts";

/** Nobody waits for what a flood came to. */
function ignore(promise: Promise<unknown>): void {
  promise.catch(() => {});
}

test("a page that floods candidates of a third party causes a bounded number of checks (candidate flood)", async () => {
  const pair = honestPair(21);
  const packets = record(pair);
  const channels = await pair.connect();
  const { connection } = pair.answerer;
  for (let index = 0; index < 1_000; index++) {
    const candidate = `candidate:${index} 1 udp ${2_130_000_000 + index} ${THIRD_PARTY} ${1 + index} typ host`;
    ignore(connection.addIceCandidate({ candidate, sdpMid: "0" }));
  }
  await pair.world.advance(60_000);
  const aimed = packets.filter(({ destinationAddress }) => destinationAddress === THIRD_PARTY);
  const ports = new Set(aimed.map(({ destinationPort }) => destinationPort));
  assert.ok(ports.size <= 20, `${ports.size} ports`);
  assert.ok(aimed.length <= 20 * 11, `${aimed.length} checks`);
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});

test("candidates from a flood of addresses before the connection cannot keep the true one from being found", async () => {
  const pair = honestPair(22, { signalingDelayMs: 20 });
  const near = pair.offerer.connection.createDataChannel("data");
  const negotiated = pair.negotiate();
  await pair.world.settle(negotiated);
  for (const { connection } of [pair.offerer, pair.answerer]) {
    for (let index = 0; index < 1_000; index++) {
      const address = `203.0.${index >> 8}.${index & 255}`;
      const candidate = `candidate:${index} 1 udp 2130706430 ${address} 4000 typ host`;
      ignore(connection.addIceCandidate({ candidate, sdpMid: "0" }));
    }
  }
  await pair.world.advanceUntil(
    () => near.readyState === "open" && pair.answerer.incoming[0]?.readyState === "open",
    30_000,
  );
  await assertUnharmed(pair, [near, pair.answerer.incoming[0]!]);
  await closeWithoutTrace(pair);
});

test("trickled candidates count against the limit of a description, and equal ones once (memory of a candidate flood)", async () => {
  const pair = honestPair(27);
  const channels = await pair.connect();
  const { connection } = pair.answerer;
  for (let index = 0; index < 2_000; index++) {
    const candidate = `candidate:1 1 udp 1 198.51.100.9 ${1 + (index % 1_000)} typ host`;
    ignore(connection.addIceCandidate({ candidate, sdpMid: "0" }));
  }
  await pair.world.advance(1_000);
  const lines = connection.remoteDescription!.sdp.split("a=candidate:").length - 1;
  assert.ok(lines <= 256, `${lines} candidates are kept`);
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});

const GARBAGE: readonly unknown[] = [
  { candidate: "candidate:", sdpMid: "0" },
  { candidate: "x".repeat(100_000), sdpMid: "0" },
  { candidate: `candidate:1 1 udp 1 ${"1.".repeat(5_000)} 9 typ host`, sdpMid: "0" },
  { candidate: "candidate:1 1 udp 99999999999 192.0.2.9 9 typ host", sdpMid: "0" },
  { candidate: "candidate:1 1 udp 1 192.0.2.9 70000 typ host", sdpMid: "0" },
  { candidate: "candidate:1 1 udp 1 192.0.2.9 9 typ host\r\na=ice-lite", sdpMid: "0" },
  { candidate: "candidate:1 1 udp 1 192.0.2.9 9 typ host", sdpMid: "__proto__" },
  { candidate: "candidate:1 1 udp 1 192.0.2.9 9 typ host", sdpMLineIndex: 65_535 },
  { candidate: "candidate:1 1 udp 1 192.0.2.9 9 typ host", sdpMid: "0", usernameFragment: "other" },
  { candidate: "candidate:1 1 udp 1 192.0.2.9 9 typ host" },
  { candidate: Symbol("s"), sdpMid: "0" },
  "candidate",
  7,
];

test("garbage instead of candidates is refused each time, and changes nothing", async () => {
  const pair = honestPair(23);
  const channels = await pair.connect();
  const { connection } = pair.answerer;
  const before = connection.remoteDescription!.sdp;
  for (const garbage of GARBAGE) {
    await assert.rejects(
      pair.world.settle(connection.addIceCandidate(garbage as RTCIceCandidateInit)),
      (error) => error instanceof TypeError || error instanceof DOMException,
    );
  }
  assert.equal(connection.remoteDescription!.sdp, before);
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});

test("a thousand answers, offers and rollbacks out of turn are refused, or change no transport", async () => {
  const pair = honestPair(24);
  const channels = await pair.connect();
  const { connection, host } = pair.answerer;
  const { sdp } = pair.offerer.connection.localDescription!;
  for (let round = 0; round < 250; round++) {
    ignore(connection.setRemoteDescription({ type: "answer", sdp }));
    ignore(connection.setRemoteDescription({ type: "offer", sdp }));
    ignore(connection.setRemoteDescription({ type: "rollback" }));
    ignore(connection.setRemoteDescription({ type: "rollback" }));
    ignore(connection.setRemoteDescription({ type: "pranswer", sdp: "v=0" }));
  }
  await pair.world.advance(1_000);
  assert.equal(connection.signalingState, "stable");
  assert.equal(host.resources.sockets, 1);
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});

test("a connection that is closed under a flood of operations ends at once and whole", async () => {
  const pair = honestPair(25);
  await pair.connect();
  const { connection } = pair.answerer;
  const { sdp } = pair.offerer.connection.localDescription!;
  for (let round = 0; round < 300; round++) {
    ignore(connection.setRemoteDescription({ type: "offer", sdp }));
    ignore(connection.setLocalDescription());
    ignore(connection.addIceCandidate());
    if (round === 150) connection.close();
  }
  await closeWithoutTrace(pair);
});

test("connections whose peers never answer fail with a reason and give everything back (half-open)", async () => {
  for (let seed = 100; seed < 110; seed++) {
    const pair = honestPair(seed);
    pair.world.internet.intercept(() => []);
    pair.offerer.connection.createDataChannel("data");
    await pair.world.settle(pair.negotiate());
    await pair.world.advance(120_000);
    assert.equal(pair.offerer.connection.connectionState, "failed");
    assert.match(pair.offerer.failureReason ?? "", /192\.0\.2/);
    assert.equal(pair.offerer.host.resources.deadlines, 0);
    await closeWithoutTrace(pair);
  }
});

test("a peer that answers checks and never speaks DTLS is given up after 30 s, with the reason (half-open)", async () => {
  const pair = honestPair(26);
  pair.world.internet.intercept((packet) => (packet.bytes[0]! >= 20 ? [] : [packet]));
  pair.offerer.connection.createDataChannel("data");
  await pair.world.settle(pair.negotiate());
  await pair.world.advance(40_000);
  for (const peer of [pair.offerer, pair.answerer]) {
    assert.equal(peer.connection.connectionState, "failed");
    assert.match(peer.failureReason ?? "", /DTLS handshake not finished after 30 s/);
  }
  await closeWithoutTrace(pair);
});
