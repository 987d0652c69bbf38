import assert from "node:assert/strict";
import { test } from "vitest";

import { toHex } from "../../src/base/bytes.ts";
import { SeededRandom, type VirtualPacket } from "../../src/testing/index.ts";
import {
  ATTACKER,
  THIRD_PARTY,
  assertUnharmed,
  closeWithoutTrace,
  honestPair,
  isDtls,
  isStun,
  record,
} from "./support/forgery.ts";

test("everything that was ever sent, replayed in three orders, is delivered once (RFC 6347 §4.1.2.6)", async () => {
  const pair = honestPair(11);
  const packets = record(pair);
  const [near, far] = await pair.connect();
  const received: unknown[] = [];
  far.addEventListener("message", ({ data }) => received.push(data));
  for (let index = 0; index < 50; index++) near.send(`message ${index}`);
  await pair.world.advance(1_000);
  const all = [...packets];
  const random = new SeededRandom(11);
  const shuffled = all.toSorted(() => random.fraction() - 0.5);
  for (const packet of [...all, ...all.toReversed(), ...shuffled]) pair.world.internet.send(packet);
  await pair.world.advance(10_000);
  assert.equal(received.length, 50);
  await assertUnharmed(pair, [near, far]);
  await closeWithoutTrace(pair);
});

test("records that are sent back to who made them are not taken (reflection)", async () => {
  const pair = honestPair(12);
  const channels = await pair.connect();
  const stop = pair.world.internet.intercept((packet) => {
    const { sourceAddress, sourcePort, destinationAddress, destinationPort } = packet;
    const reflected = {
      ...packet,
      sourceAddress: destinationAddress,
      sourcePort: destinationPort,
      destinationAddress: sourceAddress,
      destinationPort: sourcePort,
    };
    return [reflected, packet];
  });
  await assertUnharmed(pair, channels);
  stop();
  await closeWithoutTrace(pair);
});

test("an authenticated check, replayed from elsewhere with USE-CANDIDATE, takes no data away and causes few checks", async () => {
  const pair = honestPair(13);
  const packets = record(pair);
  const channels = await pair.connect();
  const checks = packets.filter((packet) => isStun(packet) && packet.bytes[0] === 0);
  packets.length = 0;
  for (let count = 0; count < 500; count++) {
    const replayed = { ...checks[count % checks.length]!, sourcePort: 1 + count };
    pair.world.internet.send({ ...replayed, sourceAddress: THIRD_PARTY });
    pair.world.internet.send({ ...replayed, sourceAddress: ATTACKER });
  }
  await assertUnharmed(pair, channels);
  await pair.world.advance(60_000);
  for (const address of [THIRD_PARTY, ATTACKER]) {
    const heard = packets.filter(
      (packet) => packet.destinationAddress === address && packet.sourceAddress !== address,
    );
    const own = heard.filter(({ bytes }) => bytes[0] === 0);
    const ports = new Set(own.map(({ destinationPort }) => destinationPort));
    assert.deepEqual(heard.filter(isDtls), [], "application data went astray");
    // Two victims, 20 learned candidates for each, at most 11 transmissions of a check.
    assert.ok(ports.size <= 40, `${ports.size} ports were checked`);
    assert.ok(own.length <= 2 * 20 * 11, `${own.length} checks`);
  }
  await assertUnharmed(pair, channels, 2);
  await closeWithoutTrace(pair);
});

test("old answers to consent checks, replayed, do not keep a dead path alive (RFC 7675 §5.1)", async () => {
  const pair = honestPair(14);
  const packets = record(pair);
  await pair.connect();
  await pair.world.advance(20_000);
  const old = packets.filter(isStun);
  // From here on the path is cut, and what was said before is all that comes, again and again.
  let isReplaying = false;
  pair.world.internet.intercept((packet) => (isReplaying ? [packet] : []));
  for (let index = 0; index < 450; index++) {
    isReplaying = true;
    pair.world.internet.send(old[index % old.length]!);
    isReplaying = false;
    await pair.world.advance(100);
  }
  for (const peer of [pair.offerer, pair.answerer]) {
    assert.equal(peer.connection.connectionState, "failed");
    assert.match(peer.failureReason ?? "", /consent/);
  }
  await closeWithoutTrace(pair);
});

test("a GCM nonce is epoch and sequence number, and never used twice (CVE-2026-26014, RFC 5288 §3)", async () => {
  const pair = honestPair(15);
  const packets = record(pair);
  const random = new SeededRandom(15);
  // A fifth is lost, so that flights and chunks are sent again.
  pair.world.internet.intercept((packet) => (random.fraction() < 0.2 ? [] : [packet]));
  const channels = await pair.connect({}, 60_000);
  await assertUnharmed(pair, channels);
  await pair.close();
  const seen = new Set<string>();
  let records = 0;
  for (const { sourceAddress, bytes } of packets.filter(isDtls)) {
    for (let start = 0; start < bytes.byteLength;) {
      const end = start + 13 + bytes[start + 11]! * 256 + bytes[start + 12]!;
      if (bytes[start + 4] === 1) {
        const sequence = toHex(bytes.subarray(start + 3, start + 11));
        const nonce = toHex(bytes.subarray(start + 13, start + 21));
        assert.equal(nonce, sequence);
        assert.ok(!seen.has(sourceAddress + nonce), `nonce ${nonce} of ${sourceAddress} twice`);
        seen.add(sourceAddress + nonce);
        records++;
      }
      start = end;
    }
  }
  assert.ok(records > 100);
});

/** Rewrites bytes in the hellos, where nothing is protected yet. */
function tamperHello(change: (hello: Uint8Array) => void) {
  return (packet: VirtualPacket): readonly VirtualPacket[] => {
    const isHello = isDtls(packet) && packet.bytes[0] === 22 && packet.bytes[13] === 1;
    if (!isHello) return [packet];
    const bytes = packet.bytes.slice();
    change(bytes);
    return [{ ...packet, bytes }];
  };
}

const DOWNGRADES: Readonly<Record<string, (hello: Uint8Array) => void>> = {
  "to DTLS 1.0": (hello) => hello.set([0xfe, 0xff], 25),
  "to the last cipher suite": (hello) => {
    const at = 25 + 2 + 32 + 1 + 1; // Version, random, no session id, no cookie.
    const count = (hello[at]! * 256 + hello[at + 1]!) / 2;
    for (let index = 0; index + 2 < count; index++) {
      hello.copyWithin(at + 2 + 2 * index, at + 2 + 2 * (count - 2), at + 2 + 2 * (count - 1));
    }
  },
  "without the extended master secret": (hello) => {
    for (let at = 40; at + 3 < hello.byteLength; at++) {
      const isIt =
        hello[at] === 0 && hello[at + 1] === 23 && hello[at + 2] === 0 && hello[at + 3] === 0;
      if (isIt) hello[at + 1] = 0x7a;
    }
  },
};

for (const [name, change] of Object.entries(DOWNGRADES)) {
  test(`a hello that is changed on the way, ${name}, never leads to a connection (downgrade)`, async () => {
    const pair = honestPair(16);
    let changed = 0;
    pair.world.internet.intercept(
      tamperHello((hello) => {
        changed++;
        change(hello);
      }),
    );
    const near = pair.offerer.connection.createDataChannel("data");
    await pair.world.settle(pair.negotiate());
    await pair.world.advance(60_000);
    assert.ok(changed > 0);
    assert.notEqual(near.readyState, "open");
    for (const peer of [pair.offerer, pair.answerer]) {
      assert.ok(!peer.stateNames.includes("connected"));
      assert.equal(peer.connection.connectionState, "failed");
      assert.match(peer.failureReason ?? "", /DTLS/);
    }
    await closeWithoutTrace(pair);
  });
}

test("fragments of handshake messages that overlap, differ in length or run ahead do not stop a handshake (RFC 6347 §4.2.3)", async () => {
  const pair = honestPair(17);
  const random = new SeededRandom(17);
  let forged = 0;
  pair.world.internet.intercept((packet) => {
    const isHandshake = isDtls(packet) && packet.bytes[0] === 22 && packet.bytes[4] === 0;
    if (!isHandshake || forged > 2_000) return [packet];
    const floods = Array.from({ length: 100 }, () => {
      forged++;
      const bytes = packet.bytes.slice(0, 13 + 12 + 4);
      bytes[12] = 16;
      bytes.set([0, 0, 4], 13 + 9); // Fragment length 4
      bytes.set([0, 0, 200 + (random.uint32() % 56)], 13 + 1); // Message length
      bytes[13 + 5] = 1 + (random.uint32() % 12); // A message that is not due yet, or far ahead
      bytes[13 + 8] = random.uint32() % 100; // Offset
      return { ...packet, bytes };
    });
    return [...floods, packet];
  });
  const channels = await pair.connect({}, 25_000);
  assert.ok(forged > 300);
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});
