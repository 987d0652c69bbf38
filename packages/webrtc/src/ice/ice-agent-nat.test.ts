import assert from "node:assert/strict";
import { test } from "vitest";
import { IceSimulation } from "../../test/ice/simulation.ts";
import type { NatOptions, Peer, PeerOptions } from "../../test/ice/simulation.ts";

const STUN = { address: "203.0.113.9", port: 3478, url: "stun:203.0.113.9" };

function behindNat(nat: NatOptions, address = "10.0.0.1"): PeerOptions {
  return { addresses: [address], nat, stunServers: [STUN] };
}

function simulationWithStun(): IceSimulation {
  const simulation = new IceSimulation({ delayMs: 10 });
  simulation.addStunServer(STUN.address, STUN.port);
  return simulation;
}

function typesOf(peer: Peer): string[] {
  const pair = peer.agent.selectedPair;
  return pair === undefined ? [] : [pair.local.type, pair.remote.type];
}

test("a NAT shows as a server-reflexive candidate with its base (RFC 8445 §5.1.1.2)", () => {
  const simulation = simulationWithStun();
  const a = simulation.addPeer("a", behindNat({ publicAddress: "198.51.100.1" }));
  simulation.gather(a);
  simulation.run(1_000);
  const [host, reflexive, ...others] = a.candidates();
  assert.equal(others.length, 0);
  assert.equal(host?.type, "host");
  assert.equal(reflexive?.type, "srflx");
  assert.equal(reflexive.address, "198.51.100.1");
  assert.deepEqual([reflexive.relatedAddress, reflexive.relatedPort], [host.address, host.port]);
  assert.equal(reflexive.url, STUN.url);
  assert.ok(reflexive.priority < host.priority);
  assert.notEqual(reflexive.foundation, host.foundation);
  assert.equal(a.agent.gatheringState, "complete");
});

test("two peers behind NATs that filter by address and port connect (RFC 8445 §2)", () => {
  const simulation = simulationWithStun();
  const a = simulation.addPeer("a", behindNat({ publicAddress: "198.51.100.1" }, "10.0.0.1"));
  const b = simulation.addPeer("b", {
    ...behindNat({ publicAddress: "198.51.100.2" }, "10.0.0.2"),
    role: "controlled",
  });
  simulation.connect(a, b, { aToB: 30, bToA: 30 });
  simulation.run(5_000);
  assert.equal(a.agent.state, "completed");
  assert.equal(b.agent.state, "completed");
  assert.deepEqual(typesOf(a), ["srflx", "srflx"]);
  simulation.sendData(a, Uint8Array.of(20));
  simulation.run(5_100);
  assert.ok(b.data[0]?.isKnown);
});

test("a symmetric NAT is met by a peer-reflexive candidate (RFC 8445 §7.2.5.3.1)", () => {
  const simulation = simulationWithStun();
  const nat = { publicAddress: "198.51.100.1", isSymmetric: true };
  const a = simulation.addPeer("a", behindNat(nat));
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.connect(a, b, { aToB: 30, bToA: 30 });
  simulation.run(5_000);
  assert.equal(a.agent.state, "completed");
  assert.deepEqual(typesOf(a), ["prflx", "host"]);
  assert.deepEqual(typesOf(b), ["host", "prflx"]);
  assert.equal(a.agent.selectedPair?.local.relatedAddress, "10.0.0.1");
});

test("the controlled side behind the symmetric NAT works as well", () => {
  const simulation = simulationWithStun();
  const nat = { publicAddress: "198.51.100.1", isSymmetric: true };
  const a = simulation.addPeer("a", { addresses: ["192.0.2.2"] });
  const b = simulation.addPeer("b", { ...behindNat(nat), role: "controlled" });
  simulation.connect(a, b, { aToB: 30, bToA: 30 });
  simulation.run(5_000);
  assert.equal(a.agent.state, "completed");
  assert.deepEqual(typesOf(a), ["host", "prflx"]);
});

test("two symmetric NATs fail with a reason, in bounded time", () => {
  const simulation = simulationWithStun();
  const peers = [1, 2].map((host) =>
    simulation.addPeer(`p${host}`, {
      ...behindNat({ publicAddress: `198.51.100.${host}`, isSymmetric: true }, `10.0.0.${host}`),
      role: host === 1 ? "controlling" : "controlled",
    }),
  );
  simulation.connect(peers[0]!, peers[1]!);
  simulation.run(60_000);
  for (const peer of peers) {
    assert.equal(peer.agent.state, "failed");
    assert.ok(peer.reachedAtMs("failed")! <= 31_000);
    assert.match(
      peer.failureText(),
      /sent 10 checks 10\.0\.0\.\d:\d+ -> 198\.51\.100\.\d:\d+, no answer/,
    );
  }
});

test("mappings are kept open while the answer is awaited, not longer (RFC 8445 §5.1.1.4)", () => {
  const simulation = simulationWithStun();
  const a = simulation.addPeer("a", behindNat({ publicAddress: "198.51.100.1" }));
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.signal(a, b, 100);
  simulation.gather(a);
  simulation.run(60_500);
  const toServer = (): number =>
    a.sent.filter(({ datagram }) => datagram.remoteAddress === STUN.address).length;
  assert.equal(toServer(), 5); // The first, then one every 15 s.
  simulation.signal(b, a, 100);
  simulation.gather(b);
  simulation.run(200_000);
  assert.equal(a.agent.state, "completed");
  assert.equal(toServer(), 5);
});

test("without a NAT the reflexive candidate is redundant (RFC 8445 §5.1.3)", () => {
  const simulation = simulationWithStun();
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"], stunServers: [STUN] });
  simulation.gather(a);
  simulation.run(1_000);
  assert.deepEqual(
    a.candidates().map(({ type }) => type),
    ["host"],
  );
});

test("a dead STUN server delays neither candidates nor the connection, and is named", () => {
  const simulation = new IceSimulation({ delayMs: 5 });
  const dead = { ...STUN, url: "stun:dead.example" };
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"], stunServers: [dead] });
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.connect(a, b);
  simulation.run(20);
  assert.equal(a.agent.state, "connected");
  assert.equal(a.agent.gatheringState, "gathering");
  simulation.run(10_000);
  assert.equal(a.agent.gatheringState, "complete");
  assert.equal(a.agent.state, "completed");
  assert.deepEqual(
    a.events.filter(({ kind }) => kind === "candidateError"),
    [
      {
        kind: "candidateError",
        address: "192.0.2.1",
        port: a.candidates()[0]!.port,
        url: dead.url,
        errorCode: 701,
        errorText: "STUN server did not answer",
      },
    ],
  );
  assert.deepEqual(a.agent.diagnostics.silentServers, [dead.url]);
});

test.each([
  ["srflx", false],
  ["prflx", true],
] as const)(
  "a controlled peer follows a controlling one (%s) whose NAT has moved it",
  (type, isSymmetric) => {
    const simulation = simulationWithStun();
    const nat = { publicAddress: "198.51.100.1", isSymmetric };
    const a = simulation.addPeer("a", behindNat(nat));
    const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
    simulation.connect(a, b);
    simulation.run(20_000);
    assert.deepEqual(typesOf(b), ["host", type]);
    const before = b.agent.selectedPair!.remote.port;

    simulation.rebindNats();
    simulation.run(40_000, () => b.agent.selectedPair!.remote.port !== before);
    assert.equal(b.agent.selectedPair!.remote.type, "prflx");
    // The next consent check, which says where A is now; then B asks at the old place in vain.
    const toldAtMs = a.sent.find(({ atMs }) => atMs > 20_000)!.atMs;
    assert.ok(toldAtMs <= 26_000 && simulation.nowMs <= toldAtMs + 2_500, `${simulation.nowMs}`);
    simulation.sendData(b, Uint8Array.of(20));
    simulation.run(40_000);
    assert.equal(a.data.length, 1);
    simulation.run(120_000);
    for (const peer of [a, b]) assert.equal(peer.agent.state, "completed");
  },
);

test("a controlling peer follows a controlled one whose NAT has moved it", () => {
  const simulation = simulationWithStun();
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"] });
  const nat = { publicAddress: "198.51.100.2" };
  const b = simulation.addPeer("b", { ...behindNat(nat, "10.0.0.2"), role: "controlled" });
  simulation.connect(a, b);
  simulation.run(20_000);
  const before = a.agent.selectedPair!.remote.port;
  simulation.rebindNats();
  simulation.run(30_000);
  assert.notEqual(a.agent.selectedPair!.remote.port, before);
  simulation.run(120_000);
  for (const peer of [a, b]) assert.equal(peer.agent.state, "completed");
});
