import assert from "node:assert/strict";
import { test } from "vitest";

import type { Interceptor, VirtualPacket } from "../../src/testing/index.ts";
import { SeededRandom } from "../../src/testing/index.ts";
import { overSeeds } from "./support/seeds.ts";
import { directTopology } from "./support/topologies.ts";
import { exchange } from "./support/transfer.ts";
import { VirtualPair } from "./support/virtual-peer.ts";

const ATTACKER_ADDRESS = "198.51.100.66";
/** First bytes that RFC 7983 §7 gives to STUN, DTLS (handshake, data, alert, cipher change) and RTP. */
const TEMPTING_FIRST_BYTES = [0, 1, 20, 21, 22, 23, 25, 64, 128, 144, 255];

/** Bytes that look like the beginning of something, then noise. */
function noise(random: SeededRandom): Uint8Array {
  const bytes = random.bytes(1 + (random.uint32() % 200));
  bytes[0] = TEMPTING_FIRST_BYTES[random.uint32() % TEMPTING_FIRST_BYTES.length]!;
  return bytes;
}

/** The packet with one bit turned. */
function corrupted(packet: VirtualPacket, random: SeededRandom): VirtualPacket {
  const bytes = new Uint8Array(packet.bytes);
  bytes[random.uint32() % bytes.byteLength]! ^= 1 << (random.uint32() % 8);
  return { ...packet, bytes };
}

/**
 * Next to each packet, two forged ones from elsewhere: noise, and what comes nearest to the real one
 * without its keys: a STUN message with a wrong integrity, or a copy of a DTLS record.
 */
function offPathAttacker(seed: number): Interceptor {
  const random = new SeededRandom(seed);
  return (packet) => {
    const source = {
      sourceAddress: ATTACKER_ADDRESS,
      sourcePort: 1_024 + (random.uint32() % 60_000),
    };
    const isStun = packet.bytes[0]! < 4; // RFC 7983 §7
    const lookalike = isStun ? corrupted(packet, random) : packet;
    return [{ ...packet, ...source, bytes: noise(random) }, { ...lookalike, ...source }, packet];
  };
}

/** One who sits on the path: adds noise and corrupted copies under the true address, replays old packets. */
function onPathAttacker(seed: number): Interceptor {
  const random = new SeededRandom(seed);
  const seen: VirtualPacket[] = [];
  return (packet) => {
    seen[random.uint32() % 50] = packet;
    const replayed = seen[random.uint32() % 50];
    return [
      { ...packet, bytes: noise(random) },
      corrupted(packet, random),
      packet,
      ...(replayed === undefined ? [] : [replayed]),
    ];
  };
}

test(
  "datagrams from other addresses, before, during and after the handshake, change nothing (CVE-2023-51443)",
  overSeeds(20, async (seed) => {
    const topology = directTopology(seed, { path: { delayMs: 10 } });
    topology.world.internet.intercept(offPathAttacker(seed));
    const pair = new VirtualPair(topology);
    const [near, far] = await pair.connect({}, 10_000);
    await topology.world.settle(exchange(near, far, seed, 50_000), 10_000);
    for (const { connection } of [pair.offerer, pair.answerer]) {
      const selected = connection.sctp?.transport.iceTransport.getSelectedCandidatePair();
      assert.notEqual(selected?.remote.address, ATTACKER_ADDRESS);
    }
    await pair.close();
  }),
);

test(
  "noise, corrupted copies and replays on an established path neither end it nor get through it",
  overSeeds(20, async (seed) => {
    const topology = directTopology(seed, { path: { delayMs: 10 } });
    const pair = new VirtualPair(topology);
    const [near, far] = await pair.connect();
    topology.world.internet.intercept(onPathAttacker(seed));
    await topology.world.settle(exchange(near, far, seed, 50_000), 30_000);
    await topology.world.advance(60_000); // Consent checks under attack too (RFC 7675).
    assert.equal(pair.offerer.connection.connectionState, "connected");
    assert.equal(pair.answerer.connection.connectionState, "connected");
    await pair.close();
  }),
);

test(
  "an attacker on the path from the first packet on can prevent a connection, but not falsify data",
  overSeeds(20, async (seed) => {
    const topology = directTopology(seed, { path: { delayMs: 10 } });
    topology.world.internet.intercept(onPathAttacker(seed));
    const pair = new VirtualPair(topology);
    const near = pair.offerer.connection.createDataChannel("data");
    await topology.world.settle(pair.negotiate());
    const isDecided = (): boolean =>
      (near.readyState === "open" && pair.answerer.incoming[0]?.readyState === "open") ||
      pair.offerer.stateNames.includes("failed") ||
      pair.answerer.stateNames.includes("failed");
    await topology.world.advanceUntil(isDecided, 120_000);
    if (near.readyState === "open" && pair.answerer.incoming[0] !== undefined) {
      await topology.world.settle(exchange(near, pair.answerer.incoming[0], seed, 20_000), 30_000);
    }
    await pair.close();
    assert.deepEqual(topology.offererHost.resources, { sockets: 0, deadlines: 0 });
    assert.deepEqual(topology.answererHost.resources, { sockets: 0, deadlines: 0 });
  }),
);
