import assert from "node:assert/strict";
import { test } from "vitest";
import { RawPeer, rawData, rawSack } from "../../test/support/sctp-raw-peer.ts";
import { SctpPair, messagesOf, testMessage, testPayload } from "../../test/support/sctp-pair.ts";
import { readUint32 } from "../base/bytes.ts";
import { addToTsn, toTsn, tsnDistance } from "../base/serial-number.ts";
import { CHUNK_TYPE } from "./packet/chunk.ts";
import { writeChecksum } from "./packet/sctp-packet.ts";

const isData = (chunk: Uint8Array) => chunk[0] === CHUNK_TYPE.data;
const IMMEDIATE = 8;

/** The DATA chunks that are sent now, as distances from the association's first TSN. */
function pollTsns(peer: RawPeer): number[] {
  return peer
    .poll()
    .filter(isData)
    .map((chunk) => tsnDistance(peer.theirTsn, toTsn(readUint32(chunk, 4))));
}

/** A SACK for everything up to the `index`-th TSN. */
function ack(peer: RawPeer, index: number, ...gapBlocks: number[]): void {
  peer.send(rawSack({ cumulativeTsn: addToTsn(peer.theirTsn, index), gapBlocks }));
}

function sendLarge(peer: RawPeer): void {
  peer.association.send(testMessage(1, testPayload(400_000, 1)), peer.nowMs);
}

/** Lets the next timer fire; returns how long that took. */
function fireTimer(peer: RawPeer): number {
  const waitedMs = peer.association.nextTimeoutAtMs - peer.nowMs;
  peer.nowMs = peer.association.nextTimeoutAtMs;
  peer.association.handleTimeout(peer.nowMs);
  return waitedMs;
}

test("the first window is ten packets; each SACK lets more out (RFC 9260 §7.2.1)", () => {
  const peer = new RawPeer();
  sendLarge(peer);
  assert.equal(pollTsns(peer).length, 10);
  ack(peer, 1);
  assert.equal(pollTsns(peer).length, 4); // Two acknowledged, and two of slow start.
  ack(peer, 3);
  assert.equal(pollTsns(peer).length, 4);
});

test("one input releases at most maxBurstPackets packets and what it acknowledges (RFC 9260 §6.1, D)", () => {
  const peer = new RawPeer({ maxBurstPackets: 3 });
  sendLarge(peer);
  assert.equal(pollTsns(peer).length, 3);
  ack(peer, 1);
  assert.equal(pollTsns(peer).length, 3 + 2);
});

test("a command between a SACK and the packets that follow it takes nothing off them", () => {
  const peer = new RawPeer({ maxBurstPackets: 3 });
  sendLarge(peer);
  pollTsns(peer);
  ack(peer, 1);
  sendLarge(peer);
  assert.equal(pollTsns(peer).length, 3 + 2);
});

test("three SACKs that report a chunk missing make it lost; two do not (RFC 9260 §7.2.4)", () => {
  const peer = new RawPeer();
  sendLarge(peer);
  pollTsns(peer);
  ack(peer, -1, 2, 2);
  assert.ok(!pollTsns(peer).includes(0));
  ack(peer, -1, 2, 3);
  assert.ok(!pollTsns(peer).includes(0));
  ack(peer, -1, 2, 4);
  assert.equal(pollTsns(peer)[0], 0);
  assert.equal(peer.association.stats.fastRecoveries, 1);
});

test("a SACK that acknowledges nothing new is no evidence of a loss (RFC 9260 §7.2.4)", () => {
  const peer = new RawPeer();
  sendLarge(peer);
  pollTsns(peer);
  for (let round = 0; round < 10; round++) ack(peer, -1, 2, 4);
  assert.ok(!pollTsns(peer).includes(0));
});

test("one fast retransmit goes out whatever the window says, and halves it once (RFC 9260 §7.2.4)", () => {
  const peer = new RawPeer();
  sendLarge(peer);
  pollTsns(peer);
  const before = peer.association.stats.congestionWindowBytes;
  // Chunks 0 and 1 are lost; only three of ten have left the network.
  for (const last of [3, 4, 5]) ack(peer, -1, 3, last);
  assert.deepEqual(pollTsns(peer).slice(0, 1), [0]);
  assert.equal(peer.association.stats.congestionWindowBytes, before / 2);
  for (const last of [6, 7, 8]) ack(peer, -1, 3, last);
  assert.equal(peer.association.stats.congestionWindowBytes, before / 2);
  assert.equal(peer.association.stats.fastRecoveries, 1);
});

test("a retransmission that is lost again is repaired without a timeout, on evidence that is newer", () => {
  const peer = new RawPeer();
  sendLarge(peer);
  assert.equal(pollTsns(peer).length, 10);
  for (const last of [4, 7, 10]) ack(peer, -1, 2, last);
  assert.equal(pollTsns(peer)[0], 0);
  // What was sent before the retransmission says nothing of it; what is sent after does.
  const first = pollTsns(peer).at(-1) ?? 9;
  assert.ok(first >= 9);
  sendLarge(peer);
  let highest = peer.association.stats.chunksSent - 1;
  for (let round = 0; round < 3; round++) {
    ack(peer, -1, 2, highest + 1);
    const sent = pollTsns(peer);
    if (round < 2) assert.ok(!sent.includes(0), `round ${round}`);
    else assert.ok(sent.includes(0));
    highest = peer.association.stats.chunksSent - 1;
  }
  assert.equal(peer.association.stats.timeouts, 0);
});

test("T3 doubles with each expiry, retransmits one packet, and shrinks the window to it (RFC 9260 §6.3.3)", () => {
  const peer = new RawPeer();
  sendLarge(peer);
  pollTsns(peer);
  assert.equal(fireTimer(peer), 500);
  assert.deepEqual(pollTsns(peer), [0]);
  assert.equal(peer.association.stats.congestionWindowBytes, 1_176);
  assert.equal(fireTimer(peer), 1_000);
  assert.deepEqual(pollTsns(peer), [0]);
  assert.equal(fireTimer(peer), 2_000);
  assert.equal(peer.association.stats.timeouts, 3);
});

test("T3 starts over when the first outstanding chunk is acknowledged, and stops with the last (RFC 9260 §6.3.2)", () => {
  const peer = new RawPeer({ heartbeatIntervalMs: Number.POSITIVE_INFINITY });
  peer.association.send(testMessage(1, testPayload(3_000, 1)), peer.nowMs);
  assert.deepEqual(pollTsns(peer), [0, 1, 2]);
  peer.nowMs += 300;
  ack(peer, 0);
  const { rtoMs } = peer.association.stats;
  assert.equal(peer.association.nextTimeoutAtMs, peer.nowMs + rtoMs);
  ack(peer, 0, 2, 2);
  assert.equal(peer.association.nextTimeoutAtMs, peer.nowMs + rtoMs);
  ack(peer, 2);
  assert.equal(peer.association.nextTimeoutAtMs, Number.POSITIVE_INFINITY);
});

test("a retransmitted chunk gives no round-trip time (RFC 9260 §6.3.1, C5)", () => {
  const peer = new RawPeer();
  peer.association.send(testMessage(1, testPayload(10, 1)), peer.nowMs);
  pollTsns(peer);
  fireTimer(peer);
  pollTsns(peer);
  ack(peer, 0);
  assert.equal(peer.association.stats.roundTripMs, undefined);
  peer.association.send(testMessage(1, testPayload(10, 2)), peer.nowMs);
  pollTsns(peer);
  peer.nowMs += 70;
  ack(peer, 1);
  assert.equal(peer.association.stats.roundTripMs, 70);
});

test("chunks ask for a prompt answer where one is waited for: closing, resetting, tiny window (RFC 9260 §6.1)", () => {
  const peer = new RawPeer();
  const flagsOf = () => peer.poll().findLast(isData)![1]! & IMMEDIATE;
  peer.association.send(testMessage(1, testPayload(10, 1)), peer.nowMs);
  assert.equal(flagsOf(), 0);
  peer.association.send(testMessage(1, testPayload(10, 2)), peer.nowMs);
  peer.association.resetStream(1, peer.nowMs);
  assert.equal(flagsOf(), IMMEDIATE);
  fireTimer(peer);
  assert.equal(flagsOf(), IMMEDIATE);
  ack(peer, 1);
  peer.association.send(testMessage(2, testPayload(10, 2)), peer.nowMs);
  peer.association.shutdown(peer.nowMs);
  assert.equal(flagsOf(), IMMEDIATE);
});

test("data is acknowledged after 20 ms, or with the second packet, or with data that goes anyway (RFC 9260 §6.2)", () => {
  const peer = new RawPeer();
  const sacks = () => peer.poll().filter((chunk) => chunk[0] === CHUNK_TYPE.sack).length;
  const data = (index: number) =>
    rawData({ tsn: peer.tsn(index), sequence: index }, testPayload(10, index));
  peer.send(data(0));
  assert.equal(sacks(), 0);
  assert.equal(fireTimer(peer), 20);
  assert.equal(sacks(), 1);
  peer.send(data(1));
  peer.send(data(2));
  assert.equal(sacks(), 1);
  peer.send(data(3));
  peer.association.send(testMessage(1, testPayload(10, 1)), peer.nowMs);
  assert.equal(sacks(), 1);
  peer.send(data(5));
  assert.equal(sacks(), 1); // A gap is told at once.
});

test("the window of a path that was idle shrinks to the first one (RFC 9260 §7.2.1)", () => {
  const pair = new SctpPair({ wire: { delayMs: 20 } }).connect();
  pair.a.association.send(testMessage(1, testPayload(1_000_000, 1)), pair.nowMs);
  assert.ok(pair.runUntil(() => messagesOf(pair.b.events).length === 1, 60_000));
  pair.run(100);
  assert.ok(pair.a.association.stats.congestionWindowBytes > 100_000);
  pair.run(20_000);
  pair.a.association.send(testMessage(1, testPayload(10, 1)), pair.nowMs);
  pair.drain();
  assert.equal(pair.a.association.stats.congestionWindowBytes, 11_760);
});

test("a peer without FORWARD TSN gets every message, however it was meant (RFC 3758 §3.3.1)", () => {
  let lost = 0;
  const pair = new SctpPair({
    a: { isInterleavingOffered: false },
    filter: (from, packet) => {
      // Takes the FORWARD TSN parameter and the chunk type out of b's INIT and INIT ACK.
      if (from === "b" && (packet[12] === 1 || packet[12] === 2)) stripForwardTsn(packet);
      return from !== "a" || packet[12] !== CHUNK_TYPE.data || ++lost !== 1;
    },
  }).connect();
  const options = { maxRetransmits: 0, lifetimeMs: 10 };
  pair.a.association.send(testMessage(1, testPayload(10, 1), options), pair.nowMs);
  pair.run(5_000);
  assert.deepEqual(messagesOf(pair.b.events)[0]?.payload, testPayload(10, 1));
  assert.equal(pair.a.association.stats.messagesAbandoned, 0);
});

function stripForwardTsn(packet: Uint8Array): void {
  for (let offset = 32; offset + 4 <= packet.byteLength; offset += 4) {
    if (readUint32(packet, offset) === 0xc000_0004) packet.set([0x80, 0x55], offset);
    if (readUint32(packet, offset) >>> 16 === 0x8008) packet[offset + 5] = 0x80;
  }
  writeChecksum(packet, 0, packet.byteLength);
}
