import assert from "node:assert/strict";
import { test } from "vitest";
import { UsageError } from "../base/errors.ts";
import {
  SctpPair,
  messagesOf,
  sctpTestCrypto,
  testMessage,
  testPayload,
} from "../../test/support/sctp-pair.ts";
import { SctpAssociation } from "./association.ts";
import { CHUNK_TYPE } from "./packet/chunk.ts";

test("both ends connect at the same time and messages flow both ways (RFC 9260 §5.2.1)", () => {
  const pair = new SctpPair({ wire: { delayMs: 10 } }).connect();
  assert.deepEqual(pair.a.events, [
    { kind: "connected", maxOutgoingStreams: 65_535, maxIncomingStreams: 65_535 },
  ]);
  assert.deepEqual(pair.b.events, pair.a.events);
  const payload = testPayload(100_000, 1);
  assert.equal(pair.a.association.send(testMessage(3, payload), pair.nowMs), true);
  assert.equal(pair.b.association.send(testMessage(4, testPayload(5, 2)), pair.nowMs), true);
  pair.run(1_000);
  assert.deepEqual(messagesOf(pair.b.events), [
    { kind: "message", streamId: 3, ppid: 53, payload },
  ]);
  assert.deepEqual(messagesOf(pair.a.events), [
    { kind: "message", streamId: 4, ppid: 53, payload: testPayload(5, 2) },
  ]);
});

test("messages queued before the handshake go out with the COOKIE ECHO (RFC 9260 §5.1)", () => {
  const pair = new SctpPair({ wire: { delayMs: 50 } });
  pair.a.association.send(testMessage(0, testPayload(10, 1)), pair.nowMs);
  pair.a.association.connect(pair.nowMs);
  const startedAtMs = pair.nowMs;
  assert.ok(pair.runUntil(() => messagesOf(pair.b.events).length === 1, 10_000));
  assert.equal(pair.nowMs - startedAtMs, 150); // INIT, INIT ACK, COOKIE ECHO with the data.
  assert.equal(pair.b.events[0]?.kind, "connected");
});

test("bufferedBytes falls as payload goes out, and `sent` events add up to what was queued", () => {
  const pair = new SctpPair({ wire: { delayMs: 10 } }).connect();
  pair.a.association.send(testMessage(1, testPayload(50_000, 1)), pair.nowMs);
  pair.a.association.send(testMessage(2, testPayload(300, 2)), pair.nowMs);
  assert.equal(pair.a.association.bufferedBytes(1), 50_000);
  assert.equal(pair.a.association.bufferedBytes(2), 300);
  assert.equal(pair.a.association.bufferedBytes(3), 0);
  pair.drain();
  assert.ok(pair.a.association.bufferedBytes(1) < 50_000);
  pair.run(5_000);
  const sent = [0, 0, 0];
  for (const event of pair.a.events)
    if (event.kind === "sent") sent[event.streamId]! += event.bytes;
  assert.deepEqual(sent, [0, 50_000, 300]);
  assert.equal(pair.a.association.bufferedBytes(1), 0);
});

test("between two polls the bytes sent on a stream are told once", () => {
  const pair = new SctpPair().connect();
  for (let index = 0; index < 10; index++) {
    pair.a.association.send(testMessage(1, testPayload(40, index)), pair.nowMs);
  }
  pair.a.events.length = 0;
  pair.drain();
  assert.deepEqual(pair.a.events, [{ kind: "sent", streamId: 1, bytes: 400 }]);
});

test("send refuses what exceeds maxBufferedBytes, and takes it when there is room again", () => {
  const pair = new SctpPair({ a: { maxBufferedBytes: 10_000 } }).connect();
  assert.equal(pair.a.association.send(testMessage(1, testPayload(9_000, 1)), pair.nowMs), true);
  assert.equal(pair.a.association.send(testMessage(1, testPayload(9_000, 2)), pair.nowMs), false);
  assert.equal(pair.a.association.bufferedBytes(1), 9_000);
  pair.run(1_000);
  assert.equal(pair.a.association.send(testMessage(1, testPayload(9_000, 3)), pair.nowMs), true);
});

test("tiny messages count with their book-keeping, so that they cannot fill the memory", () => {
  const association = new SctpAssociation({ maxBufferedBytes: 65_000 }, sctpTestCrypto(1));
  let accepted = 0;
  while (association.send(testMessage(0, testPayload(1, 0)), 0)) accepted++;
  assert.equal(accepted, 1_000);
});

test("an empty payload and a stream that was not negotiated are the caller's mistakes", () => {
  const pair = new SctpPair({ b: { maxStreams: 100 } }).connect();
  const { association } = pair.a;
  assert.equal(pair.a.events.find((event) => event.kind === "connected")?.maxOutgoingStreams, 100);
  assert.throws(() => association.send(testMessage(1, new Uint8Array(0)), 0), UsageError);
  assert.throws(() => association.send(testMessage(100, testPayload(1, 1)), 0), UsageError);
  assert.throws(() => association.resetStream(65_535, 0), UsageError);
  assert.equal(association.send(testMessage(99, testPayload(1, 1)), pair.nowMs), true);
});

test("the payload is not copied when it is queued", () => {
  const pair = new SctpPair().connect();
  const payload = testPayload(20, 1);
  pair.a.association.send(testMessage(1, payload), pair.nowMs);
  payload[0] = 99;
  pair.run(100);
  assert.equal(messagesOf(pair.b.events)[0]?.payload[0], 99);
});

test("a tiny message does not keep the packet that it came in alive", () => {
  const pair = new SctpPair().connect();
  pair.a.association.send(testMessage(1, testPayload(10, 1)), pair.nowMs);
  pair.a.association.send(testMessage(1, testPayload(1_100, 2)), pair.nowMs);
  pair.run(100);
  const [small, large] = messagesOf(pair.b.events);
  assert.equal(small?.payload.buffer.byteLength, 10);
  assert.ok(large!.payload.buffer.byteLength <= 2 * 1_100);
});

test("no packet exceeds maxPacketBytes, and a smaller limit holds from then on", () => {
  const pair = new SctpPair({ keepsPackets: true, wire: { delayMs: 5 } }).connect();
  pair.a.association.send(testMessage(1, testPayload(200_000, 1)), pair.nowMs);
  pair.run(2_000);
  const sizes = pair.a.sentPackets.map((packet) => packet.byteLength);
  assert.equal(Math.max(...sizes), 1_188); // 1,191 rounded down to whole words.
  pair.a.sentPackets.length = 0;
  pair.a.association.setMaxPacketBytes(600);
  pair.a.association.send(testMessage(1, testPayload(200_000, 2)), pair.nowMs);
  pair.run(2_000);
  assert.ok(Math.max(...pair.a.sentPackets.map((packet) => packet.byteLength)) <= 600);
  assert.equal(messagesOf(pair.b.events).length, 2);
});

test("a chunk that was cut for larger packets still goes out after the limit has shrunk", () => {
  let isMute = false;
  const pair = new SctpPair({ filter: (from) => from !== "a" || !isMute }).connect();
  isMute = true;
  pair.a.association.send(testMessage(1, testPayload(5_000, 1)), pair.nowMs);
  pair.drain();
  isMute = false;
  pair.a.association.setMaxPacketBytes(600);
  assert.ok(pair.runUntil(() => messagesOf(pair.b.events).length === 1, 20_000));
  assert.deepEqual(messagesOf(pair.b.events)[0]?.payload, testPayload(5_000, 1));
});

test("where both ends agree on it, packets but INIT and COOKIE ECHO carry no checksum (RFC 9653 §5.2)", () => {
  const pair = new SctpPair({ keepsPackets: true }).connect();
  pair.a.association.send(testMessage(1, testPayload(10, 1)), pair.nowMs);
  pair.run(100);
  for (const packet of pair.a.sentPackets) {
    const isHandshake = [CHUNK_TYPE.init, CHUNK_TYPE.initAck, CHUNK_TYPE.cookieEcho].some(
      (type) => type === packet[12],
    );
    const isZero = packet.subarray(8, 12).every((byte) => byte === 0);
    assert.equal(isZero, !isHandshake, `chunk type ${packet[12]}`);
  }
});

test("where one end does not offer it, checksums stay, and a packet without one is refused (RFC 9653 §5.3)", () => {
  const pair = new SctpPair({
    keepsPackets: true,
    b: { isZeroChecksumOffered: false },
    wire: { delayMs: 1 },
  }).connect();
  pair.a.association.send(testMessage(1, testPayload(10, 1)), pair.nowMs);
  pair.run(100);
  assert.equal(messagesOf(pair.b.events).length, 1);
  for (const packet of pair.a.sentPackets) {
    assert.ok(packet.subarray(8, 12).some((byte) => byte !== 0));
  }
  const forged = pair.a.sentPackets.at(-1)!.slice();
  forged.fill(0, 8, 12);
  const before = pair.b.association.stats.foreignPackets;
  pair.b.association.handlePacket(forged, pair.nowMs);
  assert.equal(pair.b.association.stats.foreignPackets, before + 1);
});

test("DATA is used when one end does not offer I-DATA (RFC 8260 §2.2.1)", () => {
  const pair = new SctpPair({ b: { isInterleavingOffered: false }, keepsPackets: true }).connect();
  pair.a.association.send(testMessage(1, testPayload(3_000, 1)), pair.nowMs);
  pair.run(1_000);
  assert.deepEqual(messagesOf(pair.b.events)[0]?.payload, testPayload(3_000, 1));
  const types = new Set(pair.a.sentPackets.map((packet) => packet[12]));
  assert.ok(types.has(CHUNK_TYPE.data) && !types.has(CHUNK_TYPE.iData));
});

test("after the end, send refuses, and commands do nothing", () => {
  const pair = new SctpPair().connect();
  pair.a.association.abort("done", pair.nowMs);
  assert.equal(pair.a.association.send(testMessage(1, testPayload(1, 1)), pair.nowMs), false);
  pair.a.association.resetStream(1, pair.nowMs);
  pair.a.association.connect(pair.nowMs);
  pair.a.association.abort("again", pair.nowMs);
  pair.run(1_000);
  assert.equal(pair.a.association.state, "closed");
  assert.equal(pair.a.events.filter(({ kind }) => kind === "closed").length, 1);
  assert.equal(pair.a.association.nextTimeoutAtMs, Number.POSITIVE_INFINITY);
});

test("unread bytes narrow the announced window, and reading them opens it at once", () => {
  const pair = new SctpPair({ b: { receiveWindowBytes: 1_000_000 } }).connect();
  pair.b.association.setUnreadBytes(1_000_000, pair.nowMs);
  pair.a.association.send(testMessage(1, testPayload(200_000, 1)), pair.nowMs);
  pair.run(300);
  assert.ok(pair.a.association.bufferedBytes(1) > 50_000);
  pair.b.association.setUnreadBytes(0, pair.nowMs);
  pair.run(600);
  assert.equal(messagesOf(pair.b.events).length, 1);
});
