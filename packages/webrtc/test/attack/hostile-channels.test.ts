import assert from "node:assert/strict";
import { test } from "vitest";

import {
  encodeDataChannelOpen,
  type DataChannelOpen,
} from "../../src/datachannel/data-channel-open.ts";
import { encodeDataChannelAck } from "../../src/datachannel/data-channel-ack.ts";
import { PPID_BINARY, PPID_DCEP, PPID_STRING } from "../../src/datachannel/ppid.ts";
import { CHUNK_TYPE } from "../../src/sctp/packet/chunk.ts";
import { DATA_FLAG } from "../../src/sctp/packet/data-chunk.ts";
import { encodeReConfigChunk } from "../../src/sctp/packet/re-config-chunk.ts";
import { decodeSackChunk } from "../../src/sctp/packet/sack-chunk.ts";
import type { RTCDataChannel } from "../../src/w3c/rtc-data-channel.ts";
import { rawData } from "../support/sctp-raw-peer.ts";
import { HostilePeer } from "./support/hostile-peer.ts";

const MAX_CHANNELS = 4_096;

function openBytes(properties: Partial<DataChannelOpen> = {}): Uint8Array {
  return encodeDataChannelOpen({
    label: "data",
    protocol: "",
    isOrdered: true,
    priority: 256,
    ...properties,
  });
}

/** A peer whose OPEN on stream 1 was accepted. */
async function withChannel(): Promise<{ peer: HostilePeer; channel: RTCDataChannel }> {
  const peer = await new HostilePeer().connect();
  peer.send(peer.message(1, PPID_DCEP, openBytes()));
  await peer.world.advance(50);
  peer.acknowledge();
  return { peer, channel: peer.victim.incoming[0]! };
}

/** One more message over the first channel arrives. */
async function assertAlive(peer: HostilePeer, channel: RTCDataChannel): Promise<void> {
  const received: unknown[] = [];
  channel.addEventListener("message", ({ data }) => received.push(data));
  peer.send(peer.message(1, PPID_STRING, Uint8Array.of(0x6f, 0x6b), 1));
  await peer.world.advance(500);
  assert.deepEqual(received, ["ok"]);
  assert.equal(peer.connection.sctp?.state, "connected");
}

test("OPENs for six thousand streams make a bounded number of channels; the first one and the victim's own still work", async () => {
  const { peer, channel } = await withChannel();
  for (let streamId = 3; streamId < 12_000; streamId += 8) {
    const streams = [0, 2, 4, 6].map((offset) => streamId + offset);
    peer.send(...streams.map((id) => peer.message(id, PPID_DCEP, openBytes({ label: "" }))));
    if (streamId % 4_096 === 3) await peer.world.advance(2);
  }
  await peer.world.advance(100);
  assert.equal(peer.victim.incoming.length, MAX_CHANNELS);
  assert.equal(peer.connection.createDataChannel("own").id, 0);
  await assertAlive(peer, channel);
  await peer.close();
});

test("labels and protocols of 64 KiB each are taken up to a bound of a few megabytes", async () => {
  const { peer, channel } = await withChannel();
  const text = "x".repeat(7_000);
  for (let index = 0; index < 1_000; index++) {
    const open = openBytes({ label: text, protocol: text });
    peer.send(peer.message(3 + 2 * index, PPID_DCEP, open));
    if (index % 50 === 0) await peer.world.advance(2);
  }
  await peer.world.advance(100);
  const textBytes = peer.victim.incoming.reduce(
    (sum, { label, protocol }) => sum + label.length + protocol.length,
    0,
  );
  assert.ok(textBytes <= 4 * 1024 * 1024 + 8, `${textBytes} bytes of text`);
  await assertAlive(peer, channel);
  await peer.close();
});

test("OPENs with our parity, on streams out of range, malformed, cut or with lengths that lie make no channel (RFC 8832 §6)", async () => {
  const { peer, channel } = await withChannel();
  peer.send(peer.message(2, PPID_DCEP, openBytes()));
  const good = openBytes({ label: "label", protocol: "protocol" });
  let streamId = 101;
  for (let bytes = 0; bytes < good.byteLength; bytes++) {
    if (bytes > 0) peer.send(peer.message((streamId += 2), PPID_DCEP, good.slice(0, bytes)));
  }
  for (const [offset, value] of [
    [0, 0x00],
    [0, 0x04],
    [0, 0xff],
    [1, 0x03],
    [1, 0x7f],
    [8, 0xff],
    [10, 0xff],
  ] as const) {
    const bad = good.slice();
    bad[offset] = value;
    peer.send(peer.message((streamId += 2), PPID_DCEP, bad));
  }
  await peer.world.advance(200);
  assert.equal(peer.victim.incoming.length, 1);
  await assertAlive(peer, channel);
  await peer.close();
});

test("ACKs, data and unknown PPIDs on streams that nobody opened are dropped", async () => {
  const { peer, channel } = await withChannel();
  for (let index = 0; index < 300; index++) {
    peer.send(peer.message(201 + 2 * index, PPID_DCEP, encodeDataChannelAck()));
    peer.send(peer.message(1_001 + 2 * index, PPID_STRING, Uint8Array.of(1)));
    peer.send(peer.message(2_001 + 2 * index, 0xffff_ffff - index, Uint8Array.of(1)));
  }
  await peer.world.advance(100);
  assert.equal(peer.victim.incoming.length, 1);
  await assertAlive(peer, channel);
  await peer.close();
});

test("text that is no UTF-8 and reliability numbers of 32 bits are read without harm (RFC 8832 §5.1)", async () => {
  const { peer, channel } = await withChannel();
  const open = openBytes({ label: "abcd", maxRetransmits: 1, isOrdered: false });
  open.set([0xff, 0xff, 0xff, 0xff], 4);
  open.set([0xc0, 0x80, 0xed, 0xa0], 12);
  peer.send(peer.message(3, PPID_DCEP, open));
  const received: unknown[] = [];
  channel.addEventListener("message", ({ data }) => received.push(data));
  peer.send(peer.message(1, PPID_STRING, Uint8Array.of(0xff, 0xfe, 0xc0, 0x80), 1));
  await peer.world.advance(100);
  const [, second] = peer.victim.incoming;
  assert.ok(second!.maxRetransmits! <= 65_535);
  assert.equal(typeof received[0], "string");
  assert.equal(peer.connection.sctp?.state, "connected");
  await peer.close();
});

test("channels that are opened and reset for ever leave nothing behind (RFC 8831 §6.7)", async () => {
  const { peer } = await withChannel();
  peer.victim.incoming.length = 0;
  let requestSequence = Number(peer.tsnAt(0));
  for (let round = 0; round < 3_000; round++) {
    const reset = {
      kind: "outgoingReset" as const,
      requestSequence,
      responseSequence: 0,
      lastAssignedTsn: peer.tsnAt(0),
      streamIds: [3],
    };
    peer.send(peer.message(3, PPID_DCEP, openBytes()), encodeReConfigChunk([reset]));
    requestSequence = (requestSequence + 1) >>> 0;
    if (round % 100 === 0) await peer.world.advance(1);
  }
  await peer.world.advance(200);
  const living = peer.victim.incoming.filter(({ readyState }) => readyState !== "closed");
  assert.ok(living.length <= 1, `${living.length} channels of one stream`);
  assert.equal(peer.connection.sctp?.state, "connected");
  await peer.close();
});

test("a reader that pauses shuts the announced window, and opens it again (paused reader)", async () => {
  const { peer, channel } = await withChannel();
  const reader = channel.messages()[Symbol.asyncIterator]();
  let first = true;
  for (let index = 0; index < 700; index++) {
    peer.send(peer.message(1, PPID_BINARY, new Uint8Array(12_000), index + 1));
    if (first) void reader.next();
    first = false;
    await peer.world.advance(1);
  }
  await peer.world.advance(200);
  const sack = peer.chunksOf(CHUNK_TYPE.sack).at(-1)!;
  const { receiveWindowBytes } = decodeSackChunk(sack, 0, sack.byteLength);
  assert.ok(receiveWindowBytes < 1_000_000, `still ${receiveWindowBytes} bytes announced`);
  assert.equal(channel.readyState, "open");
  await reader.return?.();
  await peer.close();
});

test("a peer that ignores the shut window of a paused reader loses that channel alone (memory of a paused reader)", async () => {
  const { peer, channel } = await withChannel();
  peer.send(peer.message(3, PPID_DCEP, openBytes({ label: "other" })));
  await peer.world.advance(20);
  const other = peer.victim.incoming[1]!;
  const reader = channel.messages()[Symbol.asyncIterator]();
  void reader.next();
  const payload = new Uint8Array(16_000);
  for (let index = 0; index < 5_600; index++) {
    peer.send(peer.message(1, PPID_BINARY, payload, index + 1));
    if (index % 50 === 0) await peer.world.advance(2);
  }
  await peer.world.advance(50);
  const received: unknown[] = [];
  other.addEventListener("message", ({ data }) => received.push(data));
  peer.send(peer.message(3, PPID_STRING, Uint8Array.of(0x6f, 0x6b), 1));
  await peer.world.advance(100);
  assert.deepEqual(received, ["ok"]);
  // What was kept can be read; then the reader learns why there is no more.
  let readBytes = 0;
  const readAll = async (): Promise<void> => {
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) {
      readBytes += payload.byteLength;
    }
  };
  const reading = readAll().then(
    () => "",
    (error: unknown) => String(error),
  );
  await peer.world.advance(100);
  peer.connection.close();
  await peer.world.settle(reading);
  assert.ok(readBytes <= 72_000_000, `${readBytes} bytes were kept`);
  await peer.close();
});

test("a listener that throws stops neither the next message nor the connection", async () => {
  const { peer, channel } = await withChannel();
  const listeners = process.listeners("uncaughtException");
  const uncaught: unknown[] = [];
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => uncaught.push(error));
  try {
    const received: unknown[] = [];
    channel.addEventListener("message", () => {
      throw new RangeError("a bug of the application");
    });
    channel.addEventListener("message", ({ data }) => received.push(data));
    peer.connection.addEventListener("datachannel", () => {
      throw new RangeError("another one");
    });
    for (let index = 1; index <= 3; index++) {
      peer.send(peer.message(1, PPID_STRING, Uint8Array.of(0x30 + index), index));
    }
    peer.send(peer.message(3, PPID_DCEP, openBytes()));
    await peer.world.advance(200);
    assert.deepEqual(received, ["1", "2", "3"]);
    assert.equal(uncaught.length, 4);
    assert.ok(uncaught.every((error) => error instanceof RangeError));
    assert.equal(peer.victim.incoming.length, 2);
    assert.equal(peer.victim.incoming[1]!.readyState, "open");
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
  await peer.close();
});

test("stream sequence numbers that are used twice or run far ahead deliver nothing twice (RFC 9260 §6.5)", async () => {
  const { peer, channel } = await withChannel();
  const received: unknown[] = [];
  channel.addEventListener("message", ({ data }) => received.push(data));
  const letter = (code: number, sequence: number): Uint8Array =>
    peer.message(1, PPID_STRING, Uint8Array.of(code), sequence);
  peer.send(letter(0x62, 2), letter(0x78, 2), letter(0x79, 30_000), letter(0x61, 1));
  peer.send(letter(0x7a, 1), letter(0x7a, 0), letter(0x63, 3));
  await peer.world.advance(100);
  assert.deepEqual(received, ["a", "b", "c"]);
  const begin = rawData(
    { tsn: peer.nextTsn(), streamId: 1, ppid: PPID_STRING, sequence: 4, flags: DATA_FLAG.begin },
    Uint8Array.of(0x64),
  );
  const endOfOther = rawData(
    { tsn: peer.nextTsn(), streamId: 3, ppid: PPID_STRING, sequence: 4, flags: DATA_FLAG.end },
    Uint8Array.of(0x65),
  );
  peer.send(begin, endOfOther);
  await peer.world.advance(100);
  assert.deepEqual(received, ["a", "b", "c"]);
  await peer.close();
});
