// How other stacks behave on the wire, played by a peer that is scripted here: libwebrtc and RFC 5245
// agents nominate more than once, lite agents never check, some answer late.
import assert from "node:assert/strict";
import { test } from "vitest";
import { encodeUtf8 } from "../base/bytes.ts";
import type { TransportAddress } from "../base/datagram.ts";
import { SeededRandom } from "../base/random.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import type { StunAttributes } from "../stun/attribute-table.ts";
import { decodeStunMessage } from "../stun/stun-decoder.ts";
import { encodeStunMessage } from "../stun/stun-encoder.ts";
import type { ReceivedStunMessage } from "../stun/stun-message.ts";
import { IceSimulation } from "../../test/ice/simulation.ts";
import type { Packet, Peer } from "../../test/ice/simulation.ts";
import type { IceCandidate, IceRole } from "./index.ts";

const crypto = createNodeCrypto(new SeededRandom(5));
const PARAMETERS = { ufrag: "script", password: "scripted/scripted/scripted" };
const BEST: TransportAddress = { address: "198.51.100.1", port: 1_000 };
const OTHER: TransportAddress = { address: "198.51.100.2", port: 2_000 };

/** A peer without an agent: two addresses, answers what it is told to answer. */
class ScriptedPeer {
  readonly simulation = new IceSimulation({ delayMs: 5 });
  readonly a: Peer;
  readonly received: { readonly packet: Packet; readonly message: ReceivedStunMessage }[] = [];
  isSilent = false;

  constructor(roleOfA: IceRole, candidates: readonly TransportAddress[] = [BEST, OTHER]) {
    this.a = this.simulation.addPeer("a", { addresses: ["192.0.2.1"], role: roleOfA });
    for (const at of [BEST, OTHER]) this.simulation.addBareHost(at, (packet) => this.#take(packet));
    this.simulation.gather(this.a);
    this.simulation.do(() => {
      this.a.agent.setRemoteParameters(PARAMETERS, 0);
      for (const [index, at] of candidates.entries()) {
        this.a.agent.addRemoteCandidate(candidateAt(at, 2_000_000_000 - index), 0);
      }
    });
  }

  get requests(): ReceivedStunMessage[] {
    return this.received.flatMap(({ message }) => (message.class === "request" ? [message] : []));
  }

  /** Checks `a` from one of the two addresses. */
  check(from: TransportAddress, attributes: StunAttributes): void {
    const { ufrag, password } = this.a.agent.localParameters;
    const bytes = encodeStunMessage(
      {
        class: "request",
        method: 1,
        transactionId: crypto.random.bytes(12),
        attributes: { username: `${ufrag}:${PARAMETERS.ufrag}`, priority: 1_000, ...attributes },
      },
      { integrity: { crypto, key: encodeUtf8(password) }, hasFingerprint: true },
    );
    this.simulation.inject({ from, to: [...this.a.sockets.values()][0]!, bytes });
  }

  selectedPort(): number | undefined {
    return this.a.agent.selectedPath?.remotePort;
  }

  #take(packet: Packet): void {
    const message = decodeStunMessage(packet.bytes);
    this.received.push({ packet, message });
    if (this.isSilent || message.class !== "request") return;
    this.answer(packet, message, { xorMappedAddress: packet.from });
  }

  answer(packet: Packet, { transactionId }: ReceivedStunMessage, attributes: StunAttributes): void {
    const messageClass = attributes.errorCode === undefined ? "success" : "error";
    const key = encodeUtf8(PARAMETERS.password);
    const bytes = encodeStunMessage(
      { class: messageClass, method: 1, transactionId, attributes },
      { integrity: { crypto, key }, hasFingerprint: true },
    );
    this.simulation.inject({ from: packet.to, to: packet.from, bytes });
  }
}

function candidateAt({ address, port }: TransportAddress, priority: number): IceCandidate {
  return {
    foundation: address,
    component: 1,
    transport: "udp",
    priority,
    address,
    port,
    type: "host",
  };
}

const NOMINATING: StunAttributes = { iceControlling: 1n, useCandidate: true };

test("our checks carry what RFC 8445 §7.1 and §7.2 ask for", () => {
  const peer = new ScriptedPeer("controlling");
  peer.simulation.run(1_000);
  const { ufrag } = peer.a.agent.localParameters;
  for (const { attributes, hasFingerprint, integrity } of peer.requests) {
    assert.equal(attributes.username, `${PARAMETERS.ufrag}:${ufrag}`);
    assert.ok(hasFingerprint && integrity.sha1);
    assert.equal(attributes.priority, (110 << 24) + (65_535 << 8) + 255);
    assert.ok(attributes.iceControlling !== undefined && attributes.iceControlled === undefined);
  }
  // Host to host: the first answer is nominated at once, and nothing else ever (RFC 8445 §8.1.1).
  const nominating = peer.requests.filter(({ attributes }) => attributes.useCandidate);
  assert.equal(nominating.length, 1);
  assert.equal(peer.selectedPort(), BEST.port);
});

test("USE-CANDIDATE before our own check is done nominates on its success (RFC 8445 §7.3.1.5)", () => {
  const peer = new ScriptedPeer("controlled", [BEST]);
  peer.isSilent = true;
  peer.simulation.run(100);
  peer.check(BEST, NOMINATING);
  peer.simulation.run(200);
  assert.equal(peer.a.agent.state, "checking");
  assert.ok(!peer.a.agent.pairs[0]!.isNominated);
  // The answer to the triggered check comes late, but it comes.
  const last = peer.received.findLast(({ message }) => message.class === "request")!;
  peer.answer(last.packet, last.message, { xorMappedAddress: last.packet.from });
  peer.simulation.run(300);
  assert.ok(peer.a.agent.pairs[0]!.isNominated);
  assert.equal(peer.selectedPort(), BEST.port);
});

test("the answer to a cancelled check still counts (RFC 8445 §7.3.1.4)", () => {
  const peer = new ScriptedPeer("controlled", [BEST]);
  peer.isSilent = true;
  peer.simulation.run(100);
  const [first] = peer.received;
  peer.check(BEST, { iceControlling: 1n }); // Triggers a new check, cancels the first.
  peer.simulation.run(200);
  assert.equal(peer.requests.length, 2);
  peer.answer(first!.packet, first!.message, { xorMappedAddress: first!.packet.from });
  peer.simulation.run(300);
  assert.equal(peer.a.agent.state, "connected");
});

test("aggressive nomination settles on the best pair (RFC 8445 §8.1.1)", () => {
  const peer = new ScriptedPeer("controlled");
  peer.check(OTHER, NOMINATING);
  peer.simulation.run(100);
  assert.equal(peer.selectedPort(), OTHER.port);
  peer.check(BEST, NOMINATING);
  peer.simulation.run(200);
  assert.equal(peer.selectedPort(), BEST.port);
  peer.check(OTHER, NOMINATING); // Again for the lesser one: nothing to gain.
  peer.simulation.run(300);
  assert.equal(peer.selectedPort(), BEST.port);
});

test("a numbered nomination wins whatever the priority (draft-thatcher-ice-renomination-01)", () => {
  const peer = new ScriptedPeer("controlled");
  peer.check(BEST, { ...NOMINATING, nomination: 1 });
  peer.simulation.run(100);
  assert.equal(peer.selectedPort(), BEST.port);
  peer.check(OTHER, { ...NOMINATING, nomination: 2 });
  peer.simulation.run(200);
  assert.equal(peer.selectedPort(), OTHER.port);
  peer.check(BEST, { ...NOMINATING, nomination: 1 }); // An old one, replayed.
  peer.simulation.run(300);
  assert.equal(peer.selectedPort(), OTHER.port);
});

test("a controlling peer that moves to another pair when the first breaks is followed", () => {
  const peer = new ScriptedPeer("controlled");
  peer.check(BEST, NOMINATING);
  peer.simulation.run(1_000);
  assert.equal(peer.selectedPort(), BEST.port);
  peer.isSilent = true;
  peer.simulation.run(12_000);
  assert.equal(peer.a.agent.state, "disconnected");
  peer.isSilent = false;
  peer.simulation.addBareHost(BEST, () => undefined);
  peer.check(OTHER, NOMINATING);
  peer.simulation.run(13_000);
  assert.equal(peer.selectedPort(), OTHER.port);
  assert.equal(peer.a.agent.state, "connected");
});

test("a controlling peer that never nominates still gets data on the best valid pair", () => {
  const peer = new ScriptedPeer("controlled");
  peer.simulation.run(5_000);
  assert.equal(peer.a.agent.state, "connected");
  assert.equal(peer.selectedPort(), BEST.port);
  assert.ok(peer.a.agent.pairs.every(({ isNominated }) => !isNominated));
});

test("487 makes us change role, draw a new tie-breaker and try again (RFC 8445 §7.2.5.1)", () => {
  const peer = new ScriptedPeer("controlling", [BEST]);
  peer.isSilent = true;
  peer.simulation.run(50);
  const [first] = peer.received;
  peer.answer(first!.packet, first!.message, { errorCode: { code: 487, reason: "" } });
  peer.isSilent = false;
  peer.simulation.run(200);
  assert.equal(peer.a.agent.role, "controlled");
  const [before, after] = peer.requests;
  assert.ok(after!.attributes.iceControlled !== undefined);
  assert.notEqual(after!.attributes.iceControlled, before!.attributes.iceControlling);
  assert.equal(peer.a.agent.state, "connected");
});

test("other signed errors fail the pair (RFC 8445 §7.2.5.2.4)", () => {
  for (const errorCode of [400, 500].map((code) => ({ code, reason: "no" }))) {
    const peer = new ScriptedPeer("controlling", [BEST]);
    peer.isSilent = true;
    peer.simulation.run(50);
    const [first] = peer.received;
    peer.answer(first!.packet, first!.message, { errorCode });
    peer.simulation.run(100);
    assert.equal(peer.a.agent.pairs[0]!.state, "failed");
    peer.simulation.run(60_000);
    assert.match(peer.a.failureText(), new RegExp(`refused with error ${errorCode.code}`));
  }
});

test("an answer without the mapped address fails the pair (RFC 8489 §7.3.3)", () => {
  const peer = new ScriptedPeer("controlling", [BEST]);
  peer.isSilent = true;
  peer.simulation.run(50);
  const [first] = peer.received;
  peer.answer(first!.packet, first!.message, {});
  peer.simulation.run(100);
  assert.equal(peer.a.agent.pairs[0]!.state, "failed");
});

test("a failed pair is tried again when the peer checks it (RFC 8445 §7.3.1.4)", () => {
  const peer = new ScriptedPeer("controlling", [BEST]);
  peer.isSilent = true;
  peer.simulation.run(20_000);
  assert.equal(peer.a.agent.pairs[0]!.state, "failed");
  peer.isSilent = false;
  peer.check(BEST, { iceControlled: 1n });
  peer.simulation.run(20_500);
  assert.equal(peer.a.agent.state, "connected");
});

test("a nominating check that fails leads to the next pair (RFC 8445 §7.2.5.3.4)", () => {
  const peer = new ScriptedPeer("controlling");
  peer.simulation.run(11); // Both checks are answered by now, the nominating one is on its way.
  const nominating = (): boolean => peer.requests.some(({ attributes }) => attributes.useCandidate);
  peer.isSilent = true;
  peer.simulation.run(16, nominating);
  const last = peer.received.findLast(({ message }) => message.attributes.useCandidate)!;
  peer.answer(last.packet, last.message, { errorCode: { code: 400, reason: "" } });
  peer.isSilent = false;
  peer.simulation.run(2_000);
  assert.equal(peer.selectedPort(), OTHER.port);
  assert.ok(peer.a.agent.pairs.find(({ remote }) => remote.port === OTHER.port)!.isNominated);
});

test("a lite peer, which only answers, is nominated to (RFC 8445 §8.1.1)", () => {
  const peer = new ScriptedPeer("controlling", [BEST]);
  peer.simulation.run(1_000);
  assert.ok(peer.a.agent.pairs[0]!.isNominated);
  peer.simulation.do(() => peer.a.agent.endOfRemoteCandidates(1_000));
  assert.equal(peer.a.agent.state, "completed");
});

test("a peer that stops answering consent checks but still sends is not sent to for ever", () => {
  const peer = new ScriptedPeer("controlled", [BEST]);
  peer.check(BEST, NOMINATING);
  peer.simulation.run(1_000);
  peer.isSilent = true;
  for (let atMs = 2_000; atMs < 60_000; atMs += 500) {
    peer.simulation.at(atMs, () => peer.check(BEST, { iceControlling: 1n }));
  }
  peer.simulation.run(60_000);
  assert.equal(peer.a.agent.state, "failed"); // Hearing is not consent (RFC 7675 §5.1).
});

test.each([0, 2 ** 32 - 1])(
  "a learned candidate has a priority that can be written, though the check says %i (RFC 8445 §5.1.2)",
  (priority) => {
    const peer = new ScriptedPeer("controlled", []);
    peer.check(BEST, { ...NOMINATING, priority });
    peer.simulation.run(1_000);
    const { remote } = peer.a.agent.selectedPair!;
    assert.equal(remote.type, "prflx");
    assert.ok(remote.priority >= 1 && remote.priority <= 2 ** 31 - 1);
  },
);

test("a peer that sees us somewhere else each time does not fill our memory", () => {
  const peer = new ScriptedPeer("controlled", []);
  peer.isSilent = true;
  let answered = 0;
  const learned = new Set<number>();
  for (let seconds = 0; seconds < 900; seconds++) {
    peer.simulation.at(seconds * 1_000, () => {
      for (const from of [BEST, OTHER]) peer.check(from, NOMINATING);
    });
    peer.simulation.at(seconds * 1_000 + 500, () => {
      for (const { local } of peer.a.agent.pairs) learned.add(local.port);
      for (const { packet, message } of peer.received.splice(0)) {
        if (message.class !== "request") continue;
        const mapped = { address: "203.0.113.1", port: (++answered % 60_000) + 1 };
        peer.answer(packet, message, { xorMappedAddress: mapped });
      }
    });
  }
  peer.simulation.run(900_000);
  assert.ok(answered > 200);
  assert.equal(peer.a.agent.state, "connected");
  assert.ok(peer.a.agent.pairs.length <= 2);
  assert.ok(learned.size > 50 && learned.size <= 100, `${learned.size} own candidates`);
});
