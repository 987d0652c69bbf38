import assert from "node:assert/strict";
import { test } from "vitest";

import { writeUint16, writeUint32 } from "../../src/base/bytes.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { addToTsn } from "../../src/base/serial-number.ts";
import { PPID_DCEP, PPID_STRING } from "../../src/datachannel/ppid.ts";
import { encodeDataChannelOpen } from "../../src/datachannel/data-channel-open.ts";
import { CHUNK_TYPE, createChunk } from "../../src/sctp/packet/chunk.ts";
import { encodeCookieAckChunk, encodeCookieEchoChunk } from "../../src/sctp/packet/cookie-chunk.ts";
import { DATA_FLAG } from "../../src/sctp/packet/data-chunk.ts";
import { reasonCause } from "../../src/sctp/packet/error-cause.ts";
import { encodeAbortChunk, encodeErrorChunk } from "../../src/sctp/packet/error-chunk.ts";
import { encodeForwardTsnChunk } from "../../src/sctp/packet/forward-tsn-chunk.ts";
import { encodeHeartbeatChunk } from "../../src/sctp/packet/heartbeat-chunk.ts";
import { encodeInitChunk } from "../../src/sctp/packet/init-chunk.ts";
import { encodeReConfigChunk } from "../../src/sctp/packet/re-config-chunk.ts";
import { encodePacket } from "../../src/sctp/packet/sctp-packet.ts";
import {
  encodeShutdownAckChunk,
  encodeShutdownCompleteChunk,
} from "../../src/sctp/packet/shutdown-chunk.ts";
import type { RTCDataChannel } from "../../src/w3c/rtc-data-channel.ts";
import { rawData, rawSack } from "../support/sctp-raw-peer.ts";
import { HostilePeer, INTERLEAVING_INIT } from "./support/hostile-peer.ts";

/** A stream that the peer may open: the victim is the DTLS client and has the even ones. */
const STREAM = 1;
const OPEN = encodeDataChannelOpen({
  label: "data",
  protocol: "",
  isOrdered: true,
  priority: 256,
});

/** An authenticated peer with one channel, which the attack must not break. */
async function withChannel(): Promise<{ peer: HostilePeer; channel: RTCDataChannel }> {
  const peer = await new HostilePeer().connect();
  peer.send(peer.message(STREAM, PPID_DCEP, OPEN));
  await peer.world.advance(100);
  peer.acknowledge();
  const [channel] = peer.victim.incoming;
  assert.ok(channel);
  return { peer, channel };
}

/** The proof that the association lives: a message still arrives, whole and once. */
async function assertAlive(peer: HostilePeer, channel: RTCDataChannel): Promise<void> {
  const received: unknown[] = [];
  channel.addEventListener("message", ({ data }) => received.push(data));
  peer.send(peer.message(STREAM, PPID_STRING, new TextEncoder().encode("still here"), 1));
  await peer.world.advance(1_000);
  assert.deepEqual(received, ["still here"]);
  assert.equal(peer.connection.connectionState, "connected");
  assert.equal(peer.connection.sctp?.state, "connected");
  assert.equal(channel.readyState, "open");
}

/** A chunk whose length field lies. */
function lyingChunk(type: number, says: number, byteCount = 20): Uint8Array {
  const chunk = new Uint8Array(byteCount);
  chunk[0] = type;
  writeUint16(chunk, 2, says);
  return chunk;
}

/** A SACK with these numbers, however wrong. */
function bogusSack(peer: HostilePeer, ahead: number, blocks: readonly number[], says: number) {
  const chunk = new Uint8Array(16 + 2 * blocks.length);
  chunk[0] = CHUNK_TYPE.sack;
  writeUint16(chunk, 2, chunk.byteLength);
  writeUint32(chunk, 4, addToTsn(peer.victimTsn!, ahead));
  writeUint32(chunk, 8, 1_000_000);
  writeUint16(chunk, 12, says);
  blocks.forEach((value, index) => writeUint16(chunk, 16 + 2 * index, value));
  return chunk;
}

const ALL_TYPES = Array.from({ length: 256 }, (_, type) => type);
/** Those that end an association, or set one up, are tried apart. */
const HARMLESS_TYPES = ALL_TYPES.filter((type) => ![1, 2, 6, 7, 8, 14, 64].includes(type));

const NOISE: Readonly<Record<string, (peer: HostilePeer) => void>> = {
  "chunks of every type with length zero": (peer) => {
    for (const type of ALL_TYPES) peer.send(lyingChunk(type, 0));
  },
  "chunks of every type with a length below the header": (peer) => {
    for (const type of ALL_TYPES) peer.send(lyingChunk(type, 3));
  },
  "chunks of every type that reach beyond the packet": (peer) => {
    for (const type of ALL_TYPES) peer.send(lyingChunk(type, 65_535));
  },
  "chunks of every type with nothing in them": (peer) => {
    for (const type of HARMLESS_TYPES.filter((type) => type !== 0))
      peer.send(createChunk(type, 0, 0));
  },
  "packets cut anywhere": (peer) => {
    for (let bytes = 0; bytes < 28; bytes++) peer.sendPlaintext(new Uint8Array(bytes));
  },
  "random packets": (peer) => {
    const random = new SeededRandom(5);
    for (let count = 0; count < 500; count++)
      peer.sendPlaintext(random.bytes(random.uint32() % 200));
  },
  "ABORT, SHUTDOWN COMPLETE and COOKIE ACK with a wrong tag (RFC 9260 §8.5.1)": (peer) => {
    for (const chunk of [
      encodeAbortChunk([], false),
      encodeAbortChunk([], true),
      encodeShutdownCompleteChunk(true),
      encodeCookieAckChunk(),
    ]) {
      peer.sendTo(0x1234, [chunk]);
      peer.sendTo(0, [chunk]);
    }
  },
  "a right ABORT to other ports": (peer) => {
    const header = { sourcePort: 5001, destinationPort: 5000, verificationTag: 0 };
    peer.sendPlaintext(encodePacket(header, [encodeAbortChunk([], true)]));
  },
  "SHUTDOWN ACK and SHUTDOWN COMPLETE that nobody asked for": (peer) => {
    peer.send(encodeShutdownCompleteChunk(false));
  },
  "SACKs of what was never sent, with blocks upside down, overlapping, and counts that lie": (
    peer,
  ) => {
    peer.send(bogusSack(peer, 1, [], 0));
    peer.send(bogusSack(peer, 0x7fff_ffff, [], 0));
    peer.send(bogusSack(peer, -1, [], 0));
    peer.send(bogusSack(peer, 0, [5, 2], 1));
    peer.send(bogusSack(peer, 0, [0, 0], 1));
    peer.send(bogusSack(peer, 0, [1, 65_535], 1));
    peer.send(bogusSack(peer, 0, [2, 9, 4, 7], 2));
    peer.send(bogusSack(peer, 0, [2, 3], 65_535));
    const ladder = Array.from({ length: 8_000 }, (_, index) => 2 + index);
    peer.send(bogusSack(peer, 0, ladder, ladder.length / 2));
  },
  "TSNs far ahead, far behind and half a circle away": (peer) => {
    for (const ahead of [40_000, 0x3fff_ffff, 0x7fff_ffff, 0x8000_0000, -2, -100_000]) {
      const tsn = peer.tsnAt(ahead);
      peer.send(
        rawData({ tsn, streamId: STREAM, ppid: PPID_STRING, sequence: 77 }, new Uint8Array(9)),
      );
    }
  },
  "FORWARD TSN to the past, and one with half an entry (RFC 3758 §3.2)": (peer) => {
    peer.send(encodeForwardTsnChunk({ newCumulativeTsn: peer.tsnAt(-50), skipped: [] }));
    peer.send(lyingChunk(CHUNK_TYPE.forwardTsn, 10, 12));
  },
  "RE-CONFIG out of sequence, cut, with three parameters, for all our streams (RFC 6525)": (
    peer,
  ) => {
    const outgoing = { kind: "outgoingReset", responseSequence: 0, streamIds: [STREAM] } as const;
    const lastAssignedTsn = peer.tsnAt(0);
    for (const requestSequence of [0, 5, 0xffff_ffff]) {
      peer.send(encodeReConfigChunk([{ ...outgoing, requestSequence, lastAssignedTsn }]));
    }
    const requestSequence = peer.tsnAt(0);
    const response = { kind: "response", responseSequence: 1, result: 1 } as const;
    peer.send(encodeReConfigChunk([response, response, response]));
    peer.send(encodeReConfigChunk([{ kind: "incomingReset", requestSequence, streamIds: [] }]));
    const next = addToTsn(requestSequence, 1);
    peer.send(encodeReConfigChunk([{ kind: "ssnTsnReset", requestSequence: next }]));
  },
  "a reset of streams beyond the negotiated ones, and of one that nobody uses": (peer) => {
    const request = { kind: "outgoingReset", responseSequence: 0 } as const;
    const lastAssignedTsn = peer.tsnAt(0);
    const first = { ...request, lastAssignedTsn, requestSequence: peer.tsnAt(0) };
    peer.send(encodeReConfigChunk([{ ...first, streamIds: [65_535] }]));
    const second = { ...first, requestSequence: peer.tsnAt(1) };
    peer.send(encodeReConfigChunk([{ ...second, streamIds: [999, 999, 1_001] }]));
  },
  "requests for ever more streams": (peer) => {
    for (let index = 0; index < 200; index++) {
      const requestSequence = peer.tsnAt(index);
      peer.send(
        encodeReConfigChunk([{ kind: "addOutgoing", requestSequence, streamCount: 65_535 }]),
      );
    }
  },
  "HEARTBEATs that fill a record": (peer) => {
    for (let count = 0; count < 50; count++) {
      peer.send(encodeHeartbeatChunk("heartbeat", new Uint8Array(16_300)));
      peer.send(encodeHeartbeatChunk("heartbeatAck", new Uint8Array(16_300)));
    }
  },
  "ERROR with stale cookie, when none is out (RFC 9260 §5.2.6)": (peer) => {
    peer.send(encodeErrorChunk([{ type: 3, value: new Uint8Array(4) }]));
  },
};

for (const [name, attack] of Object.entries(NOISE)) {
  test(`a hostile peer sends ${name}: nothing happens`, async () => {
    const { peer, channel } = await withChannel();
    attack(peer);
    await peer.world.advance(500);
    await assertAlive(peer, channel);
    await peer.close();
  });
}

test("a flood of INITs on an established association is answered statelessly and moves nothing (RFC 9260 §5.2.2)", async () => {
  const { peer, channel } = await withChannel();
  peer.chunks.length = 0;
  for (let count = 0; count < 2_000; count++) {
    const init = encodeInitChunk("init", {
      initiateTag: 1 + count,
      receiveWindowBytes: count,
      outgoingStreams: 1,
      incomingStreams: 1,
      initialTsn: peer.tsnAt(count),
      supportsForwardTsn: false,
      supportedChunkTypes: [],
      unrecognized: [],
    });
    peer.sendTo(0, [init]);
  }
  await peer.world.advance(500);
  const answers = peer.chunksOf(CHUNK_TYPE.initAck).length;
  assert.ok(answers <= 8 * 20, `${answers} answers to a burst`);
  await assertAlive(peer, channel);
  await peer.close();
});

test("cookies that are forged in any byte, cut, empty or of another connection are not taken (RFC 9260 §5.1.5)", async () => {
  const other = await new HostilePeer(2).secure();
  const foreign = (await other.exchangeInit()).stateCookie!.slice();
  await other.close();
  const peer = await new HostilePeer().secure();
  const { initiateTag, stateCookie } = await peer.exchangeInit();
  const cookie = stateCookie!;
  for (let index = 0; index < cookie.byteLength; index++) {
    const forged = cookie.slice();
    forged[index]! ^= 0x80;
    peer.sendTo(initiateTag, [encodeCookieEchoChunk(forged)]);
  }
  for (const wrong of [new Uint8Array(0), cookie.slice(0, -1), new Uint8Array(16_000), foreign]) {
    peer.sendTo(initiateTag, [encodeCookieEchoChunk(wrong)]);
  }
  peer.sendTo(initiateTag ^ 1, [encodeCookieEchoChunk(cookie)]);
  await peer.world.advance(200);
  assert.equal(peer.connection.sctp?.state, "connecting");
  assert.deepEqual(peer.chunksOf(CHUNK_TYPE.cookieAck), []);
  peer.sendTo(initiateTag, [encodeCookieEchoChunk(cookie)]);
  await peer.world.advance(200);
  assert.equal(peer.connection.sctp?.state, "connected");
  await peer.close();
});

test("a cookie that is replayed a thousand times sets up nothing twice (RFC 9260 §5.2.4, D)", async () => {
  const peer = await new HostilePeer().secure();
  const { initiateTag, stateCookie } = await peer.exchangeInit();
  for (let count = 0; count < 1_000; count++) {
    peer.sendTo(initiateTag, [encodeCookieEchoChunk(stateCookie!)]);
  }
  await peer.world.advance(200);
  peer.send(peer.message(STREAM, PPID_DCEP, OPEN));
  await peer.world.advance(100);
  await assertAlive(peer, peer.victim.incoming[0]!);
  await peer.close();
});

/** The association ends; the reason reaches the application, and the process lives. */
async function assertEnds(attack: (peer: HostilePeer) => void, reason: RegExp): Promise<void> {
  const { peer, channel } = await withChannel();
  let message = "";
  channel.addEventListener("error", ({ error }) => (message = error.message));
  attack(peer);
  await peer.world.advance(2_000);
  assert.equal(channel.readyState, "closed");
  assert.equal(peer.connection.sctp?.state, "closed");
  assert.match(message, reason);
  assert.ok(!/\p{Cc}/u.test(message), "control characters in a message for people");
  await peer.close();
}

test("DATA without a byte ends the association with the reason (RFC 9260 §6.2)", () =>
  assertEnds((peer) => {
    peer.send(rawData({ tsn: peer.nextTsn(), streamId: STREAM }, new Uint8Array(0)));
  }, /user data/));

test("I-DATA that was not agreed on ends the association with the reason (RFC 8260 §2.2.1)", () =>
  assertEnds((peer) => {
    peer.send(rawData({ tsn: peer.nextTsn(), streamId: STREAM }, new Uint8Array(1), true));
  }, /I-DATA/));

test("ABORT with a text that would forge lines of a log is quoted (log injection)", () =>
  assertEnds((peer) => {
    const text = "bye\n2026-01-01 INFO all is well\u001b[2J\r\0";
    peer.send(encodeAbortChunk([reasonCause(12, text)], false));
  }, /bye\\n/));

test("a message that never ends is cut off at twice the receive window (reassembly without a cap)", async () => {
  let sentBytes = 0;
  await assertEnds((peer) => {
    for (; sentBytes < 24_000_000; sentBytes += 16_000) {
      const flags = sentBytes === 0 ? DATA_FLAG.begin : 0;
      const tsn = peer.nextTsn();
      peer.send(rawData({ tsn, streamId: STREAM, sequence: 1, flags }, new Uint8Array(16_000)));
    }
  }, /unfinished messages/);
});

test("unfinished messages on seven thousand streams end like one (I-DATA, RFC 8260 §2.1)", async () => {
  const peer = await new HostilePeer().connect(INTERLEAVING_INIT);
  for (let index = 0; index < 7_000; index++) {
    const chunks = [0, 1].map((part) => {
      const flags = part === 0 ? DATA_FLAG.begin : 0;
      const fields = {
        tsn: peer.nextTsn(),
        streamId: index,
        sequence: 0,
        flags,
        fragmentIndex: part,
      };
      return rawData(fields, new Uint8Array(600), true);
    });
    peer.send(...chunks);
  }
  await peer.world.advance(2_000);
  assert.equal(peer.connection.sctp?.state, "closed");
  await peer.close();
});

test("a FORWARD TSN over everything, a thousand times, and one entry for each stream, is taken in stride", async () => {
  const { peer, channel } = await withChannel();
  let tsn = peer.nextTsn();
  for (let round = 0; round < 1_000; round++) {
    tsn = addToTsn(tsn, 30_000);
    peer.send(encodeForwardTsnChunk({ newCumulativeTsn: tsn, skipped: [] }));
  }
  const skipped = Array.from({ length: 4_000 }, (_, index) => ({
    streamId: 10_000 + index,
    isUnordered: false,
    sequence: 7,
  }));
  tsn = addToTsn(tsn, 1);
  peer.send(encodeForwardTsnChunk({ newCumulativeTsn: tsn, skipped }));
  await peer.world.advance(500);
  const received: unknown[] = [];
  channel.addEventListener("message", ({ data }) => received.push(data));
  const fields = { tsn: addToTsn(tsn, 1), streamId: STREAM, ppid: PPID_STRING, sequence: 1 };
  peer.send(rawData(fields, Uint8Array.of(0x68, 0x69)));
  await peer.world.advance(500);
  assert.deepEqual(received, ["hi"]);
  await peer.close();
});

test("a peer that acknowledges nothing cannot make the victim keep more than its send buffer, nor keep it for ever (RFC 9260 §8.1)", async () => {
  const { peer, channel } = await withChannel();
  assert.throws(() => {
    for (let count = 0; count < 1_000; count++) channel.send(new Uint8Array(60_000));
  }, /buffer|full/i);
  assert.ok(channel.bufferedAmount <= 16 * 1024 * 1024);
  await peer.world.advance(600_000);
  assert.equal(channel.readyState, "closed");
  assert.equal(peer.connection.sctp?.state, "closed");
  await peer.close();
});

test("a peer that acknowledges before it has received cannot widen what is in flight beyond what was sent", async () => {
  const { peer, channel } = await withChannel();
  channel.send(new Uint8Array(100_000));
  for (let ahead = 1; ahead < 200; ahead++) {
    const cumulativeTsn = addToTsn(peer.victimTsn!, ahead);
    peer.send(rawSack({ cumulativeTsn, receiveWindowBytes: 0xffff_ffff }));
    await peer.world.advance(2);
  }
  await assertAlive(peer, channel);
  await peer.close();
});

test("SHUTDOWN of a hostile peer that then says no more leaves no timer behind (RFC 9260 §9.2)", async () => {
  const { peer, channel } = await withChannel();
  const chunk = createChunk(CHUNK_TYPE.shutdown, 0, 4);
  writeUint32(chunk, 4, peer.victimTsn!);
  peer.send(chunk);
  await peer.world.advance(600_000);
  assert.equal(channel.readyState, "closed");
  peer.send(encodeShutdownAckChunk());
  await peer.world.advance(100);
  await peer.close();
});
