import assert from "node:assert/strict";
import { test } from "vitest";
import { IceSimulation } from "../../test/ice/simulation.ts";
import type { NetworkOptions, Peer, PeerOptions } from "../../test/ice/simulation.ts";

type Joined = { simulation: IceSimulation; a: Peer; b: Peer };

function joined(
  isLost: NonNullable<NetworkOptions["isLost"]>,
  a: Partial<PeerOptions> = {},
  b: Partial<PeerOptions> = {},
): Joined {
  const simulation = new IceSimulation({ delayMs: 10, isLost });
  const peers = {
    simulation,
    a: simulation.addPeer("a", { addresses: ["192.0.2.1"], ...a }),
    b: simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled", ...b }),
  };
  simulation.connect(peers.a, peers.b);
  simulation.run(1_000);
  assert.equal(peers.a.agent.state, "completed");
  return peers;
}

function statesAfter(peer: Peer, atMs: number): string[] {
  return peer.states.filter((entry) => entry.atMs > atMs).map(({ state }) => state);
}

test("a path that breaks is told within 8 s and failed after 30 s (RFC 7675 §5.1)", () => {
  const cutAtMs = 20_000;
  const { simulation, a, b } = joined((_packet, _random, nowMs) => nowMs >= cutAtMs);
  simulation.run(120_000);
  for (const peer of [a, b]) {
    assert.deepEqual(statesAfter(peer, cutAtMs), ["disconnected", "failed"]);
    const disconnectedAtMs = peer.reachedAtMs("disconnected")!;
    // The last answer came up to six seconds before the cut.
    assert.ok(disconnectedAtMs <= cutAtMs + 8_100, `${disconnectedAtMs}`);
    const failedAtMs = peer.reachedAtMs("failed")!;
    assert.ok(failedAtMs > cutAtMs + 23_000 && failedAtMs <= cutAtMs + 30_000);
    assert.match(peer.failureText(), /no consent check .* was answered for 30 s/);
    assert.equal(peer.agent.selectedPath, undefined);
    assert.equal(peer.agent.nextTimeoutAtMs, Infinity);
  }
});

test("an outage of fifteen seconds is survived and told", () => {
  const { simulation, a, b } = joined(
    (_packet, _random, nowMs) => nowMs >= 20_000 && nowMs < 35_000,
  );
  simulation.run(120_000);
  for (const peer of [a, b]) {
    assert.deepEqual(statesAfter(peer, 20_000), ["disconnected", "completed"]);
    assert.ok(peer.states.at(-1)!.atMs <= 37_000);
  }
});

test("a single lost consent check is not noticed: a quick one follows", () => {
  let dropped = 0;
  const { simulation, a } = joined((packet, _random, nowMs) => {
    if (nowMs < 2_000 || dropped > 0 || packet.from.address !== "192.0.2.1") return false;
    dropped++;
    return true;
  });
  simulation.run(60_000);
  assert.equal(dropped, 1);
  assert.deepEqual(statesAfter(a, 1_000), []);
});

test("a lossy path (20 % each way) stays connected for ten minutes", () => {
  const { simulation, a, b } = joined(
    (_packet, random, nowMs) => nowMs > 1_000 && random.fraction() < 0.2,
  );
  simulation.run(600_000);
  assert.ok(statesAfter(a, 1_000).length <= 2);
  assert.ok(statesAfter(b, 1_000).length <= 2);
  assert.equal(a.agent.state, "completed");
});

test("when the selected path breaks, another one takes over before consent ends", () => {
  const isCut: NonNullable<NetworkOptions["isLost"]> = ({ from, to }, _random, nowMs) =>
    nowMs >= 20_000 && (from.address.includes(":") || to.address.includes(":"));
  const { simulation, a, b } = joined(
    isCut,
    { addresses: ["2001:db8::1", "192.0.2.1"] },
    { addresses: ["2001:db8::2", "192.0.2.2"] },
  );
  assert.equal(a.agent.selectedPair?.local.address, "2001:db8::1");
  simulation.run(60_000);
  for (const peer of [a, b]) {
    assert.equal(peer.agent.state, "completed", peer.failureText());
    assert.ok(peer.states.at(-1)!.atMs <= 30_000);
  }
  assert.equal(a.agent.selectedPair?.local.address, "192.0.2.1");
  assert.equal(b.agent.selectedPair?.local.address, "192.0.2.2");
});

test("while disconnected a new remote candidate can save the connection", () => {
  const { simulation, a, b } = joined(
    ({ from, to }, _random, nowMs) =>
      nowMs >= 20_000 && (from.address === "192.0.2.2" || to.address === "192.0.2.2"),
  );
  simulation.run(30_000);
  assert.equal(a.agent.state, "disconnected");
  // b has moved: it checks from elsewhere, with the credentials that a knows.
  const [socketId] = b.sockets.keys();
  b.sockets.set(socketId!, { address: "203.0.113.2", port: 7_000 });
  const moved = { ...b.candidates()[0]!, address: "203.0.113.2", port: 7_000 };
  simulation.do(() => a.agent.addRemoteCandidate(moved, simulation.nowMs));
  simulation.run(36_000);
  assert.equal(a.agent.selectedPair?.remote.address, "203.0.113.2");
  assert.equal(a.agent.state, "completed");
});

test("the first sign of life while disconnected is followed up at once", () => {
  // Everything is lost for a while; then only b's own checks come through, once a second at most.
  const { simulation, a } = joined((_packet, _random, nowMs) => nowMs >= 20_000 && nowMs < 40_000);
  simulation.run(60_000);
  const restored = a.states.find((entry) => entry.atMs > 40_000);
  assert.equal(restored?.state, "completed");
  assert.ok(restored.atMs <= 41_050);
});
