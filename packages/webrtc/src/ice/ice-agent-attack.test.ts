import assert from "node:assert/strict";
import { test } from "vitest";
import { encodeUtf8 } from "../base/bytes.ts";
import type { TransportAddress } from "../base/datagram.ts";
import { SeededRandom } from "../base/random.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import type { StunAttributes } from "../stun/attribute-table.ts";
import { decodeStunMessage } from "../stun/stun-decoder.ts";
import { encodeStunMessage } from "../stun/stun-encoder.ts";
import { IceSimulation } from "../../test/ice/simulation.ts";
import type { NetworkOptions, Packet, Peer } from "../../test/ice/simulation.ts";

const crypto = createNodeCrypto(new SeededRandom(99));
const STRANGER: TransportAddress = { address: "203.0.113.66", port: 6_666 };

function forge(attributes: StunAttributes, password: string | undefined): Uint8Array {
  const key = password === undefined ? undefined : encodeUtf8(password);
  return encodeStunMessage(
    { class: "request", method: 1, transactionId: crypto.random.bytes(12), attributes },
    { hasFingerprint: true, ...(key === undefined ? {} : { integrity: { crypto, key } }) },
  );
}

function joined(network: NetworkOptions = {}): {
  simulation: IceSimulation;
  a: Peer;
  b: Peer;
  addressOf(peer: Peer): TransportAddress;
} {
  const simulation = new IceSimulation({ delayMs: 5, ...network });
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.connect(a, b);
  simulation.run(1_000);
  const addressOf = (peer: Peer): TransportAddress => [...peer.sockets.values()][0]!;
  return { simulation, a, b, addressOf };
}

/** What `peer` has sent to the stranger. */
function repliesTo(peer: Peer, { address }: TransportAddress): Uint8Array[] {
  return peer.sent.flatMap(({ datagram }) =>
    datagram.remoteAddress === address ? [datagram.bytes] : [],
  );
}

/** A snapshot of everything that an attack must not change. */
function standingOf(peer: Peer): unknown {
  const { state, role, selectedPath, pairs } = peer.agent;
  const paths = pairs.map(({ id, isNominated, isValid }) => ({ id, isNominated, isValid }));
  return { state, role, selectedPath, paths, eventCount: peer.events.length };
}

test("requests without the right user name and password change nothing (RFC 8489 §9.1.3)", () => {
  const { simulation, a, b, addressOf } = joined();
  const before = standingOf(b);
  const { ufrag } = b.agent.localParameters;
  const username = `${ufrag}:${a.agent.localParameters.ufrag}`;
  const rest = {
    priority: 2 ** 31 - 1,
    useCandidate: true as const,
    iceControlling: 2n ** 64n - 1n,
  };
  const requests: Record<string, Uint8Array> = {
    "no integrity": forge({ username, ...rest }, undefined),
    "wrong password": forge({ username, ...rest }, "x".repeat(24)),
    "our peer's password": forge({ username, ...rest }, a.agent.localParameters.password),
    "wrong ufrag": forge({ username: `${ufrag}x:abcd`, ...rest }, b.agent.localParameters.password),
    "no colon": forge({ username: ufrag, ...rest }, b.agent.localParameters.password),
    "no user name": forge(rest, b.agent.localParameters.password),
    "empty password": forge({ username, ...rest }, ""),
  };
  for (const [what, bytes] of Object.entries(requests)) {
    simulation.inject({ from: STRANGER, to: addressOf(b), bytes });
    simulation.run(simulation.nowMs + 100);
    const reply = repliesTo(b, STRANGER).at(-1);
    assert.ok(reply === undefined || reply.byteLength <= bytes.byteLength, what);
    if (reply !== undefined) {
      const { class: messageClass, attributes } = decodeStunMessage(reply);
      assert.equal(messageClass, "error", what);
      assert.ok([400, 401].includes(attributes.errorCode!.code), what);
      assert.equal(attributes.xorMappedAddress, undefined);
    }
    const [socketId] = b.sockets.keys();
    assert.ok(!b.agent.isKnownPath(socketId!, STRANGER.address, STRANGER.port), what);
  }
  assert.deepEqual(standingOf(b), before);
  assert.equal(b.agent.diagnostics.unauthenticatedRequests, Object.keys(requests).length);
});

test("answers to strangers never amplify and are rate limited", () => {
  const { simulation, b, addressOf } = joined();
  const bare = encodeStunMessage({
    class: "request",
    method: 1,
    transactionId: crypto.random.bytes(12),
    attributes: {},
  });
  simulation.inject({ from: STRANGER, to: addressOf(b), bytes: bare });
  simulation.run(1_100);
  assert.equal(repliesTo(b, STRANGER).length, 0); // Any answer would be larger.
  const bytes = forge({ username: "nobody:else", priority: 1 }, "x".repeat(24));
  for (let count = 0; count < 1_000; count++) {
    simulation.inject({ from: STRANGER, to: addressOf(b), bytes });
  }
  simulation.run(1_200);
  assert.ok(repliesTo(b, STRANGER).length <= 20);
});

test("a request with an unknown required attribute gets 420 (RFC 8489 §6.3.1)", () => {
  const { simulation, a, b, addressOf } = joined();
  const username = `${b.agent.localParameters.ufrag}:${a.agent.localParameters.ufrag}`;
  // CHANNEL-NUMBER's type is TURN's; it is not known here, and unknown means 420 (RFC 8489 §6.3.1).
  const raw = encodeStunMessage({
    class: "request",
    method: 1,
    transactionId: crypto.random.bytes(12),
    attributes: { username, priority: 1, unknownAttributes: [1, 2] },
  });
  const renamed = Uint8Array.from(raw);
  const at = renamed.findIndex(
    (_byte, index) => index >= 20 && renamed[index] === 0 && renamed[index + 1] === 0x0a,
  );
  renamed[at] = 0x7f;
  // Sign again: decode as a foreign message is not possible, so integrity is added by hand.
  const { signed } = sign(renamed, b.agent.localParameters.password);
  simulation.inject({ from: STRANGER, to: addressOf(b), bytes: signed });
  simulation.run(1_100);
  const reply = decodeStunMessage(repliesTo(b, STRANGER)[0]!);
  assert.equal(reply.attributes.errorCode?.code, 420);
  assert.deepEqual(reply.attributes.unknownAttributes, [0x7f0a]);
});

test("an authenticated request without PRIORITY gets 400 (RFC 8445 §7.1.1)", () => {
  const { simulation, a, b, addressOf } = joined();
  const username = `${b.agent.localParameters.ufrag}:${a.agent.localParameters.ufrag}`;
  const bytes = forge({ username }, b.agent.localParameters.password);
  simulation.inject({ from: STRANGER, to: addressOf(b), bytes });
  simulation.run(1_100);
  assert.equal(decodeStunMessage(repliesTo(b, STRANGER)[0]!).attributes.errorCode?.code, 400);
});

test("every packet of the handshake, replayed from its own address, changes nothing", () => {
  const { simulation, a, b } = joined();
  const before = [standingOf(a), standingOf(b)];
  for (const packet of [...simulation.packets]) simulation.inject(packet);
  simulation.run(5_000);
  assert.deepEqual([standingOf(a), standingOf(b)], before);
});

test("replayed from elsewhere, USE-CANDIDATE moves nothing: the path must answer first", () => {
  const { simulation, a, b, addressOf } = joined();
  const path = [a.agent.selectedPath, b.agent.selectedPath];
  const isRequestTo = (peer: Peer, { to, bytes }: Packet): boolean =>
    to.port === addressOf(peer).port && decodeStunMessage(bytes).class === "request";
  const replays = [a, b].map((peer) =>
    simulation.packets.filter((packet) => isRequestTo(peer, packet)),
  );
  for (const packet of replays.flat()) simulation.inject({ ...packet, from: STRANGER });
  simulation.run(60_000);
  assert.deepEqual([a.agent.selectedPath, b.agent.selectedPath], path);
  assert.equal(a.agent.state, "completed");
  assert.equal(b.agent.state, "completed");
});

test("a replayed check cannot turn roles round once a pair is nominated", () => {
  const { simulation, a, b, addressOf } = joined();
  const before = standingOf(b);
  const username = `${b.agent.localParameters.ufrag}:${a.agent.localParameters.ufrag}`;
  const bytes = forge(
    { username, priority: 1, iceControlled: 0n },
    b.agent.localParameters.password,
  );
  simulation.inject({ from: addressOf(a), to: addressOf(b), bytes });
  simulation.run(1_100);
  assert.deepEqual(standingOf(b), before);
});

test("a forged answer is as if it had not come (RFC 8489 §9.1.4)", () => {
  const simulation = new IceSimulation({ delayMs: 50 });
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.connect(a, b);
  simulation.run(1);
  const check = simulation.packets.find(({ from }) => from.address === "192.0.2.1")!;
  const { transactionId } = decodeStunMessage(check.bytes);
  const answer = (password: string | undefined): Uint8Array => {
    const key = encodeUtf8(password ?? "");
    return encodeStunMessage(
      {
        class: "success",
        method: 1,
        transactionId,
        attributes: { xorMappedAddress: { address: "203.0.113.66", port: 1 } },
      },
      password === undefined ? {} : { integrity: { crypto, key } },
    );
  };
  for (const password of [undefined, "x".repeat(24), a.agent.localParameters.password]) {
    simulation.inject({ from: check.to, to: check.from, bytes: answer(password) });
  }
  simulation.run(60);
  assert.equal(a.agent.state, "checking");
  simulation.run(1_000);
  assert.equal(a.agent.state, "completed");
  assert.equal(a.agent.selectedPair?.local.address, "192.0.2.1");
});

test("an answer from another address than asked is no answer (RFC 8445 §7.2.5.2.1)", () => {
  const simulation = new IceSimulation({
    isLost: ({ from, to }) => from.address === "192.0.2.2" && to.address === "192.0.2.1",
  });
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.connect(a, b);
  simulation.run(50);
  const answer = simulation.packets.find(
    ({ from, bytes }) =>
      from.address === "192.0.2.2" && decodeStunMessage(bytes).class === "success",
  )!;
  simulation.inject({ ...answer, from: STRANGER });
  simulation.run(60);
  const [pair] = a.agent.pairs;
  assert.equal(pair?.state, "in-progress");
  assert.ok(!pair.isValid);
  simulation.run(60_000);
  assert.equal(a.agent.pairs[0]?.state, "failed");
  assert.equal(a.agent.diagnostics.asymmetricAnswers, 1);
  assert.match(a.failureText(), /answer came from another address, 203\.0\.113\.66:6666/);
});

test("an observer who replays every answer ahead of the true one does not block ICE", () => {
  const simulation = new IceSimulation({ delayMs: 10 });
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.connect(a, b);
  let seen = 0;
  for (let atMs = 1; atMs < 1_000; atMs++) {
    simulation.at(atMs, () => {
      for (const packet of simulation.packets.slice(seen)) {
        const isAnswer = decodeStunMessage(packet.bytes).class === "success";
        if (isAnswer && packet.from.address !== STRANGER.address) {
          simulation.inject({ ...packet, from: STRANGER });
        }
      }
      seen = simulation.packets.length;
    });
  }
  simulation.run(1_000);
  assert.equal(a.agent.state, "completed");
  assert.equal(b.agent.state, "completed");
  assert.equal(a.agent.selectedPair?.remote.address, "192.0.2.2");
});

test("a flood of candidates is capped, in all and for each address (RFC 8445 §19.5.1)", () => {
  const simulation = new IceSimulation();
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1", "198.51.100.1"] });
  simulation.gather(a);
  simulation.do(() => {
    a.agent.setRemoteParameters({ ufrag: "evil", password: "e".repeat(24) }, 0);
    for (let count = 0; count < 5_000; count++) {
      const candidate = {
        foundation: `${count}`,
        component: 1 as const,
        transport: "udp" as const,
        priority: count + 1,
        address: count < 2_500 ? "203.0.113.66" : `203.0.113.${count % 250}`,
        port: 1 + count,
        type: "host" as const,
      };
      a.agent.addRemoteCandidate(candidate, 0);
    }
  });
  assert.equal(a.agent.pairs.length, 100);
  simulation.run(10_000);
  const victim = repliesTo(a, STRANGER);
  assert.ok(victim.length <= 2 * 20 * 10, `${victim.length} to one address`);
  // Never more than one new check each Ta, and retransmissions spread by the same measure.
  const perSecond = new Map<number, number>();
  for (const { atMs } of a.sent) {
    const second = Math.floor(atMs / 1_000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  assert.ok(Math.max(...perSecond.values()) <= 110, `${Math.max(...perSecond.values())} a second`);
});

test("a flood of peer-reflexive candidates is capped as well", () => {
  const { simulation, a, b, addressOf } = joined();
  const username = `${b.agent.localParameters.ufrag}:${a.agent.localParameters.ufrag}`;
  for (let count = 0; count < 500; count++) {
    const bytes = forge({ username, priority: count + 1 }, b.agent.localParameters.password);
    const from = { address: `203.0.113.${1 + (count % 200)}`, port: 1_000 + count };
    simulation.inject({ from, to: addressOf(b), bytes });
  }
  simulation.run(2_000);
  assert.ok(b.agent.pairs.length <= 100);
  assert.equal(b.agent.selectedPair?.remote.address, "192.0.2.1");
});

test("early checks are kept for later within a bound (RFC 8445 §7.3)", () => {
  const simulation = new IceSimulation();
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"] });
  simulation.gather(a);
  const { ufrag, password } = a.agent.localParameters;
  const [to] = a.sockets.values();
  for (let count = 0; count < 100; count++) {
    const bytes = forge({ username: `${ufrag}:peer`, priority: 1, iceControlled: 0n }, password);
    simulation.inject({ from: { ...STRANGER, port: 1_000 + (count % 50) }, to: to!, bytes });
  }
  simulation.run(100);
  assert.equal(a.sent.length, 100); // All are answered.
  simulation.do(() =>
    a.agent.setRemoteParameters({ ufrag: "peer", password: "p".repeat(24) }, 100),
  );
  assert.equal(a.agent.pairs.length, 16);
});

test("checks of another generation are answered and not followed (RFC 8445 §7.3.1.4)", () => {
  const { simulation, b, addressOf } = joined();
  const username = `${b.agent.localParameters.ufrag}:restarted`;
  const bytes = forge({ username, priority: 1 }, b.agent.localParameters.password);
  simulation.inject({ from: STRANGER, to: addressOf(b), bytes });
  simulation.run(5_000);
  assert.equal(repliesTo(b, STRANGER).length, 1);
  assert.equal(b.agent.pairs.length, 1);
});

test("noise, indications and foreign methods are counted and dropped", () => {
  const { simulation, a, b, addressOf } = joined();
  const before = standingOf(b);
  const { diagnostics } = b.agent;
  const base = { transactionId: crypto.random.bytes(12), attributes: {} };
  const good = encodeStunMessage({ class: "indication", method: 1, ...base });
  const foreign = encodeStunMessage({ class: "request", method: 3, ...base });
  const stray = encodeStunMessage({ class: "success", method: 1, ...base });
  const malformed = encodeStunMessage(
    { class: "request", method: 1, ...base },
    { hasFingerprint: true },
  );
  malformed[malformed.byteLength - 1]! ^= 1;
  const [socketId] = b.sockets.keys();
  const { address: remoteAddress, port: remotePort } = addressOf(a);
  for (const bytes of [good, foreign, stray, malformed]) {
    simulation.do(() =>
      b.agent.handleDatagram({ socketId: socketId!, remoteAddress, remotePort, bytes }, 1_000),
    );
  }
  assert.deepEqual(standingOf(b), before);
  assert.equal(b.agent.diagnostics.malformedDatagrams, diagnostics.malformedDatagrams + 1);
  assert.equal(b.agent.diagnostics.strayMessages, diagnostics.strayMessages + 2);
});

test("an answer of a STUN server counts only from that server, and only if it makes sense", () => {
  const simulation = new IceSimulation();
  const server = { address: "203.0.113.9", port: 3_478, url: "stun:203.0.113.9" };
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"], stunServers: [server] });
  simulation.gather(a);
  simulation.run(10);
  const [question] = simulation.packets;
  const { transactionId } = decodeStunMessage(question!.bytes);
  const answer = (address: string): Uint8Array =>
    encodeStunMessage({
      class: "success",
      method: 1,
      transactionId,
      attributes: { xorMappedAddress: { address, port: 1 } },
    });
  simulation.inject({ from: STRANGER, to: question!.from, bytes: answer("198.51.100.7") });
  simulation.run(20);
  assert.equal(a.candidates().length, 1);
  simulation.inject({ from: server, to: question!.from, bytes: answer("239.1.1.1") });
  simulation.run(30);
  assert.equal(a.candidates().length, 1);
  assert.equal(a.agent.gatheringState, "complete");
});

/** Adds MESSAGE-INTEGRITY to a message that carries attributes of no known kind. */
function sign(message: Uint8Array, password: string): { signed: Uint8Array } {
  const signed = new Uint8Array(message.byteLength + 24);
  signed.set(message);
  signed[2] = (signed.byteLength - 20) >> 8;
  signed[3] = (signed.byteLength - 20) & 0xff;
  const digest = crypto.hmac("sha-1", encodeUtf8(password), [signed.subarray(0, -24)]);
  signed.set([0, 8, 0, 20], message.byteLength);
  signed.set(digest, message.byteLength + 4);
  return { signed };
}
