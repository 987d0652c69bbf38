import assert from "node:assert/strict";
import { test } from "vitest";

import type { TransportAddress } from "../../src/base/datagram.ts";
import { DEFAULT_ICE_LIMITS, DEFAULT_ICE_TIMINGS } from "../../src/ice/ice-options.ts";
import type { IceCandidate, IceRole } from "../../src/ice/index.ts";
import { createNodeCrypto } from "../../src/crypto/node-crypto.ts";
import { encodeUtf8 } from "../../src/base/bytes.ts";
import {
  BINDING_METHOD,
  decodeStunMessage,
  encodeStunMessage,
  type StunMessage,
} from "../../src/stun/index.ts";
import { SeededRandom } from "../../src/testing/index.ts";
import { IceSimulation, type Packet, type Peer } from "../ice/simulation.ts";
import { honestPair, isStun, record, strangersRequest } from "./support/forgery.ts";

const NEAR = "192.0.2.1";
const FAR = "192.0.2.2";

/** Two agents that are about to connect; `a` has the role. */
function agents(role: IceRole, isLost: (packet: Packet, nowMs: number) => boolean = () => false) {
  const simulation = new IceSimulation({
    delayMs: 50,
    isLost: (packet, _random, nowMs) => isLost(packet, nowMs),
  });
  const otherRole = role === "controlling" ? "controlled" : "controlling";
  const a = simulation.addPeer("a", { addresses: [NEAR], role });
  const b = simulation.addPeer("b", { addresses: [FAR], role: otherRole });
  simulation.connect(a, b);
  return { simulation, a, b };
}

const isRequest = ({ bytes }: Packet): boolean => decodeStunMessage(bytes).class === "request";

/** A check of the peer at `from`, as an observer of the path has it. */
function checkFrom(simulation: IceSimulation, from: string): Packet {
  const check = simulation.packets.find(
    (packet) => packet.from.address === from && isRequest(packet),
  );
  assert.ok(check);
  return check;
}

function addressOf(peer: Peer): TransportAddress {
  return [...peer.sockets.values()][0]!;
}

test("forged requests during an interruption start no storm of consent checks and do not keep consent away", async () => {
  const pair = honestPair(31);
  const packets = record(pair);
  await pair.connect();
  const flow = packets.findLast((packet) => packet.destinationAddress === FAR && isStun(packet))!;
  let isCut = true;
  pair.world.internet.intercept((packet) => (isCut ? [] : [packet]));
  await pair.world.advance(12_000);
  isCut = false;
  const random = new SeededRandom(1);
  for (let ms = 0; ms < 100; ms++) {
    for (let count = 0; count < 3; count++) {
      pair.world.internet.send({ ...flow, bytes: strangersRequest(random) });
    }
    await pair.world.advance(1);
  }
  await pair.world.advance(1_500);
  packets.length = 0;
  await pair.world.advance(500);
  assert.ok(packets.length < 50, `${packets.length} packets in half a second of peace`);
  for (const { connection } of [pair.offerer, pair.answerer]) {
    assert.equal(connection.connectionState, "connected");
  }
  await pair.close();
});

test("two honest agents that hear each other but get no answers do not hasten each other without bound (RFC 7675 §5.1)", () => {
  const cutAtMs = 5_000;
  const { simulation, a, b } = agents(
    "controlling",
    (packet, nowMs) => nowMs >= cutAtMs && !isRequest(packet),
  );
  simulation.run(60_000);
  const { consentLifetimeMs, consentRecheckMs } = DEFAULT_ICE_TIMINGS;
  for (const peer of [a, b]) {
    assert.equal(peer.agent.state, "failed");
    const isCheck = ({ datagram }: Peer["sent"][number]): boolean =>
      decodeStunMessage(datagram.bytes).class === "request";
    const checks = peer.sent.filter((sent) => sent.atMs >= cutAtMs && isCheck(sent));
    // Consent checks at the quick rate, and the connectivity checks of a path in doubt.
    assert.ok(checks.length <= consentLifetimeMs / consentRecheckMs, `${checks.length} checks`);
  }
});

test("a true check, replayed a thousand times a second while consent is missing, does not keep it away", () => {
  const { simulation, a, b } = agents("controlled", (packet, nowMs) => {
    const isReplay = nowMs >= 15_000 && packet.from.address === FAR && isRequest(packet);
    return nowMs >= 5_000 && nowMs < 17_000 && !isReplay;
  });
  simulation.run(14_900);
  assert.equal(a.agent.state, "disconnected");
  const check = checkFrom(simulation, FAR);
  for (let atMs = 15_000; atMs < 18_000; atMs++) {
    simulation.at(atMs, () => simulation.inject(check));
  }
  simulation.run(18_000);
  const consentChecks = a.sent.filter(
    ({ atMs, datagram }) => atMs >= 15_000 && decodeStunMessage(datagram.bytes).class === "request",
  );
  assert.ok(consentChecks.length <= 20, `${consentChecks.length} checks`);
  for (const peer of [a, b]) assert.equal(peer.agent.state, "completed");
});

test.each(["controlling", "controlled"] as const)(
  "the peer's check, replayed a thousand times a second, does not keep our answers away (%s)",
  (role) => {
    const { simulation, a, b } = agents(role);
    simulation.run(5);
    const check = checkFrom(simulation, FAR);
    for (let atMs = 6; atMs < 3_000; atMs++) {
      simulation.at(atMs, () => simulation.inject(check));
    }
    simulation.run(1_000);
    for (const peer of [a, b]) assert.ok(peer.reachedAtMs("connected")! <= 200, peer.name);
    const own = a.sent.filter(
      ({ datagram }) => decodeStunMessage(datagram.bytes).class === "request",
    );
    assert.ok(own.length <= 10, `${own.length} checks`);
  },
);

test("checks replayed from many addresses do not crowd out candidates that are announced late", () => {
  const { simulation, a, b } = agents("controlled", ({ from, to }) => {
    // The true peer can be reached at a place only that it announces last.
    const places = [from, to].filter(({ address }) => address === FAR);
    return places.some(({ port }) => port !== 7_000);
  });
  simulation.run(5);
  const check = checkFrom(simulation, FAR);
  const limit = DEFAULT_ICE_LIMITS.maxLearnedCandidates;
  for (let count = 0; count < 500; count++) {
    // From the peer's own address and from others.
    const address = count % 2 === 0 ? "203.0.113.7" : `203.0.113.${10 + (count % 200)}`;
    simulation.inject({ ...check, from: { address, port: 1_000 + count } });
  }
  simulation.run(1_000);
  assert.equal(a.agent.pairs.length, 1 + limit);

  const announce = (address: string, port: number, priority: number): void => {
    const foundation = `${address}${port}`;
    const candidate: IceCandidate = {
      ...{ foundation, component: 1, transport: "udp", type: "host" },
      ...{ address, port, priority },
    };
    simulation.do(() => a.agent.addRemoteCandidate(candidate, simulation.nowMs));
  };
  // As many with the same address as are allowed at all.
  const { maxCandidatesPerAddress } = DEFAULT_ICE_LIMITS;
  for (let port = 1; port <= maxCandidatesPerAddress; port++) {
    announce("203.0.113.7", 40_000 + port, port);
  }
  const [socketId] = b.sockets.keys();
  b.sockets.set(socketId!, { address: FAR, port: 7_000 });
  announce(FAR, 7_000, 2_130_706_431);
  assert.equal(a.agent.diagnostics.unusableRemoteCandidates.overLimit, undefined);
  simulation.run(10_000);
  assert.equal(a.agent.selectedPair?.remote.port, 7_000);
});

test("replayed checks that keep coming from new places do not put off the failure for ever (RFC 8863 §4)", () => {
  const { simulation, a } = agents(
    "controlled",
    ({ to }) => to.address === FAR || to.address.startsWith("203."),
  );
  simulation.run(5);
  const check = checkFrom(simulation, FAR);
  for (let count = 0; count < 1_000; count++) {
    const from = { address: "203.0.113.7", port: 1_000 + count };
    simulation.at(100 + count * 100, () => simulation.inject({ ...check, from }));
  }
  simulation.run(100_000);
  assert.ok(a.reachedAtMs("failed")! <= 40_000, `${a.reachedAtMs("failed")}`);
});

test("checks replayed from many addresses replace neither the path in use nor those that work", () => {
  const simulation = new IceSimulation({ delayMs: 50 });
  const a = simulation.addPeer("a", { addresses: [NEAR], role: "controlled" });
  const b = simulation.addPeer("b", { addresses: [FAR, "192.0.2.3"] });
  simulation.signal(a, b, 0);
  simulation.signal(b, a, 0);
  const announce = b.onCandidate;
  b.onCandidate = (candidate) => {
    if (candidate.address === FAR) announce?.(candidate);
  };
  for (const peer of [a, b]) simulation.gather(peer);
  simulation.run(1_000);
  const isOther = ({ remote, isValid }: Peer["agent"]["pairs"][number]): boolean =>
    isValid && remote.type === "prflx" && remote.address === "192.0.2.3";
  assert.ok(a.agent.pairs.some(isOther), "learned from b's checks, and works");
  const check = checkFrom(simulation, FAR);
  const before = a.agent.selectedPair?.remote;
  for (let count = 0; count < 600; count++) {
    const from = { address: "203.0.113.7", port: 1_000 + count };
    simulation.at(1_000 + count * 100, () => simulation.inject({ ...check, from }));
  }
  simulation.run(61_000);
  assert.deepEqual(a.agent.selectedPair?.remote, before);
  assert.ok(a.agent.pairs.some(isOther));
  assert.ok(a.agent.pairs.length <= 1 + DEFAULT_ICE_LIMITS.maxLearnedCandidates);
  for (const peer of [a, b]) assert.equal(peer.agent.state, "completed");
  // What a stranger can aim at somebody: checks of one share of candidates at a time.
  const aimed = a.sent.filter(
    ({ datagram }) =>
      datagram.remoteAddress === "203.0.113.7" &&
      decodeStunMessage(datagram.bytes).class === "request",
  );
  assert.ok(aimed.length <= 60 * 12, `${aimed.length} checks in a minute`);
});

test.each(["controlling", "controlled"] as const)(
  "a long session follows a %s peer whose NAT moves it again and again behind one address",
  (role) => {
    const simulation = new IceSimulation({ delayMs: 5 });
    const moves = DEFAULT_ICE_LIMITS.maxLearnedCandidates + 5;
    const otherRole = role === "controlling" ? "controlled" : "controlling";
    const nat = { publicAddress: "198.51.100.1" };
    const moving = simulation.addPeer("moving", { addresses: ["10.0.0.1"], nat, role });
    const resting = simulation.addPeer("resting", { addresses: [FAR], role: otherRole });
    simulation.connect(moving, resting);
    simulation.run(20_000);
    for (let move = 1; move <= moves; move++) {
      const before = resting.agent.selectedPair!.remote.port;
      simulation.rebindNats();
      simulation.run(20_000 + move * 30_000);
      assert.notEqual(resting.agent.selectedPair!.remote.port, before, `move ${move}`);
    }
    for (const peer of [moving, resting]) assert.equal(peer.agent.state, "completed");
    assert.equal(addressOf(moving).address, "10.0.0.1");
  },
);

test("a peer that nominates ever new places, all of which answer, is followed to each", () => {
  const simulation = new IceSimulation();
  const crypto = createNodeCrypto(simulation.random);
  const a = simulation.addPeer("a", { addresses: [NEAR], role: "controlled" });
  const peer = { ufrag: "peer", password: "p".repeat(24) };
  simulation.gather(a);
  simulation.do(() => a.agent.setRemoteParameters(peer, 0));
  const { ufrag, password } = a.agent.localParameters;
  const say = (from: TransportAddress, message: StunMessage, key: string): void =>
    simulation.inject({
      from,
      to: addressOf(a),
      bytes: encodeStunMessage(message, { integrity: { crypto, key: encodeUtf8(key) } }),
    });
  for (let move = 1; move <= 2 * DEFAULT_ICE_LIMITS.maxLearnedCandidates; move++) {
    const place = { address: FAR, port: 1_000 + move };
    simulation.addBareHost(place, (packet) => {
      if (!isRequest(packet)) return;
      const { transactionId } = decodeStunMessage(packet.bytes);
      const attributes = { xorMappedAddress: packet.from };
      const answer = {
        class: "success",
        method: BINDING_METHOD,
        transactionId,
        attributes,
      } as const;
      say(place, answer, peer.password);
    });
    const attributes = {
      username: `${ufrag}:${peer.ufrag}`,
      priority: 100,
      iceControlling: 1n,
      useCandidate: true,
      nomination: move,
    } as const;
    const transactionId = crypto.random.bytes(12);
    say(place, { class: "request", method: BINDING_METHOD, transactionId, attributes }, password);
    simulation.run(move * 500);
    assert.equal(a.agent.selectedPath?.remotePort, place.port, `move ${move}`);
  }
  assert.equal(a.agent.pairs.length, DEFAULT_ICE_LIMITS.maxLearnedCandidates);
});
