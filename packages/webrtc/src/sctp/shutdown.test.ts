import assert from "node:assert/strict";
import { test } from "vitest";
import { SctpPair, messagesOf, testMessage, testPayload } from "../../test/support/sctp-pair.ts";
import { CHUNK_TYPE } from "./packet/chunk.ts";

const CLOSED = { kind: "closed" };

test("shutdown waits until everything that is queued was acknowledged (RFC 9260 §9.2)", () => {
  const pair = new SctpPair({ seed: 3, wire: { delayMs: 20, loss: 0.1 } }).connect();
  pair.a.association.send(testMessage(1, testPayload(100_000, 1)), pair.nowMs);
  pair.a.association.shutdown(pair.nowMs);
  assert.equal(pair.a.association.state, "shutdownPending");
  assert.equal(pair.a.association.send(testMessage(1, testPayload(1, 1)), pair.nowMs), false);
  const areClosed = () =>
    pair.a.association.state === "closed" && pair.b.association.state === "closed";
  assert.ok(pair.runUntil(areClosed, 120_000));
  pair.drain();
  assert.deepEqual(messagesOf(pair.b.events)[0]?.payload, testPayload(100_000, 1));
  assert.deepEqual(pair.a.events.at(-1), CLOSED);
  assert.deepEqual(pair.b.events.at(-1), CLOSED);
});

test("the end that receives SHUTDOWN sends what it has first (RFC 9260 §9.2)", () => {
  const pair = new SctpPair({ wire: { delayMs: 20 } }).connect();
  pair.b.association.send(testMessage(1, testPayload(100_000, 1)), pair.nowMs);
  pair.run(5);
  pair.a.association.shutdown(pair.nowMs);
  pair.drain();
  assert.equal(pair.a.association.state, "shutdownSent");
  pair.run(30);
  assert.equal(pair.b.association.state, "shutdownReceived");
  pair.run(5_000);
  assert.deepEqual(messagesOf(pair.a.events)[0]?.payload, testPayload(100_000, 1));
  assert.deepEqual([pair.a.events.at(-1), pair.b.events.at(-1)], [CLOSED, CLOSED]);
});

test("both ends may shut down at the same time (RFC 9260 §9.2)", () => {
  const pair = new SctpPair({ wire: { delayMs: 20 } }).connect();
  pair.a.association.shutdown(pair.nowMs);
  pair.b.association.shutdown(pair.nowMs);
  pair.run(2_000);
  assert.deepEqual([pair.a.events.at(-1), pair.b.events.at(-1)], [CLOSED, CLOSED]);
});

test("lost SHUTDOWN, SHUTDOWN ACK and SHUTDOWN COMPLETE chunks are made up for (RFC 9260 §9.2)", () => {
  for (const type of [CHUNK_TYPE.shutdown, CHUNK_TYPE.shutdownAck]) {
    let lost = 0;
    const filter = (_from: string, packet: Uint8Array) => packet[12] !== type || lost++ > 1;
    const pair = new SctpPair({ filter }).connect();
    pair.a.association.shutdown(pair.nowMs);
    pair.run(10_000);
    assert.ok(lost > 2, `chunk type ${type}`);
    assert.deepEqual([pair.a.events.at(-1), pair.b.events.at(-1)], [CLOSED, CLOSED]);
  }
});

test("a shutdown that nobody answers ends with a failure (RFC 9260 §9.2)", () => {
  let isCut = false;
  const pair = new SctpPair({ filter: () => !isCut }).connect();
  isCut = true;
  pair.a.association.shutdown(pair.nowMs);
  pair.run(3_600_000);
  const last = pair.a.events.at(-1);
  assert.ok(last?.kind === "closed" && last.failure?.code === "ERR_TIMED_OUT");
});

test("a peer that goes on sending cannot hold a shutdown open for ever (RFC 9260 §9.2, T5)", () => {
  const pair = new SctpPair({
    a: { maxRtoMs: 2_000 },
    filter: (from, packet) => from === "b" || packet[12] !== CHUNK_TYPE.shutdown,
  }).connect();
  pair.a.association.shutdown(pair.nowMs);
  for (let second = 0; second < 12 && pair.a.association.state !== "closed"; second++) {
    pair.b.association.send(testMessage(1, testPayload(10, second)), pair.nowMs);
    pair.run(1_000);
  }
  assert.equal(pair.a.association.state, "closed");
});

test("abort ends both at once and tells the peer why (RFC 9260 §9.1)", () => {
  const pair = new SctpPair({ wire: { delayMs: 20 } }).connect();
  pair.a.association.send(testMessage(1, testPayload(100_000, 1)), pair.nowMs);
  pair.a.association.abort("the user went home", pair.nowMs);
  pair.run(100);
  assert.deepEqual(pair.a.events.at(-1), CLOSED);
  const last = pair.b.events.at(-1);
  assert.ok(last?.kind === "closed" && last.failure?.code === "ERR_PEER_ABORTED");
  assert.match(last.failure.message, /user-initiated abort, "the user went home"/);
  assert.equal(last.failure.detail.sctpCauseCode, 12);
});

test("abort and shutdown before the handshake has ended close as well", () => {
  for (const end of ["abort", "shutdown"] as const) {
    const pair = new SctpPair();
    pair.a.association.connect(pair.nowMs);
    if (end === "abort") pair.a.association.abort("changed my mind", pair.nowMs);
    else pair.a.association.shutdown(pair.nowMs);
    pair.drain();
    assert.deepEqual(pair.a.events, [CLOSED]);
  }
  const pair = new SctpPair();
  pair.a.association.shutdown(pair.nowMs);
  pair.drain();
  assert.deepEqual(pair.a.events, [CLOSED]);
});

test("a shutdown does not wait for messages that have expired (RFC 9260 §9.2)", () => {
  const pair = new SctpPair().connect();
  const message = testMessage(1, testPayload(10, 1), { lifetimeMs: 0 });
  pair.a.association.send(message, pair.nowMs);
  pair.a.association.shutdown(pair.nowMs);
  pair.run(100);
  assert.equal(pair.a.association.state, "closed");
  assert.equal(messagesOf(pair.b.events).length, 0);
});
