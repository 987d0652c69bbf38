import assert from "node:assert/strict";
import { test } from "vitest";
import { readUint32 } from "../base/bytes.ts";
import { SctpPair, messagesOf, testMessage, testPayload } from "../../test/support/sctp-pair.ts";
import { CHUNK_TYPE } from "./packet/chunk.ts";
import { encodeHeartbeatChunk } from "./packet/heartbeat-chunk.ts";
import { encodePacket } from "./packet/sctp-packet.ts";

test("an idle path is probed every 30 s and measured (RFC 9260 §8.3)", () => {
  const pair = new SctpPair({ keepsPackets: true, wire: { delayMs: 40 } }).connect();
  pair.run(100_000);
  const heartbeats = pair.a.sentPackets.filter((packet) => packet[12] === CHUNK_TYPE.heartbeat);
  assert.ok(heartbeats.length >= 1 && heartbeats.length <= 3, `${heartbeats.length} heartbeats`);
  assert.equal(pair.a.association.stats.roundTripMs, 80);
  assert.equal(pair.a.association.state, "established");
});

test("a peer that is heard is not asked (RFC 9260 §8.3)", () => {
  const pair = new SctpPair({ keepsPackets: true }).connect();
  for (let second = 0; second < 100; second++) {
    pair.a.association.send(testMessage(1, testPayload(10, second)), pair.nowMs);
    pair.run(1_000);
  }
  const all = [...pair.a.sentPackets, ...pair.b.sentPackets];
  assert.equal(all.filter((packet) => packet[12] === CHUNK_TYPE.heartbeat).length, 0);
});

test("a peer that vanished is noticed by unanswered heartbeats (RFC 9260 §8.1)", () => {
  let isCut = false;
  const pair = new SctpPair({ filter: () => !isCut }).connect();
  isCut = true;
  pair.run(2 * 3_600_000);
  const last = pair.a.events.at(-1);
  assert.ok(last?.kind === "closed" && last.failure?.code === "ERR_TIMED_OUT");
  assert.match(last.failure.message, /11 transmissions in a row drew no answer/);
});

test("a peer that vanished while data is under way is noticed by T3 (RFC 9260 §8.1)", () => {
  let isCut = false;
  const pair = new SctpPair({ filter: () => !isCut, a: { maxRetransmits: 4 } }).connect();
  isCut = true;
  pair.a.association.send(testMessage(1, testPayload(10, 1)), pair.nowMs);
  pair.run(600_000);
  const last = pair.a.events.at(-1);
  assert.ok(last?.kind === "closed" && last.failure?.code === "ERR_TIMED_OUT");
  assert.match(last.failure.message, /5 transmissions .* 28 bytes were in flight|5 transmissions/);
});

test("a HEARTBEAT comes back with its information unchanged (RFC 9260 §8.3)", () => {
  const pair = new SctpPair({ keepsPackets: true }).connect();
  pair.a.association.send(testMessage(1, testPayload(1, 1)), pair.nowMs);
  pair.drain();
  const verificationTag = readUint32(pair.a.sentPackets.at(-1)!, 4);
  const header = { sourcePort: 5000, destinationPort: 5000, verificationTag };
  const heartbeat = encodeHeartbeatChunk("heartbeat", testPayload(37, 9));
  pair.b.association.handlePacket(encodePacket(header, [heartbeat]), pair.nowMs);
  const answer = pair.b.association.pollTransmit()!;
  const expected = encodeHeartbeatChunk("heartbeatAck", testPayload(37, 9));
  assert.deepEqual(answer.subarray(12, 12 + expected.byteLength), expected);
});

test("an answer to no question is ignored (RFC 9260 §8.3)", () => {
  const pair = new SctpPair({ keepsPackets: true }).connect();
  pair.a.association.send(testMessage(1, testPayload(1, 1)), pair.nowMs);
  pair.drain();
  const verificationTag = readUint32(pair.a.sentPackets.at(-1)!, 4);
  const header = { sourcePort: 5000, destinationPort: 5000, verificationTag };
  const chunk = encodeHeartbeatChunk("heartbeatAck", testPayload(8, 9));
  pair.b.association.handlePacket(encodePacket(header, [chunk]), pair.nowMs + 50_000);
  assert.equal(pair.b.association.stats.roundTripMs, undefined);
  pair.run(100);
  assert.equal(messagesOf(pair.b.events).length, 1);
});
