import assert from "node:assert/strict";
import { test } from "vitest";
import { IceSimulation } from "../../test/ice/simulation.ts";
import type { NetworkOptions, Peer } from "../../test/ice/simulation.ts";
import type { IceCandidate } from "./index.ts";

const PARAMETERS = { ufrag: "peer", password: "p".repeat(24) };

function hostCandidate(address: string, port = 4_000): IceCandidate {
  return {
    foundation: "1",
    component: 1,
    transport: "udp",
    priority: 2_130_706_431,
    address,
    port,
    type: "host",
  };
}

function lonely(options: Partial<Parameters<IceSimulation["addPeer"]>[1]> = {}): {
  simulation: IceSimulation;
  a: Peer;
} {
  const simulation = new IceSimulation();
  const a = simulation.addPeer("a", { addresses: ["192.0.2.2"], ...options });
  simulation.gather(a);
  return { simulation, a };
}

function failureOf(peer: Peer): { code: string; spec: string; message: string } | undefined {
  const failures = peer.events.flatMap((event) =>
    event.kind === "stateChanged" && event.failure ? [event.failure] : [],
  );
  assert.ok(failures.length <= 1, "a failure is reported once");
  return failures[0];
}

test("silence fails with what was sent where, 20 s after the last thing to try (RFC 8863 §4)", () => {
  const { simulation, a } = lonely();
  simulation.do(() => {
    a.agent.setRemoteParameters(PARAMETERS, 0);
    a.agent.addRemoteCandidate(hostCandidate("198.51.100.1"), 0);
    a.agent.endOfRemoteCandidates(0);
  });
  simulation.run(60_000);
  assert.equal(a.reachedAtMs("failed"), 20_000);
  const failure = failureOf(a);
  assert.equal(failure?.code, "ERR_NO_CANDIDATE_PAIR");
  assert.match(failure.message, /none of 1 candidate pair worked/);
  assert.match(
    failure.message,
    /sent 10 checks 192\.0\.2\.2:\d+ -> 198\.51\.100\.1:4000, no answer/,
  );
  assert.equal(a.agent.nextTimeoutAtMs, Infinity);
});

test("retransmissions back off to two seconds (RFC 8445 §14.3, RFC 8489 §6.2.1)", () => {
  const { simulation, a } = lonely();
  simulation.do(() => {
    a.agent.setRemoteParameters(PARAMETERS, 0);
    a.agent.addRemoteCandidate(hostCandidate("198.51.100.1"), 0);
  });
  simulation.run(60_000);
  assert.deepEqual(
    a.sent.map(({ atMs }) => atMs),
    [0, 500, 1_500, 3_500, 5_500, 7_500, 9_500, 11_500, 13_500, 15_500],
  );
  assert.equal(a.reachedAtMs("failed"), 30_000); // More candidates could have come.
});

test("without any remote candidate it says so", () => {
  const { simulation, a } = lonely();
  simulation.do(() => a.agent.setRemoteParameters(PARAMETERS, 0));
  simulation.run(60_000);
  assert.equal(a.reachedAtMs("failed"), 30_000);
  assert.match(failureOf(a)!.message, /no remote candidates arrived/);
});

test("before the peer's parameters come, patience has no end", () => {
  const { simulation, a } = lonely();
  simulation.run(3_600_000);
  assert.equal(a.agent.state, "new");
});

test("a late candidate renews the patience", () => {
  const { simulation, a } = lonely();
  simulation.do(() => a.agent.setRemoteParameters(PARAMETERS, 0));
  simulation.at(29_000, () => a.agent.addRemoteCandidate(hostCandidate("198.51.100.1"), 29_000));
  simulation.run(100_000);
  assert.equal(a.reachedAtMs("checking"), 29_000);
  assert.equal(a.reachedAtMs("failed"), 59_000);
});

test("candidates that cannot be used are counted and explained, not an error", () => {
  const { simulation, a } = lonely();
  const base = hostCandidate("198.51.100.1");
  simulation.do(() => {
    a.agent.setRemoteParameters(PARAMETERS, 0);
    a.agent.addRemoteCandidate({ ...base, transport: "tcp", tcpType: "active", port: 9 }, 0);
    a.agent.addRemoteCandidate({ ...base, address: "f00-baa.local" }, 0);
    a.agent.addRemoteCandidate({ ...base, address: "example.org" }, 0);
    a.agent.addRemoteCandidate({ ...base, address: "224.0.0.1" }, 0);
    a.agent.addRemoteCandidate({ ...base, port: 0 }, 0);
    a.agent.addRemoteCandidate({ ...base, ufrag: "else" }, 0);
    a.agent.addRemoteCandidate({ ...base, address: "2001:db8::9" }, 0);
    a.agent.addRemoteCandidate({ ...base, address: "2001:DB8::9" }, 0);
  });
  assert.deepEqual(a.agent.diagnostics.unusableRemoteCandidates, {
    tcp: 1,
    mdnsName: 1,
    notIpAddress: 1,
    notUnicast: 2,
    otherGeneration: 1,
    duplicate: 1,
  });
  simulation.run(60_000);
  const { message } = failureOf(a)!;
  assert.match(message, /no local candidate fits a remote one/);
  assert.match(message, /ignored 1 remote candidate for TCP/);
  assert.match(message, /ignored 1 remote candidate with a \.local name/);
  assert.equal(a.sent.length, 0);
});

test("a machine without usable addresses is our own fault, and says so", () => {
  const { simulation, a } = lonely({ addresses: ["192.0.2.2"], unbindable: ["192.0.2.2"] });
  assert.equal(a.agent.gatheringState, "complete");
  simulation.do(() => {
    a.agent.setRemoteParameters(PARAMETERS, 0);
    a.agent.addRemoteCandidate(hostCandidate("198.51.100.1"), 0);
    a.agent.endOfRemoteCandidates(0);
  });
  simulation.run(60_000);
  assert.equal(failureOf(a)?.code, "ERR_LOCAL_RESOURCE");
  assert.match(failureOf(a)!.message, /could not use 192\.0\.2\.2: EADDRNOTAVAIL/);
});

test("without any socket it fails as soon as the peer's parameters are known, with the reason", () => {
  const reasons = [
    { options: { addresses: [] }, reason: /there is none, or the settings exclude them all/ },
    { options: { unbindable: ["192.0.2.2"] }, reason: /could not use 192\.0\.2\.2: EADDRNOTAVAIL/ },
    { options: { transportPolicy: "relay" as const }, reason: /relays \(TURN\) are not supported/ },
  ];
  for (const { options, reason } of reasons) {
    const { simulation, a } = lonely(options);
    simulation.run(60_000);
    assert.equal(a.agent.state, "new", "there is no peer yet");
    simulation.do(() => a.agent.setRemoteParameters(PARAMETERS, 60_000));
    assert.equal(a.reachedAtMs("failed"), 60_000);
    assert.equal(failureOf(a)?.code, "ERR_LOCAL_RESOURCE");
    assert.match(failureOf(a)!.message, reason);
  }
});

test("while an address is still being bound, or another one works, nothing fails", () => {
  const simulation = new IceSimulation();
  const addresses = ["192.0.2.1", "192.0.2.2"];
  const a = simulation.addPeer("a", { addresses, unbindable: ["192.0.2.1"] });
  simulation.do(() => a.agent.setRemoteParameters(PARAMETERS, 0));
  simulation.gather(a);
  simulation.run(29_000);
  assert.equal(a.agent.state, "new");
  const [socketId] = a.sockets.keys();
  simulation.do(() => a.agent.handleSocketFailed(socketId!, "ENETDOWN", 29_000));
  assert.equal(a.reachedAtMs("failed"), 29_000);
  assert.match(failureOf(a)!.message, /could not use 192\.0\.2\.2: ENETDOWN/);
});

test("loss in one direction fails on both sides; the deaf one tells of the checks it got", () => {
  const isLost: NetworkOptions["isLost"] = ({ to }) => to.address === "192.0.2.1";
  const simulation = new IceSimulation({ isLost: isLost! });
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.connect(a, b);
  simulation.run(120_000);
  assert.equal(a.agent.state, "failed");
  assert.equal(b.agent.state, "failed");
  assert.match(b.failureText(), /received 10 checks/);
});

test("after failure nothing revives it: no check is answered, no event follows", () => {
  const simulation = new IceSimulation({ isLost: (_packet, _random, nowMs) => nowMs < 35_000 });
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.connect(a, b);
  simulation.run(34_000);
  assert.equal(a.agent.state, "failed");
  const c = simulation.addPeer("c", { addresses: ["192.0.2.3"], role: "controlled" });
  const { length } = a.events;
  simulation.signal(a, c, 0); // c knows a's parameters and candidates and checks it.
  simulation.do(() => {
    c.agent.setRemoteParameters(a.agent.localParameters, 34_000);
    c.agent.addRemoteCandidate(a.candidates()[0]!, 34_000);
    a.agent.addRemoteCandidate(hostCandidate("192.0.2.3"), 34_000);
    a.agent.setRole("controlled", 34_000);
  });
  simulation.gather(c);
  simulation.run(50_000);
  assert.equal(a.agent.state, "failed");
  assert.equal(a.events.length, length);
  assert.equal(c.agent.pairs[0]?.responsesReceived, 0);
});

test("a peer that refuses without signing is told of in the reason (RFC 8489 §9.1.4)", () => {
  const simulation = new IceSimulation();
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.gather(a);
  simulation.gather(b);
  simulation.do(() => {
    // The right candidate, the password of somebody else.
    a.agent.setRemoteParameters({ ...b.agent.localParameters, password: "w".repeat(24) }, 0);
    a.agent.addRemoteCandidate(b.candidates()[0]!, 0);
    a.agent.endOfRemoteCandidates(0);
  });
  simulation.run(60_000);
  assert.match(failureOf(a)!.message, /peer refused with an unsigned error 401/);
  assert.ok(b.agent.diagnostics.unauthenticatedRequests > 0);
});

test("a selected socket that dies gives way to another path", () => {
  const simulation = new IceSimulation({ delayMs: 5 });
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1", "198.51.100.1"] });
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.connect(a, b);
  simulation.run(2_000);
  const lost = a.agent.selectedPath!.socketId;
  a.sockets.delete(lost);
  simulation.do(() => a.agent.handleSocketFailed(lost, "ENETDOWN", simulation.nowMs));
  assert.ok(!a.agent.isKnownPath(lost, "192.0.2.2", a.agent.selectedPath?.remotePort ?? 0));
  simulation.run(40_000);
  assert.ok(a.agent.selectedPath && a.agent.selectedPath.socketId !== lost);
  assert.equal(a.agent.state, "completed");
  assert.equal(b.agent.state, "completed");
  assert.equal(b.agent.selectedPair?.remote.address, a.agent.selectedPair?.local.address);
});

test("the last socket that dies ends the connection at once with the reason: no other can come", () => {
  const simulation = new IceSimulation({ delayMs: 5 });
  const a = simulation.addPeer("a", { addresses: ["192.0.2.1"] });
  const b = simulation.addPeer("b", { addresses: ["192.0.2.2"], role: "controlled" });
  simulation.connect(a, b);
  simulation.run(1_000);
  const { socketId } = a.agent.selectedPath!;
  simulation.do(() => a.agent.handleSocketFailed(socketId, "ENETDOWN", 1_000));
  assert.equal(a.agent.selectedPath, undefined);
  assert.equal(a.reachedAtMs("failed"), 1_000);
  assert.match(a.failureText(), /ENETDOWN/);
});
