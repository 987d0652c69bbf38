import assert from "node:assert/strict";
import { test } from "vitest";

import { bindUdpSocket } from "../../src/node/udp-socket.ts";
import { SeededRandom, type VirtualPacket } from "../../src/testing/index.ts";
import { DtlsPair } from "../support/dtls-pair.ts";
import {
  ATTACKER,
  THIRD_PARTY,
  assertUnharmed,
  closeWithoutTrace,
  honestPair,
  isDtls,
  isStun,
  plainRecord,
  record,
  strangersRequest,
} from "./support/forgery.ts";

/** The addresses that a packet of `packets` to `destination` had. */
function flowTo(packets: readonly VirtualPacket[], destination: string): VirtualPacket {
  const found = packets.findLast((packet) => packet.destinationAddress === destination);
  assert.ok(found);
  return found;
}

test("a stranger's genuine ClientHello that comes first is not answered (ClientHello race, CVE-2023-51443)", async () => {
  const stranger = new DtlsPair().start().client.sent[0]!;
  const pair = honestPair(1);
  let answers = 0;
  pair.world.internet.intercept((packet) => {
    if (packet.destinationAddress === ATTACKER) answers++;
    const hello = { ...packet, sourceAddress: ATTACKER, sourcePort: 4_444, bytes: stranger };
    return [hello, packet];
  });
  const channels = await pair.connect();
  await assertUnharmed(pair, channels);
  assert.equal(answers, 0);
  await closeWithoutTrace(pair);
});

test("datagrams before there is an answer fill a bounded waiting room, and the handshake follows all the same", async () => {
  const pair = honestPair(2, { signalingDelayMs: 200 });
  const random = new SeededRandom(2);
  const near = pair.offerer.connection.createDataChannel("data");
  const negotiated = pair.negotiate();
  await pair.world.advance(50);
  const candidate = /candidate:.* (\S+) (\d+) typ host/.exec(
    pair.offerer.connection.localDescription!.sdp,
  )!;
  for (let count = 0; count < 1_000; count++) {
    pair.world.internet.send({
      sourceAddress: ATTACKER,
      sourcePort: 1 + (count % 60_000),
      destinationAddress: candidate[1]!,
      destinationPort: Number(candidate[2]),
      bytes: plainRecord(20 + (count % 4), random.bytes(600)),
    });
  }
  await pair.world.settle(negotiated);
  await pair.world.advanceUntil(
    () => near.readyState === "open" && pair.answerer.incoming[0]?.readyState === "open",
  );
  await assertUnharmed(pair, [near, pair.answerer.incoming[0]!]);
  await closeWithoutTrace(pair);
});

test("forged DTLS records with the peer's own address move nothing once the connection stands (RFC 6347 §4.1.2.7)", async () => {
  const pair = honestPair(3);
  const packets = record(pair);
  const channels = await pair.connect();
  const random = new SeededRandom(3);
  for (const destination of ["192.0.2.1", "192.0.2.2"]) {
    const flow = flowTo(packets, destination);
    for (const [type, payload] of [
      [21, Uint8Array.of(2, 40)], // alert: handshake_failure
      [21, Uint8Array.of(1, 0)], // alert: close_notify
      [20, Uint8Array.of(1)],
      [22, new DtlsPair().start().client.sent[0]!.subarray(13)],
      [22, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)], // HelloRequest
      [23, random.bytes(100)],
    ] as const) {
      const bytes = plainRecord(type, payload);
      pair.world.internet.send({ ...flow, bytes });
      const protectedLook = bytes.slice();
      protectedLook[4] = 1;
      pair.world.internet.send({ ...flow, bytes: protectedLook });
    }
  }
  await pair.world.advance(10_000);
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});

test("unauthenticated Binding requests get few, small answers, wherever they seem to come from (amplification)", async () => {
  const pair = honestPair(4);
  const packets = record(pair);
  const channels = await pair.connect();
  const { destinationPort } = flowTo(packets, "192.0.2.2");
  const random = new SeededRandom(4);
  packets.length = 0;
  let sentBytes = 0;
  for (let count = 0; count < 2_000; count++) {
    const bytes = strangersRequest(random, {
      username: count % 2 === 0 ? "guess:guess" : "x".repeat(400),
      priority: 1,
      useCandidate: true,
    });
    sentBytes += bytes.byteLength;
    pair.world.internet.send({
      sourceAddress: THIRD_PARTY,
      sourcePort: 1 + count,
      destinationAddress: "192.0.2.2",
      destinationPort,
      bytes,
    });
  }
  await pair.world.advance(1_000);
  const answers = packets.filter(({ destinationAddress }) => destinationAddress === THIRD_PARTY);
  const answeredBytes = answers.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  assert.ok(answers.length <= 40, `${answers.length} answers in a second`);
  assert.ok(answeredBytes < sentBytes / 50);
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});

test("forged answers to checks, with the peer's address and a right transaction id, prove nothing (RFC 8489 §9.1.4)", async () => {
  const pair = honestPair(5);
  // Every true answer is lost; the attacker answers in its place, without the password.
  pair.world.internet.intercept((packet) => {
    if (!isStun(packet) || packet.bytes[0] !== 1) return [packet];
    const bytes = packet.bytes.slice();
    for (let index = 20; index < bytes.byteLength; index++) bytes[index]! ^= 0x55;
    const cut = packet.bytes.slice(0, 32);
    cut[3] = 12;
    return [
      { ...packet, bytes },
      { ...packet, bytes: cut },
    ];
  });
  const near = pair.offerer.connection.createDataChannel("data");
  await pair.world.settle(pair.negotiate());
  await pair.world.advance(60_000);
  assert.notEqual(near.readyState, "open");
  assert.equal(pair.offerer.connection.connectionState, "failed");
  assert.match(pair.offerer.failureReason ?? "", /192\.0\.2\./);
  await closeWithoutTrace(pair);
});

test("a flood of noise of every kind from anywhere is dropped, and its senders hear nothing", async () => {
  const pair = honestPair(6);
  const packets = record(pair);
  const channels = await pair.connect();
  const { destinationPort } = flowTo(packets, "192.0.2.1");
  const random = new SeededRandom(6);
  packets.length = 0;
  for (let count = 0; count < 3_000; count++) {
    const bytes = random.bytes(random.uint32() % 300);
    if (bytes.byteLength > 0) bytes[0] = count & 0xff;
    pair.world.internet.send({
      sourceAddress: `203.0.113.${count % 250}`,
      sourcePort: 1 + (random.uint32() % 65_535),
      destinationAddress: "192.0.2.1",
      destinationPort,
      bytes,
    });
  }
  await pair.world.advance(1_000);
  const heard = packets.filter(
    (packet) =>
      packet.sourceAddress === "192.0.2.1" && packet.destinationAddress.startsWith("203.0.113."),
  );
  assert.deepEqual(heard.filter(isDtls), []);
  assert.ok(heard.length <= 40);
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});

test("a datagram from port 0, which nobody can answer, costs nothing: Node's own send would throw", async () => {
  const socket = await bindUdpSocket(
    { address: "127.0.0.1", minPort: 0, maxPort: 0 },
    { onDatagram: () => {}, onFailed: (reason) => assert.fail(reason) },
  );
  socket.send(new Uint8Array(20), "127.0.0.1", 0);
  socket.close();
  const pair = honestPair(7);
  const packets = record(pair);
  const channels = await pair.connect();
  const { destinationPort } = flowTo(packets, "192.0.2.2");
  const bytes = strangersRequest(new SeededRandom(7), { software: "x".repeat(60) });
  pair.world.internet.send({
    sourceAddress: ATTACKER,
    sourcePort: 0,
    destinationAddress: "192.0.2.2",
    destinationPort,
    bytes,
  });
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});
