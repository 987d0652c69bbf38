import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { UsageError } from "../base/errors.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { IceSimulation } from "../../test/ice/simulation.ts";
import type { NetworkOptions, Peer, PeerOptions } from "../../test/ice/simulation.ts";
import type { IceRole } from "./index.ts";
import { IceAgent } from "./index.ts";

const ROLES: readonly IceRole[] = ["controlling", "controlled"];
const DONE = new Set(["connected", "completed"]);

type Pair = { simulation: IceSimulation; a: Peer; b: Peer };

function pairOf(network: NetworkOptions, a?: Partial<PeerOptions>, b?: Partial<PeerOptions>): Pair {
  const simulation = new IceSimulation(network);
  return {
    simulation,
    a: simulation.addPeer("a", { role: "controlling", addresses: ["192.0.2.1"], ...a }),
    b: simulation.addPeer("b", { role: "controlled", addresses: ["192.0.2.2"], ...b }),
  };
}

/** Both know of the other as the selected pair, with the roles apart. */
function assertJoined({ a, b }: Pair): void {
  const [pairOfA, pairOfB] = [a.agent.selectedPair, b.agent.selectedPair];
  assert.ok(DONE.has(a.agent.state), `a is ${a.agent.state}: ${a.failureText()}`);
  assert.ok(DONE.has(b.agent.state), `b is ${b.agent.state}: ${b.failureText()}`);
  assert.ok(pairOfA && pairOfB);
  assert.equal(pairOfA.local.address, pairOfB.remote.address);
  assert.equal(pairOfA.remote.address, pairOfB.local.address);
  assert.notEqual(a.agent.role, b.agent.role);
  assert.equal(a.agent.pairs.filter(({ isNominated }) => isNominated).length, 1);
  assert.equal(b.agent.pairs.filter(({ isNominated }) => isNominated).length, 1);
}

test("a path is there after one round trip, nominated after two (RFC 8445 §2.3)", () => {
  const joined = pairOf({ delayMs: 5 });
  const { simulation, a, b } = joined;
  simulation.connect(a, b);
  simulation.run(1_000);
  assert.deepEqual(a.states, [
    { state: "checking", atMs: 0 },
    { state: "connected", atMs: 10 },
    { state: "completed", atMs: 20 },
  ]);
  assert.deepEqual(
    b.states.map(({ state }) => state),
    ["checking", "connected", "completed"],
  );
  assert.ok(b.reachedAtMs("completed")! <= 20);
  assertJoined(joined);
  assert.ok(a.sent.length <= 6, `${a.sent.length} datagrams`);
});

test("events come in order: selected pair, then the state that it makes", () => {
  const { simulation, a, b } = pairOf({});
  simulation.connect(a, b);
  simulation.run(1_000);
  assert.deepEqual(
    a.events.map((event) => ("state" in event ? event.state : event.kind)),
    [
      "gathering",
      "localCandidate",
      "complete",
      "checking",
      "selectedPairChanged",
      "connected",
      "completed",
    ],
  );
});

test("every combination of roles ends with one controlling side (RFC 8445 §7.3.1.1)", () => {
  for (const roleOfA of ROLES) {
    for (const roleOfB of ROLES) {
      for (let seed = 1; seed <= 10; seed++) {
        const joined = pairOf({ seed, delayMs: 7 }, { role: roleOfA }, { role: roleOfB });
        joined.simulation.connect(joined.a, joined.b);
        joined.simulation.run(3_000);
        assertJoined(joined);
        const changes = [joined.a, joined.b].map(
          ({ events }) => events.filter(({ kind }) => kind === "roleChanged").length,
        );
        const expected = roleOfA === roleOfB ? 1 : 0;
        assert.equal(changes[0]! + changes[1]!, expected, `${roleOfA} ${roleOfB} seed ${seed}`);
      }
    }
  }
});

test("the side with the larger tie-breaker keeps its role even if its checks are lost", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const isLost: NetworkOptions["isLost"] = ({ from }, _random, nowMs) =>
      nowMs < 600 && from.address === "192.0.2.1";
    const joined = pairOf({ seed, isLost: isLost! }, {}, { role: "controlling" });
    joined.simulation.connect(joined.a, joined.b);
    joined.simulation.run(5_000);
    assertJoined(joined);
  }
});

test("any order and delay of signalling connects (RFC 8838 §4)", () => {
  const delay = fc.integer({ min: 0, max: 3_000 });
  fc.assert(
    fc.property(delay, delay, fc.boolean(), fc.nat(), (aToB, bToA, isTrickled, seed) => {
      const addresses = ["198.51.100.1", "2001:db8::1"];
      const joined = pairOf({ seed, delayMs: 20 }, {}, { addresses: ["192.0.2.2", ...addresses] });
      joined.simulation.connect(joined.a, joined.b, { aToB, bToA, isTrickled });
      joined.simulation.run(10_000);
      assertJoined(joined);
      // Half the answer's travel is waited for, the checks add two round trips.
      assert.ok(joined.a.reachedAtMs("connected")! <= Math.max(aToB, bToA) + 200);
    }),
    { numRuns: 60 },
  );
});

test("checks that come before the answer are answered and acted on later (RFC 8445 §7.3)", () => {
  const { simulation, a, b } = pairOf({ delayMs: 5 });
  simulation.signal(a, b, 0); // The offer; b's answer takes two seconds.
  simulation.signal(b, a, 2_000);
  simulation.gather(a);
  simulation.gather(b);
  simulation.run(1_999);
  assert.equal(b.agent.state, "connected");
  assert.equal(a.agent.state, "new");
  assert.equal(a.agent.selectedPath, undefined);
  simulation.run(2_050);
  assert.equal(a.reachedAtMs("connected"), 2_010);
  assertJoined({ simulation, a, b });
});

test("without the peer's candidates its checks are enough: peer-reflexive (RFC 8445 §7.3.1.3)", () => {
  const { simulation, a, b } = pairOf({ delayMs: 5 });
  simulation.signal(a, b, 0);
  simulation.gather(a);
  simulation.gather(b);
  simulation.do(() => a.agent.setRemoteParameters(b.agent.localParameters, simulation.nowMs));
  simulation.run(500);
  assert.equal(a.agent.selectedPair?.remote.type, "prflx");
  // The candidate is announced after all: type and priority become right, the pair stays.
  const [announced] = b.candidates();
  simulation.do(() => a.agent.addRemoteCandidate(announced!, simulation.nowMs));
  assert.equal(a.agent.selectedPair?.remote.type, "host");
  assert.equal(a.agent.pairs.length, 1);
  assert.equal(a.agent.pairs[0]!.priority, b.agent.pairs[0]!.priority);
});

test("with several addresses the best pair wins, IPv6 first (RFC 8445 §5.1.2, RFC 8421 §3)", () => {
  const a = { addresses: ["10.0.0.1", "2001:db8::1", "192.0.2.1", "fe80::1"] };
  const b = { addresses: ["10.0.0.2", "192.0.2.2", "2001:db8::2", "fe80::2"] };
  const joined = pairOf({ delayMs: 10 }, a, b);
  joined.simulation.connect(joined.a, joined.b);
  joined.simulation.run(5_000);
  assertJoined(joined);
  assert.equal(joined.a.agent.selectedPair?.local.address, "2001:db8::1");
  const priorities = joined.a.candidates().map(({ priority }) => priority);
  assert.equal(new Set(priorities).size, 4);
  // No pair mixes families, and link-local stays among itself (RFC 8445 §6.1.2.2).
  const pairs = joined.a.agent.pairs.map(
    ({ local, remote }) => `${local.address} ${remote.address}`,
  );
  assert.deepEqual(pairs.toSorted(), [
    "10.0.0.1 10.0.0.2",
    "10.0.0.1 192.0.2.2",
    "192.0.2.1 10.0.0.2",
    "192.0.2.1 192.0.2.2",
    "2001:db8::1 2001:db8::2",
    "fe80::1 fe80::2",
  ]);
});

test("broken best paths cost little: the next one connects meanwhile", () => {
  const isLost: NetworkOptions["isLost"] = ({ to }) => to.address.includes(":");
  const dual = (host: number): Partial<PeerOptions> => ({
    addresses: [`2001:db8::${host}`, `192.0.2.${host}`],
  });
  const joined = pairOf({ delayMs: 10, isLost: isLost! }, dual(1), dual(2));
  joined.simulation.connect(joined.a, joined.b);
  joined.simulation.run(5_000);
  assertJoined(joined);
  assert.ok(joined.a.reachedAtMs("connected")! <= 50);
});

test("30 % loss each way does not prevent a connection", () => {
  const connectedAtMs: number[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const isLost: NetworkOptions["isLost"] = (_packet, random) => random.fraction() < 0.3;
    const joined = pairOf({ seed, delayMs: 25, isLost: isLost! });
    joined.simulation.connect(joined.a, joined.b);
    joined.simulation.run(20_000, () =>
      [joined.a, joined.b].every(({ agent }) => agent.state === "completed"),
    );
    assertJoined(joined);
    connectedAtMs.push(joined.a.reachedAtMs("connected")!);
  }
  connectedAtMs.sort((x, y) => x - y);
  assert.ok(connectedAtMs[20]! < 1_000, `median ${connectedAtMs[20]} ms`);
});

test("data flows on the selected path as soon as one side has it, and only known paths count", () => {
  const { simulation, a, b } = pairOf({ delayMs: 5 });
  simulation.connect(a, b);
  simulation.run(10, () => a.agent.selectedPath !== undefined);
  simulation.sendData(a, Uint8Array.of(0x16, 1));
  const [socketOfB] = b.sockets.values();
  simulation.inject({
    from: { address: "192.0.2.1", port: 9_999 }, // Right host, wrong port: not the peer.
    to: socketOfB!,
    bytes: Uint8Array.of(0x16, 2),
  });
  simulation.run(100);
  assert.deepEqual(
    b.data.map(({ bytes, isKnown }) => [bytes[1], isKnown]),
    [
      [1, true],
      [2, false],
    ],
  );
  const path = a.agent.selectedPath!;
  assert.equal(a.agent.selectedPath, path); // The same object, for cheap comparison.
  assert.ok(a.agent.isKnownPath(path.socketId, path.remoteAddress, path.remotePort));
  assert.ok(!a.agent.isKnownPath(path.socketId + 1, path.remoteAddress, path.remotePort));
  assert.ok(!a.agent.isKnownPath(path.socketId, "192.0.2.3", path.remotePort));
});

test("a lite peer makes us controlling (RFC 8445 §6.1.1)", () => {
  const { simulation, a } = pairOf({}, { role: "controlled" });
  simulation.gather(a);
  const parameters = { ufrag: "lite", password: "p".repeat(22), isLite: true };
  simulation.do(() => a.agent.setRemoteParameters(parameters, 0));
  assert.equal(a.agent.role, "controlling");
  assert.deepEqual(a.events.at(-1), { kind: "roleChanged", role: "controlling" });
  const other = simulation.addPeer("c", { role: "controlled", isRemoteLite: true, addresses: [] });
  assert.equal(other.agent.role, "controlling");
});

test("setRole takes effect at once and is told once", () => {
  const { simulation, a, b } = pairOf({ delayMs: 5 });
  simulation.do(() => a.agent.setRole("controlled", 0));
  simulation.do(() => a.agent.setRole("controlled", 0));
  simulation.do(() => b.agent.setRole("controlling", 0));
  assert.equal(a.events.filter(({ kind }) => kind === "roleChanged").length, 1);
  simulation.connect(a, b);
  simulation.run(1_000);
  assertJoined({ simulation, a, b });
  assert.equal(b.agent.role, "controlling");
});

test("wrong use is the caller's error", () => {
  const { simulation, a } = pairOf({});
  simulation.gather(a);
  assert.throws(() => a.agent.gather([], 0), UsageError);
  assert.throws(() => a.agent.setRemoteParameters({ ufrag: "a", password: "b" }, 0), UsageError);
  const good = { ufrag: "abcd", password: "x".repeat(22) };
  assert.throws(() => a.agent.setRemoteParameters({ ...good, password: "short" }, 0), UsageError);
  a.agent.setRemoteParameters(good, 0);
  a.agent.setRemoteParameters({ ...good }, 0); // Repeated descriptions say the same again.
  assert.throws(() => a.agent.setRemoteParameters({ ...good, ufrag: "dcba" }, 0), UsageError);
});

test("close asks to close every socket and is silent from then on", () => {
  const { simulation, a, b } = pairOf({ delayMs: 5 }, { addresses: ["192.0.2.1", "10.0.0.1"] });
  simulation.connect(a, b);
  simulation.run(200);
  const { length } = a.events;
  const path = a.agent.selectedPath!;
  simulation.do(() => a.agent.close());
  assert.equal(a.agent.state, "closed");
  assert.equal(a.sockets.size, 0);
  assert.equal(a.agent.nextTimeoutAtMs, NEVER_AT_MS);
  assert.equal(a.agent.selectedPath, undefined);
  assert.ok(!a.agent.isKnownPath(path.socketId, path.remoteAddress, path.remotePort));
  simulation.do(() => {
    a.agent.close();
    a.agent.gather([], 300);
    a.agent.handleTimeout(300);
    a.agent.handleSocketFailed(1, "gone", 300);
    a.agent.handleSocketBound(1, { address: "192.0.2.1", port: 1 }, 300);
    a.agent.handleNameResolved(1, [], 300);
    a.agent.endOfRemoteCandidates(300);
    a.agent.addRemoteCandidate(b.candidates()[0]!, 300);
    a.agent.setRemoteParameters(b.agent.localParameters, 300);
    a.agent.setRole("controlled", 300);
  });
  assert.equal(a.events.length, length);
  assert.equal(a.agent.pollTransmit(), undefined);
});

test("local parameters have the form and strength of RFC 8445 §5.3", () => {
  const make = (): IceAgent =>
    new IceAgent({
      crypto: createNodeCrypto(),
      role: "controlling",
      stunServers: [],
      transportPolicy: "all",
      allocateSocketId: () => 1,
    });
  const { ufrag, password } = make().localParameters;
  assert.match(ufrag, /^[A-Za-z0-9+/]{4,256}$/);
  assert.match(password, /^[A-Za-z0-9+/]{22,256}$/);
  assert.notEqual(make().localParameters.password, password);
});

test("a quiet connection costs a consent check every four to six seconds and nothing else", () => {
  const { simulation, a, b } = pairOf({ delayMs: 5 });
  simulation.connect(a, b);
  simulation.run(1_000);
  const before = a.sent.length;
  simulation.run(601_000);
  const sent = a.sent.length - before; // Its own checks and the answers to b's.
  assert.ok(sent >= 2 * 100 && sent <= 2 * 150, `${sent} datagrams`);
  assert.equal(a.agent.state, "completed");
  const [pair] = a.agent.pairs;
  assert.ok(pair!.consentRequestsSent >= 100);
  assert.equal(pair!.currentRoundTripTimeMs, 10);
  assert.equal(pair!.requestsSent, pair!.responsesReceived);
  assert.equal(pair!.totalRoundTripTimeMs, 10 * pair!.responsesReceived);
});

test("many interfaces of which one works do not hold the connection up", () => {
  const addresses = (host: number): string[] =>
    Array.from({ length: 8 }, (_value, index) => `10.${index}.0.${host}`);
  // The worst case: only the pair of lowest priority works.
  const isLost: NetworkOptions["isLost"] = ({ from, to }) =>
    !(from.address.startsWith("10.7.") && to.address.startsWith("10.7."));
  const joined = pairOf(
    { delayMs: 10, isLost: isLost! },
    { addresses: addresses(1) },
    { addresses: addresses(2) },
  );
  joined.simulation.connect(joined.a, joined.b);
  joined.simulation.run(10_000);
  assertJoined(joined);
  assert.ok(joined.a.reachedAtMs("connected")! <= 1_400, `${joined.a.reachedAtMs("connected")}`);
});

test("servers by name are looked up while the host candidates connect already", () => {
  const server = { address: "stun.example", port: 3_478, url: "stun:stun.example" };
  const { simulation, a, b } = pairOf(
    { delayMs: 5 },
    { stunServers: [server], names: { "stun.example": "never" } },
    { stunServers: [server], names: {} },
  );
  simulation.connect(a, b);
  simulation.run(100);
  assert.equal(a.agent.state, "connected");
  const lookup = a.requests.find(({ kind }) => kind === "resolveName");
  assert.deepEqual(lookup, { kind: "resolveName", requestId: 1, name: "stun.example" });
  simulation.addStunServer("203.0.113.5", 3_478);
  simulation.do(() => a.agent.handleNameResolved(1, ["203.0.113.5"], simulation.nowMs));
  simulation.run(10_000);
  assert.equal(a.agent.gatheringState, "complete");
  assertJoined({ simulation, a, b });
  assert.deepEqual(b.agent.diagnostics.silentServers, [server.url]);
  assert.deepEqual(a.agent.diagnostics.silentServers, []);
});

test("gathering may begin long after the peer's parameters came: patience starts with it", () => {
  const { simulation, a, b } = pairOf({ delayMs: 5 });
  simulation.signal(a, b, 0);
  simulation.signal(b, a, 0);
  simulation.gather(a);
  simulation.run(120_000); // The phone rings; b has the offer and has not begun to gather.
  assert.equal(b.agent.state, "checking");
  assert.equal(a.reachedAtMs("failed"), 30_000); // a was told of b and heard nothing.
  const c = simulation.addPeer("c", { role: "controlling", addresses: ["192.0.2.3"] });
  assert.equal(c.agent.state, "new");
});
