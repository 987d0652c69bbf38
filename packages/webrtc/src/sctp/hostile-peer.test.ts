import assert from "node:assert/strict";
import { test } from "vitest";
import { RAW_INITIAL_TSN, RawPeer, rawData, rawSack } from "../../test/support/sctp-raw-peer.ts";
import { messagesOf, testMessage, testPayload } from "../../test/support/sctp-pair.ts";
import { addToTsn, toTsn } from "../base/serial-number.ts";
import { CHUNK_TYPE, createChunk } from "./packet/chunk.ts";
import { DATA_FLAG } from "./packet/data-chunk.ts";
import { encodeErrorChunk } from "./packet/error-chunk.ts";
import { invalidStreamCause } from "./packet/error-cause.ts";
import { encodeForwardTsnChunk } from "./packet/forward-tsn-chunk.ts";
import { encodeIForwardTsnChunk } from "./packet/i-forward-tsn-chunk.ts";
import { decodeSackChunk } from "./packet/sack-chunk.ts";
import { encodeShutdownCompleteChunk } from "./packet/shutdown-chunk.ts";

const MIDDLE = 0;
const ONE_BYTE = Uint8Array.of(1);

function lastEvent(peer: RawPeer) {
  peer.poll();
  return peer.events.at(-1);
}

test("a DATA chunk without user data ends the association (RFC 9260 §6.2, cause 9)", () => {
  const peer = new RawPeer();
  peer.send(rawData({ tsn: peer.tsn(0) }, new Uint8Array(0)));
  const [abort] = peer.poll();
  assert.deepEqual([abort?.[0], abort?.[5]], [CHUNK_TYPE.abort, 9]);
  const last = lastEvent(peer);
  assert.ok(last?.kind === "closed" && last.failure?.code === "ERR_PEER_VIOLATION");
});

test("I-DATA without agreement, and DATA where I-DATA was agreed on, end the association (RFC 8260 §2.2.1)", () => {
  for (const isInterleaved of [false, true]) {
    const peer = new RawPeer({}, isInterleaved);
    peer.send(rawData({ tsn: peer.tsn(0) }, ONE_BYTE, !isInterleaved));
    const last = lastEvent(peer);
    assert.ok(last?.kind === "closed" && last.failure?.code === "ERR_PEER_VIOLATION");
  }
});

test("chunks with a length below 4 or beyond the packet are dropped with all that follows", () => {
  const peer = new RawPeer();
  for (const length of [0, 1, 3, 200]) {
    const bad = createChunk(CHUNK_TYPE.heartbeat, 0, 8);
    bad[3] = length;
    peer.send(bad, rawData({ tsn: peer.tsn(0) }, ONE_BYTE));
  }
  assert.equal(peer.association.stats.malformedPackets, 4);
  peer.poll();
  assert.equal(messagesOf(peer.events).length, 0);
});

test("TSNs far ahead are dropped and never named (RFC 9260 §6.2)", () => {
  const peer = new RawPeer();
  for (const ahead of [0x8000, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ff00]) {
    peer.send(rawData({ tsn: peer.tsn(ahead), flags: MIDDLE }, ONE_BYTE));
  }
  const sack = peer.pollSack();
  assert.equal(sack.cumulativeTsn, addToTsn(RAW_INITIAL_TSN, -1));
  assert.deepEqual(sack.gapBlocks, []);
  assert.equal(peer.association.stats.heldBytes, 0);
});

test("every second TSN: gap blocks fill a SACK and no more, memory stays bounded", () => {
  const peer = new RawPeer();
  for (let index = 1; index < 0x8000; index += 2) {
    peer.send(rawData({ tsn: peer.tsn(index), flags: MIDDLE }, ONE_BYTE));
    if (index % 1_000 === 1) {
      for (const chunk of peer.poll()) assert.ok(chunk.byteLength <= 1_191);
    }
  }
  assert.ok(peer.association.stats.heldBytes <= 4_096 * 65);
  assert.ok(peer.association.stats.droppedChunks > 10_000);
  assert.equal(peer.association.state, "established");
});

test("fragments that never end fill the receive window twice at most, then the association ends", () => {
  for (const isInterleaved of [false, true]) {
    const peer = new RawPeer({ receiveWindowBytes: 100_000 }, isInterleaved);
    const payload = testPayload(1_000, 1);
    for (let index = 0; index < 400; index++) {
      const flags = index === 0 ? DATA_FLAG.begin : MIDDLE;
      const fields = { tsn: peer.tsn(index), flags, fragmentIndex: index };
      peer.send(rawData(fields, payload, isInterleaved));
      assert.ok(peer.association.stats.heldBytes <= 200_000 + 2_000);
      peer.poll();
    }
    const last = peer.events.at(-1);
    assert.ok(last?.kind === "closed" && last.failure?.code === "ERR_LOCAL_RESOURCE");
    assert.match(last.failure.message, /larger messages than it was told/);
  }
});

test("the announced window shrinks by what is held, down to zero (RFC 9260 §6.2)", () => {
  const peer = new RawPeer({ receiveWindowBytes: 10_000 });
  const windows = [];
  for (let index = 0; index < 14; index++) {
    const flags = index === 0 ? DATA_FLAG.begin : MIDDLE;
    peer.send(rawData({ tsn: peer.tsn(index), flags }, testPayload(1_000, 1)));
    windows.push(peer.pollSack().receiveWindowBytes);
  }
  assert.equal(windows[0], 10_000 - 1_064);
  assert.equal(windows.at(-1), 0);
});

test("unfinished messages of I-DATA on many streams are bounded as well", () => {
  const peer = new RawPeer({ receiveWindowBytes: 500_000 }, true);
  for (let index = 0; index < 3_000; index++) {
    const fields = {
      tsn: peer.tsn(index),
      streamId: index % 1_000,
      sequence: index,
      flags: MIDDLE,
    };
    peer.send(rawData({ ...fields, fragmentIndex: 7 }, ONE_BYTE, true));
    assert.ok(peer.association.stats.heldBytes <= 1_000_000 + 600);
  }
});

test("absurd fragment numbers are noise, distant ones wait like others (RFC 8260 §2.1)", () => {
  const peer = new RawPeer({}, true);
  peer.send(
    rawData({ tsn: peer.tsn(0), flags: MIDDLE, fragmentIndex: 0xffff_ffff }, ONE_BYTE, true),
  );
  assert.equal(peer.association.stats.malformedPackets, 1);
  peer.send(rawData({ tsn: peer.tsn(0), flags: DATA_FLAG.begin }, ONE_BYTE, true));
  peer.send(
    rawData({ tsn: peer.tsn(1), flags: DATA_FLAG.end, fragmentIndex: 0x7fff_ffff }, ONE_BYTE, true),
  );
  peer.send(rawData({ tsn: peer.tsn(2), flags: DATA_FLAG.end, fragmentIndex: 1 }, ONE_BYTE, true));
  peer.poll();
  assert.deepEqual(messagesOf(peer.events)[0]?.payload, Uint8Array.of(1, 1));
  assert.equal(peer.association.stats.heldBytes, 0);
});

test("the same fragment under two TSNs counts once (RFC 8260 §2.2)", () => {
  const peer = new RawPeer({}, true);
  peer.send(rawData({ tsn: peer.tsn(0), flags: DATA_FLAG.begin }, Uint8Array.of(1), true));
  peer.send(rawData({ tsn: peer.tsn(1), flags: DATA_FLAG.begin }, Uint8Array.of(9), true));
  peer.send(
    rawData({ tsn: peer.tsn(2), flags: DATA_FLAG.end, fragmentIndex: 1 }, Uint8Array.of(2), true),
  );
  peer.poll();
  assert.deepEqual(
    messagesOf(peer.events).map(({ payload }) => [...payload]),
    [[1, 2]],
  );
});

test("fragments of different messages next to each other are not joined (RFC 9260 §6.9)", () => {
  const peer = new RawPeer();
  peer.send(rawData({ tsn: peer.tsn(0), streamId: 1, flags: DATA_FLAG.begin }, ONE_BYTE));
  peer.send(rawData({ tsn: peer.tsn(1), streamId: 2, flags: DATA_FLAG.end }, ONE_BYTE));
  peer.send(rawData({ tsn: peer.tsn(2), sequence: 5, flags: DATA_FLAG.begin }, ONE_BYTE));
  peer.send(rawData({ tsn: peer.tsn(3), sequence: 6, flags: DATA_FLAG.end }, ONE_BYTE));
  peer.poll();
  assert.equal(messagesOf(peer.events).length, 0);
});

test("a stream that was not negotiated is answered with ERROR; its data is acknowledged and dropped (RFC 9260 §6.5)", () => {
  const peer = new RawPeer();
  peer.send(rawData({ tsn: peer.tsn(0), streamId: 1_000 }, ONE_BYTE));
  const [error, sack] = peer.poll();
  assert.deepEqual(error, encodeErrorChunk([invalidStreamCause(1_000)]));
  assert.equal(decodeSackChunk(sack!, 0, sack!.byteLength).cumulativeTsn, peer.tsn(0));
  assert.equal(messagesOf(peer.events).length, 0);
});

test("duplicates are told, up to a limit, and delivered once (RFC 9260 §6.2)", () => {
  const peer = new RawPeer();
  const chunk = rawData({ tsn: peer.tsn(0) }, ONE_BYTE);
  peer.send(...Array.from({ length: 50 }, () => chunk));
  const sack = peer.pollSack();
  assert.equal(sack.cumulativeTsn, peer.tsn(0));
  assert.ok(sack.duplicateTsns.length > 0 && sack.duplicateTsns.length <= 16);
  assert.equal(messagesOf(peer.events).length, 1);
  assert.equal(peer.association.stats.duplicateChunks, 49);
});

test("FORWARD TSN far ahead is taken in constant time; one behind changes nothing (RFC 3758 §3.6)", () => {
  const peer = new RawPeer();
  const forward = (ahead: number) =>
    encodeForwardTsnChunk({ newCumulativeTsn: peer.tsn(ahead), skipped: [] });
  peer.send(rawData({ tsn: peer.tsn(5), flags: DATA_FLAG.begin }, ONE_BYTE));
  peer.send(forward(0x7fff_fff0));
  assert.equal(peer.pollSack().cumulativeTsn, peer.tsn(0x7fff_fff0));
  assert.equal(peer.association.stats.heldBytes, 0);
  peer.send(forward(3), forward(0x7fff_fff0));
  assert.equal(peer.pollSack().cumulativeTsn, peer.tsn(0x7fff_fff0));
  peer.send(rawData({ tsn: peer.tsn(0x7fff_fff1) }, ONE_BYTE));
  assert.equal(peer.pollSack().cumulativeTsn, peer.tsn(0x7fff_fff1));
});

test("FORWARD TSN into the middle of gaps absorbs what follows (RFC 3758 §3.6)", () => {
  const peer = new RawPeer();
  for (const index of [1, 3, 4, 6]) {
    peer.send(rawData({ tsn: peer.tsn(index), sequence: index, streamId: index }, ONE_BYTE));
  }
  peer.send(encodeForwardTsnChunk({ newCumulativeTsn: peer.tsn(2), skipped: [] }));
  const sack = peer.pollSack();
  assert.equal(sack.cumulativeTsn, peer.tsn(4));
  assert.deepEqual(sack.gapBlocks, [2, 2]);
});

test("FORWARD TSN delivers what is complete, in order, and skips the rest (RFC 3758 §3.6)", () => {
  const peer = new RawPeer();
  for (const sequence of [1, 3, 4]) {
    peer.send(rawData({ tsn: peer.tsn(sequence), sequence }, Uint8Array.of(sequence)));
  }
  const skipped = [{ streamId: 0, isUnordered: false, sequence: 2 }];
  peer.send(encodeForwardTsnChunk({ newCumulativeTsn: peer.tsn(2), skipped }));
  peer.poll();
  assert.deepEqual(
    messagesOf(peer.events).map(({ payload }) => payload[0]),
    [1, 3, 4],
  );
  assert.equal(peer.association.stats.heldBytes, 0);
});

test("I-FORWARD-TSN drops the fragments of the messages it names (RFC 8260 §2.3.1)", () => {
  const peer = new RawPeer({}, true);
  const fragment = { flags: DATA_FLAG.begin, streamId: 3 };
  peer.send(rawData({ ...fragment, tsn: peer.tsn(0), sequence: 0 }, ONE_BYTE, true));
  const unordered = DATA_FLAG.begin | DATA_FLAG.unordered;
  peer.send(rawData({ ...fragment, tsn: peer.tsn(1), flags: unordered }, ONE_BYTE, true));
  peer.send(rawData({ tsn: peer.tsn(3), streamId: 3, sequence: 1 }, Uint8Array.of(8), true));
  const skip = (isUnordered: boolean) => ({ streamId: 3, isUnordered, sequence: 0 });
  peer.send(
    encodeIForwardTsnChunk({ newCumulativeTsn: peer.tsn(2), skipped: [skip(false), skip(true)] }),
  );
  peer.poll();
  assert.deepEqual(
    messagesOf(peer.events).map(({ payload }) => payload[0]),
    [8],
  );
  assert.equal(peer.association.stats.heldBytes, 0);
});

test("SACKs for what was never sent, and blocks out of order, are ignored (RFC 9260 §6.2.1)", () => {
  const peer = new RawPeer();
  peer.association.send(testMessage(0, testPayload(3_000, 1)), peer.nowMs);
  peer.poll();
  const { theirTsn } = peer;
  const flightBytes = peer.association.stats.flightBytes;
  peer.send(rawSack({ cumulativeTsn: addToTsn(theirTsn, 3) }));
  peer.send(rawSack({ cumulativeTsn: toTsn(theirTsn + 0x7000_0000) }));
  peer.send(rawSack({ cumulativeTsn: addToTsn(theirTsn, -1), gapBlocks: [2, 9] }));
  peer.send(rawSack({ cumulativeTsn: addToTsn(theirTsn, -1), gapBlocks: [1, 65_535] }));
  peer.send(rawSack({ cumulativeTsn: addToTsn(theirTsn, -1), gapBlocks: [3, 2] }));
  peer.send(rawSack({ cumulativeTsn: addToTsn(theirTsn, -1), gapBlocks: [2, 2, 2, 2] }));
  peer.send(rawSack({ cumulativeTsn: addToTsn(theirTsn, -1), gapBlocks: [3, 3, 1, 1] }));
  assert.equal(peer.association.stats.flightBytes, flightBytes);
  peer.send(rawSack({ cumulativeTsn: addToTsn(theirTsn, 2) }));
  assert.equal(peer.association.stats.flightBytes, 0);
});

test("the same SACK a thousand times neither opens the window nor repeats data (RFC 9260 §7.2)", () => {
  const peer = new RawPeer();
  peer.association.send(testMessage(0, testPayload(500_000, 1)), peer.nowMs);
  const sent = peer.poll().length;
  const before = peer.association.stats;
  for (let round = 0; round < 1_000; round++) {
    peer.send(rawSack({ cumulativeTsn: addToTsn(peer.theirTsn, -1), gapBlocks: [3, 4] }));
  }
  const after = peer.association.stats;
  assert.equal(after.congestionWindowBytes, before.congestionWindowBytes);
  assert.ok(peer.poll().length <= 3, "at most what the two acknowledged chunks made room for");
  assert.ok(sent >= 10);
});

test("a peer that takes back what it had acknowledged gets it again (RFC 9260 §6.2.1)", () => {
  const peer = new RawPeer();
  peer.association.send(testMessage(0, testPayload(3_000, 1)), peer.nowMs);
  peer.poll();
  peer.send(rawSack({ cumulativeTsn: addToTsn(peer.theirTsn, -1), gapBlocks: [2, 3] }));
  peer.send(rawSack({ cumulativeTsn: peer.theirTsn }));
  peer.nowMs = peer.association.nextTimeoutAtMs;
  peer.association.handleTimeout(peer.nowMs);
  const repeated: number[] = [];
  for (let round = 0; round < 2; round++) {
    for (const chunk of peer.poll()) if (chunk[0] === CHUNK_TYPE.data) repeated.push(chunk[7]!);
    peer.send(rawSack({ cumulativeTsn: addToTsn(peer.theirTsn, 1 + round) }));
  }
  assert.deepEqual(repeated, [
    addToTsn(peer.theirTsn, 1) & 0xff,
    addToTsn(peer.theirTsn, 2) & 0xff,
  ]);
  assert.equal(peer.association.stats.flightBytes, 0);
});

test("a shut window is probed with one chunk at a time (RFC 9260 §6.1, A)", () => {
  const peer = new RawPeer({ heartbeatIntervalMs: Number.POSITIVE_INFINITY });
  peer.association.send(testMessage(0, testPayload(1_000, 1)), peer.nowMs);
  peer.poll();
  peer.send(rawSack({ cumulativeTsn: peer.theirTsn, receiveWindowBytes: 0 }));
  peer.association.send(testMessage(0, testPayload(50_000, 2)), peer.nowMs);
  for (let probe = 0; probe < 15; probe++) {
    const data = peer.poll().filter((chunk) => chunk[0] === CHUNK_TYPE.data);
    assert.equal(data.length, 1, `probe ${probe}`);
    peer.send(rawSack({ cumulativeTsn: peer.theirTsn, receiveWindowBytes: 0 }));
    peer.nowMs = peer.association.nextTimeoutAtMs;
    peer.association.handleTimeout(peer.nowMs);
  }
  assert.equal(peer.association.state, "established"); // It answers, so it is not given up.
});

test("unknown chunks are treated as their type asks (RFC 9260 §3.2)", () => {
  for (const [type, isReported, isContinued] of [
    [0x3f, false, false],
    [0x7e, true, false],
    [0xbf, false, true],
    [0xfe, true, true],
  ] as const) {
    const peer = new RawPeer();
    peer.send(createChunk(type, 0, 4), rawData({ tsn: peer.tsn(0) }, ONE_BYTE));
    const chunks = peer.poll();
    assert.equal(
      chunks.some((chunk) => chunk[0] === CHUNK_TYPE.error),
      isReported,
    );
    assert.equal(messagesOf(peer.events).length, isContinued ? 1 : 0);
  }
});

test("a flood of questions that is not polled leaves a bounded number of answers", () => {
  const peer = new RawPeer();
  for (let index = 0; index < 5_000; index++) peer.send(createChunk(0xfe, 0, 200));
  assert.ok(peer.poll().length <= 32);
});

test("ABORT and SHUTDOWN COMPLETE with a wrong tag, or at the wrong time, change nothing (RFC 9260 §8.5.1)", () => {
  const peer = new RawPeer();
  peer.send(encodeShutdownCompleteChunk(false));
  peer.send(createChunk(CHUNK_TYPE.shutdownAck, 0, 0));
  peer.send(createChunk(CHUNK_TYPE.cookieAck, 0, 0));
  peer.send(createChunk(CHUNK_TYPE.initAck, 0, 16));
  const reflected = createChunk(CHUNK_TYPE.abort, 1, 0); // T bit, but the tag is not the peer's.
  peer.send(reflected);
  assert.equal(peer.association.state, "established");
  assert.equal(peer.association.stats.foreignPackets, 1);
  peer.send(createChunk(CHUNK_TYPE.abort, 0, 0));
  assert.equal(peer.association.state, "closed");
});
