import assert from "node:assert/strict";
import { test } from "vitest";
import { countReceived, countSent, createTraffic } from "./path-traffic.ts";
import { IceSimulation } from "../../test/ice/simulation.ts";

test("packets, bytes and the last instant are counted, each way apart (webrtc-stats, RTCIceCandidatePairStats)", () => {
  const traffic = createTraffic();
  countSent(traffic, 100, 7);
  countSent(traffic, 20, 9);
  countReceived(traffic, 5, 8);
  assert.deepEqual(traffic, {
    packetsSent: 2,
    bytesSent: 120,
    lastSentAtMs: 9,
    packetsReceived: 1,
    bytesReceived: 5,
    lastReceivedAtMs: 8,
  });
});

test("an instant that never was is no number of the clock", () => {
  const { lastSentAtMs, lastReceivedAtMs } = createTraffic();
  assert.deepEqual([lastSentAtMs, lastReceivedAtMs].map(Number.isFinite), [false, false]);
});

test("who sends along a path and who hears from it count on the same pair", () => {
  const simulation = new IceSimulation({});
  const a = simulation.addPeer("a", { role: "controlling", addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { role: "controlled", addresses: ["192.0.2.2"] });
  simulation.connect(a, b);
  simulation.run(1_000);
  const { socketId, remoteAddress, remotePort, traffic } = a.agent.selectedPath!;
  assert.equal(a.agent.knownTraffic(socketId, remoteAddress, remotePort), traffic);
  assert.equal(a.agent.knownTraffic(socketId, "192.0.2.99", remotePort), undefined);
  countSent(traffic, 3, 1_000);
  const { pairs, selectedPairId } = a.agent.statistics;
  assert.equal(pairs.find(({ id }) => id === selectedPairId)?.traffic.bytesSent, 3);
});

test("a request that is repeated is one request (webrtc-stats, requestsSent: not including retransmissions)", () => {
  const simulation = new IceSimulation({ isLost: () => true });
  const a = simulation.addPeer("a", { role: "controlling", addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { role: "controlled", addresses: ["192.0.2.2"] });
  simulation.connect(a, b);
  simulation.run(2_000);
  const [pair] = a.agent.pairs;
  assert.equal(pair?.requestsSent, 1);
  assert.ok(pair!.retransmissionsSent > 0);
});

test("an address is signaled as soon as any candidate of the peer names it (webrtc-stats, address)", () => {
  const simulation = new IceSimulation({});
  const a = simulation.addPeer("a", { role: "controlling", addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { role: "controlled", addresses: ["192.0.2.2"] });
  simulation.connect(a, b);
  simulation.run(1_000);
  const known = a.agent.statistics.remoteCandidates;
  assert.ok(known.length > 0);
  assert.ok(known.every(({ isAddressSignaled }) => isAddressSignaled));
  assert.ok(known.every(({ candidate }) => candidate.ufrag === b.agent.localParameters.ufrag));
});
