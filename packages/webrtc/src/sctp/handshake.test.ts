import assert from "node:assert/strict";
import { test } from "vitest";
import { readUint32 } from "../base/bytes.ts";
import {
  SctpPair,
  messagesOf,
  sctpTestCrypto,
  testMessage,
  testPayload,
} from "../../test/support/sctp-pair.ts";
import { SctpAssociation } from "./association.ts";
import { CHUNK_TYPE } from "./packet/chunk.ts";
import { encodeCookieEchoChunk } from "./packet/cookie-chunk.ts";
import { staleCookieCause } from "./packet/error-cause.ts";
import { encodeErrorChunk } from "./packet/error-chunk.ts";
import { decodeInitChunk, encodeInitChunk } from "./packet/init-chunk.ts";
import { encodePacket } from "./packet/sctp-packet.ts";

const PORTS = { sourcePort: 5000, destinationPort: 5000 };

function isType(packet: Uint8Array, type: number): boolean {
  return packet[12] === type;
}

/** An association that never called `connect`, and the answer to an INIT with `initiateTag`. */
function answerInit(association: SctpAssociation, initiateTag: number, nowMs: number) {
  const client = new SctpAssociation({}, sctpTestCrypto(initiateTag));
  client.connect(nowMs);
  const init = client.pollTransmit()!;
  association.handlePacket(init, nowMs);
  const reply = association.pollTransmit();
  return { client, initAck: reply && decodeInitChunk(reply.subarray(12)), reply };
}

test("one end may wait: the association begins with the peer's COOKIE ECHO (RFC 9260 §5.1)", () => {
  const pair = new SctpPair({ wire: { delayMs: 10 } });
  pair.a.association.connect(pair.nowMs);
  assert.equal(pair.a.association.state, "cookieWait");
  const isUp = () => pair.a.association.state === "established";
  assert.ok(pair.runUntil(isUp, 1_000));
  assert.equal(pair.b.association.state, "established");
});

test("an INIT is answered without keeping anything (RFC 9260 §5.1.3)", () => {
  const association = new SctpAssociation({}, sctpTestCrypto(1));
  for (let index = 1; index <= 100; index++) {
    const { reply } = answerInit(association, index, 0);
    assert.ok(reply && isType(reply, CHUNK_TYPE.initAck));
  }
  assert.equal(association.state, "closed");
  assert.equal(association.nextTimeoutAtMs, Number.POSITIVE_INFINITY);
});

test("a flood of INITs that is not polled leaves only a few answers behind", () => {
  const association = new SctpAssociation({}, sctpTestCrypto(1));
  const client = new SctpAssociation({}, sctpTestCrypto(2));
  client.connect(0);
  const init = client.pollTransmit()!;
  for (let index = 0; index < 10_000; index++) association.handlePacket(init.slice(), 0);
  let answers = 0;
  while (association.pollTransmit()) answers++;
  assert.ok(answers <= 8);
});

test("lost INIT, INIT ACK, COOKIE ECHO or COOKIE ACK chunks are repeated (RFC 9260 §5.1.6)", () => {
  for (const type of [1, 2, 10, 11]) {
    let isFirst = true;
    const pair = new SctpPair({
      filter: (_from, packet) => {
        const isLost = isFirst && isType(packet, type);
        if (isLost) isFirst = false;
        return !isLost;
      },
    });
    pair.a.association.connect(pair.nowMs);
    pair.a.association.send(testMessage(1, testPayload(10, 1)), pair.nowMs);
    const isDone = () =>
      pair.a.association.state === "established" && messagesOf(pair.b.events).length === 1;
    assert.ok(pair.runUntil(isDone, 3_000), `chunk type ${type}`);
    assert.equal(isFirst, false);
  }
});

test("when nobody answers the failure says what was sent how often (RFC 9260 §5.1.6)", () => {
  const pair = new SctpPair({ filter: () => false, a: { maxInitRetransmits: 3 } });
  pair.a.association.connect(pair.nowMs);
  pair.run(600_000);
  const last = pair.a.events.at(-1);
  assert.ok(last?.kind === "closed" && last.failure?.code === "ERR_TIMED_OUT");
  assert.match(last.failure.message, /did not answer 4 INIT chunks.*SCTP port/);
  assert.equal(pair.a.association.state, "closed");
});

test("a COOKIE ECHO that stays unanswered ends the attempt as well (RFC 9260 §5.1.6)", () => {
  const pair = new SctpPair({ filter: (_from, packet) => !isType(packet, CHUNK_TYPE.cookieEcho) });
  pair.a.association.connect(pair.nowMs);
  pair.run(900_000);
  const last = pair.a.events.at(-1);
  assert.ok(last?.kind === "closed" && last.failure);
  assert.match(last.failure.message, /COOKIE ECHO chunks with COOKIE ACK; \d+ other packets/);
});

test("a forged cookie is dropped silently and counted (RFC 9260 §5.1.5)", () => {
  const association = new SctpAssociation({}, sctpTestCrypto(1));
  const { initAck } = answerInit(association, 7, 0);
  const cookie = initAck!.stateCookie!;
  for (let index = 0; index < cookie.byteLength; index++) {
    const forged = cookie.slice();
    forged[index]! ^= 0x10;
    const header = { ...PORTS, verificationTag: initAck!.initiateTag };
    association.handlePacket(encodePacket(header, [encodeCookieEchoChunk(forged)]), 1);
    assert.equal(association.pollTransmit(), undefined);
  }
  assert.equal(association.state, "closed");
  assert.equal(association.stats.refusedCookies, cookie.byteLength);
});

test("a cookie of another association, or under another tag, is of no use (RFC 9260 §5.1.5)", () => {
  const association = new SctpAssociation({}, sctpTestCrypto(1));
  const { initAck } = answerInit(association, 7, 0);
  const other = answerInit(new SctpAssociation({}, sctpTestCrypto(2)), 7, 0).initAck!;
  const chunk = encodeCookieEchoChunk(initAck!.stateCookie!);
  const otherChunk = encodeCookieEchoChunk(other.stateCookie!);
  const header = { ...PORTS, verificationTag: initAck!.initiateTag };
  association.handlePacket(encodePacket(header, [otherChunk]), 1);
  association.handlePacket(encodePacket({ ...header, verificationTag: 12_345 }, [chunk]), 1);
  assert.equal(association.state, "closed");
  association.handlePacket(encodePacket(header, [chunk]), 1);
  assert.equal(association.state, "established");
});

test("a stale cookie is answered with an ERROR that says by how much (RFC 9260 §5.2.6)", () => {
  const association = new SctpAssociation({ cookieLifetimeMs: 1_000 }, sctpTestCrypto(1));
  const { initAck } = answerInit(association, 7, 500);
  const chunk = encodeCookieEchoChunk(initAck!.stateCookie!);
  const header = { ...PORTS, verificationTag: initAck!.initiateTag };
  association.handlePacket(encodePacket(header, [chunk]), 1_750);
  const reply = association.pollTransmit()!;
  assert.equal(reply[12], CHUNK_TYPE.error);
  assert.equal(readUint32(reply, 20), 250_000); // Microseconds.
  assert.equal(association.state, "closed");
});

test("an ERROR about a stale cookie ends the attempt with the reason (RFC 9260 §5.2.6)", () => {
  const pair = new SctpPair({ filter: (from) => from === "b" });
  const { association } = pair.a;
  association.connect(0);
  const init = association.pollTransmit()!;
  const server = new SctpAssociation({}, sctpTestCrypto(9));
  server.handlePacket(init, 0);
  association.handlePacket(server.pollTransmit()!, 0);
  assert.equal(association.state, "cookieEchoed");
  const header = { ...PORTS, verificationTag: readUint32(init, 16) };
  const error = encodeErrorChunk([staleCookieCause(3)]);
  association.handlePacket(encodePacket(header, [error]), 10);
  const event = association.pollEvent();
  assert.ok(event?.kind === "closed" && event.failure?.code === "ERR_HANDSHAKE_FAILED");
  assert.match(event.failure.message, /stale cookie, late by 3000 µs/);
});

test("a COOKIE ECHO that comes again is acknowledged again and changes nothing (RFC 9260 §5.2.4, D)", () => {
  const pair = new SctpPair({ keepsPackets: true }).connect();
  const echo = pair.a.sentPackets.find((packet) => isType(packet, CHUNK_TYPE.cookieEcho))!;
  for (let round = 0; round < 3; round++) {
    pair.b.association.handlePacket(echo.slice(), pair.nowMs);
    const reply = pair.b.association.pollTransmit()!;
    assert.equal(reply[12], CHUNK_TYPE.cookieAck);
  }
  assert.equal(pair.b.events.filter(({ kind }) => kind === "connected").length, 1);
});

test("a peer that starts anew ends the association with a reason (RFC 9260 §5.2.4, A)", () => {
  const pair = new SctpPair().connect();
  const { initAck } = answerInit(pair.b.association, 77, pair.nowMs);
  const chunk = encodeCookieEchoChunk(initAck!.stateCookie!);
  const header = { ...PORTS, verificationTag: initAck!.initiateTag };
  pair.b.association.handlePacket(encodePacket(header, [chunk]), pair.nowMs);
  assert.equal(pair.b.association.pollTransmit()![12], CHUNK_TYPE.abort);
  pair.drain();
  const last = pair.b.events.at(-1);
  assert.ok(last?.kind === "closed" && last.failure?.code === "ERR_PEER_ABORTED");
  assert.match(last.failure.message, /restarted/);
});

test("an INIT alone does not disturb an established association (RFC 9260 §5.2.2)", () => {
  const pair = new SctpPair().connect();
  answerInit(pair.b.association, 77, pair.nowMs);
  pair.a.association.send(testMessage(1, testPayload(5_000, 1)), pair.nowMs);
  pair.run(1_000);
  assert.equal(messagesOf(pair.b.events).length, 1);
});

test("a peer that changes its tag before the handshake ends is taken as it is then (RFC 9260 §5.2.4, B)", () => {
  // `b` answers the first INIT statelessly, with a tag of the moment, and connects by itself later.
  const pair = new SctpPair({ wire: { delayMs: 10 } });
  pair.a.association.connect(pair.nowMs);
  pair.a.association.send(testMessage(1, testPayload(3_000, 1)), pair.nowMs);
  pair.run(15);
  pair.b.association.connect(pair.nowMs);
  const isUp = () =>
    pair.a.association.state === "established" && pair.b.association.state === "established";
  assert.ok(pair.runUntil(isUp, 5_000));
  pair.b.association.send(testMessage(2, testPayload(3_000, 2)), pair.nowMs);
  assert.ok(pair.runUntil(() => messagesOf(pair.a.events).length === 1, 5_000));
  assert.ok(pair.runUntil(() => messagesOf(pair.b.events).length === 1, 5_000));
});

test("an INIT without streams is answered with ABORT, one with a zero tag not at all (RFC 9260 §3.3.2)", () => {
  const association = new SctpAssociation({}, sctpTestCrypto(1));
  const init = decodeInitChunk(answerInit(association, 7, 0).client.pollTransmit() ?? initBytes());
  const header = { ...PORTS, verificationTag: 0 };
  const noStreams = encodeInitChunk("init", { ...init, outgoingStreams: 0 });
  association.handlePacket(encodePacket(header, [noStreams]), 0);
  assert.equal(association.pollTransmit()![12], CHUNK_TYPE.abort);
  const noTag = encodeInitChunk("init", { ...init, initiateTag: 0 });
  association.handlePacket(encodePacket(header, [noTag]), 0);
  assert.equal(association.pollTransmit(), undefined);
});

function initBytes(): Uint8Array {
  const client = new SctpAssociation({}, sctpTestCrypto(3));
  client.connect(0);
  return client.pollTransmit()!.subarray(12);
}

test("INIT is alone in its packet, or it is ignored (RFC 9260 §6.10)", () => {
  const association = new SctpAssociation({}, sctpTestCrypto(1));
  const packet = encodePacket({ ...PORTS, verificationTag: 0 }, [initBytes(), initBytes()]);
  association.handlePacket(packet, 0);
  assert.equal(association.pollTransmit(), undefined);
});

test("packets with wrong ports, tag or checksum are not of this association (RFC 9260 §8.5)", () => {
  const pair = new SctpPair({ keepsPackets: true, b: { isZeroChecksumOffered: false } }).connect();
  pair.a.association.send(testMessage(1, testPayload(20, 1)), pair.nowMs);
  pair.drain();
  const data = pair.a.sentPackets.at(-1)!;
  for (const offset of [0, 2, 4, 8, 30]) {
    const changed = data.slice();
    changed[offset]! ^= 1;
    pair.b.association.handlePacket(changed, pair.nowMs);
  }
  assert.equal(pair.b.association.stats.foreignPackets, 5);
  assert.equal(messagesOf(pair.b.events).length, 0);
  pair.run(100);
  assert.equal(messagesOf(pair.b.events).length, 1);
});
