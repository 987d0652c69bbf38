import assert from "node:assert/strict";
import { test } from "vitest";
import { IceSimulation, type Peer } from "../../test/ice/simulation.ts";

/** `b` knows `a`, and checks it; the answer is under way to `a` for a second. */
function answered(): { simulation: IceSimulation; a: Peer; b: Peer } {
  const simulation = new IceSimulation({ delayMs: 5 });
  const a = simulation.addPeer("a", { role: "controlling", addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { role: "controlled", addresses: ["192.0.2.2"] });
  simulation.connect(a, b, { bToA: 1_000 });
  simulation.run(500);
  return { simulation, a, b };
}

test("a path with an authenticated check is known before the answer, which names its sender (RFC 8445 §7.3)", () => {
  const { simulation, a, b } = answered();
  assert.equal(a.agent.state, "new");
  simulation.sendData(b, Uint8Array.of(20, 1));
  simulation.run(520);
  assert.deepEqual(
    a.data.map(({ isKnown }) => isKnown),
    [true],
  );
  const [[socketId]] = a.sockets as unknown as [[number]];
  const from = b.agent.selectedPair!.local;
  assert.ok(a.agent.isKnownPath(socketId, from.address, from.port));
  assert.ok(!a.agent.isKnownPath(socketId, from.address, from.port + 1));
  assert.ok(!a.agent.isKnownPath(socketId + 1, from.address, from.port));
  simulation.run(3_000);
  assert.equal(a.agent.state, "completed");
  assert.ok(a.agent.isKnownPath(socketId, from.address, from.port));
});

test("a check without our password makes no path known", () => {
  const { simulation, a } = answered();
  const [[socketId, to]] = a.sockets as unknown as [[number, { address: string; port: number }]];
  const stolen = simulation.packets.find(
    ({ to: target, bytes }) => target.port === to.port && bytes[0] === 0 && bytes[1] === 1,
  )!;
  const bytes = stolen.bytes.slice();
  bytes[bytes.byteLength - 20]! ^= 1;
  simulation.inject({ from: { address: "203.0.113.66", port: 6_666 }, to, bytes });
  simulation.run(520);
  assert.ok(!a.agent.isKnownPath(socketId, "203.0.113.66", 6_666));
});

test("the peer is heard when its check names both generations: the answerer at once, the offerer with the answer", () => {
  const { simulation, a, b } = answered();
  assert.equal(b.agent.selectedPath !== undefined, true);
  assert.equal(b.agent.hasHeardPeer, false, "a cannot check b yet");
  assert.equal(a.agent.hasHeardPeer, false, "it does not know who checks");
  simulation.run(3_000);
  assert.ok(a.agent.hasHeardPeer);
  assert.ok(b.agent.hasHeardPeer);
});

test("an agent owns the sockets it asked for until it gives them back", () => {
  const { a } = answered();
  const [socketId] = a.sockets.keys();
  assert.ok(a.agent.ownsSocket(socketId!));
  assert.ok(!a.agent.ownsSocket(socketId! + 1));
  a.agent.close();
  assert.ok(!a.agent.ownsSocket(socketId!));
});

test("a closed agent knows no path, not even an early one", () => {
  const { a, b } = answered();
  const [socketId] = a.sockets.keys();
  const { address, port } = b.agent.selectedPair!.local;
  a.agent.close();
  assert.ok(!a.agent.isKnownPath(socketId!, address, port));
});
