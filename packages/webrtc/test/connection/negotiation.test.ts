import assert from "node:assert/strict";
import { test } from "vitest";

import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { Lab, observe, record, trickle } from "./support/lab.ts";

test("setLocalDescription without argument makes what the state calls for (webrtc-pc §4.4.2, step 4.1)", async () => {
  const lab = new Lab();
  const offerer = lab.connection();
  const answerer = lab.connection();
  offerer.createDataChannel("x");
  await lab.run(offerer.setLocalDescription());
  assert.equal(offerer.pendingLocalDescription?.type, "offer");
  assert.equal(offerer.localDescription, offerer.pendingLocalDescription, "the same object");
  await lab.run(offerer.setLocalDescription());
  assert.equal(offerer.signalingState, "have-local-offer");
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  await lab.run(answerer.setLocalDescription({ type: "pranswer" }));
  assert.equal(answerer.signalingState, "have-local-pranswer");
  assert.equal(answerer.pendingLocalDescription?.type, "pranswer");
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  assert.equal(offerer.signalingState, "have-remote-pranswer");
  await lab.run(answerer.setLocalDescription());
  assert.equal(answerer.currentLocalDescription?.type, "answer");
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  assert.equal(offerer.signalingState, "stable");
  assert.equal(offerer.pendingLocalDescription, null);
  assert.equal(offerer.currentLocalDescription?.type, "offer");
  assert.equal(offerer.currentRemoteDescription?.type, "answer");
  await lab.close();
});

test("a provisional answer is enough to connect, and the answer changes nothing (RFC 9429 §4.1.10.1)", async () => {
  const lab = new Lab();
  const offerer = lab.connection();
  const answerer = lab.connection();
  trickle(offerer, answerer);
  const channel = offerer.createDataChannel("x");
  await lab.run(offerer.setLocalDescription());
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  await lab.run(answerer.setLocalDescription({ type: "pranswer" }));
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  assert.equal(typeof channel.id, "number", "the DTLS role is known");
  await lab.world.advanceUntil(() => channel.readyState === "open");
  await lab.run(answerer.setLocalDescription());
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  await lab.world.advance(5_000);
  assert.equal(offerer.connectionState, "connected");
  assert.match(
    answerer.localDescription!.sdp,
    /a=candidate:/,
    "what was gathered is in the answer",
  );
  await lab.close();
});

test("gathered candidates survive when an offer that was made before is set again", async () => {
  const lab = new Lab();
  const connection = lab.connection();
  connection.createDataChannel("x");
  const offer = await lab.run(connection.createOffer());
  await lab.run(connection.setLocalDescription(offer));
  await lab.settleNow();
  const gathered = connection.localDescription!.sdp;
  assert.match(gathered, /a=candidate:[^]*a=end-of-candidates/);
  await lab.run(connection.setLocalDescription(offer));
  assert.equal(connection.localDescription!.sdp, gathered);
  await lab.close();
});

test("channel ids follow the DTLS role and are there when the answer is set (RFC 8832 §6)", async () => {
  const lab = new Lab();
  const offerer = lab.connection();
  const answerer = lab.connection();
  const channels = [offerer.createDataChannel("a"), offerer.createDataChannel("b")];
  const theirs = answerer.createDataChannel("c");
  await lab.run(offerer.setLocalDescription());
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  assert.equal(theirs.id, null);
  await lab.run(answerer.setLocalDescription());
  assert.equal(theirs.id, 0, "the answerer is the DTLS client: even");
  assert.deepEqual([channels[0]!.id, channels[1]!.id], [null, null]);
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  assert.deepEqual([channels[0]!.id, channels[1]!.id], [1, 3], "the server: odd");
  assert.equal(offerer.createDataChannel("d").id, 5);
  await lab.close();
});

test("an id that is taken, or none left, is an OperationError and creates nothing (webrtc-pc §6.1, step 18)", async () => {
  const lab = new Lab();
  const connection = lab.connection();
  connection.createDataChannel("a", { negotiated: true, id: 4 });
  assert.throws(() => connection.createDataChannel("b", { negotiated: true, id: 4 }), {
    name: "OperationError",
  });
  assert.equal(connection.createDataChannel("c", { negotiated: true, id: 5 }).id, 5);
  await lab.close();
});

test("the largest id can be used, since maxChannels is all that SCTP has (webrtc-pc §6.1.1.3)", async () => {
  const lab = new Lab();
  const { offerer } = await lab.connectedPair();
  assert.equal(offerer.sctp?.maxChannels, 65_535);
  const channel = offerer.createDataChannel("last", { negotiated: true, id: 65_534 });
  await lab.world.advance(100);
  assert.equal(channel.readyState, "open");
  await lab.close();
});

test("the SCTP transport exists from the offer on, at both sides (webrtc-pc §4.4.1.5, step 5.6)", async () => {
  const lab = new Lab();
  const offerer = lab.connection();
  const answerer = lab.connection();
  offerer.createDataChannel("x");
  assert.equal(offerer.sctp, null);
  await lab.run(offerer.setLocalDescription());
  const sctp = offerer.sctp!;
  const { iceTransport } = sctp.transport;
  assert.deepEqual([sctp.state, sctp.maxMessageSize, sctp.maxChannels], ["connecting", null, null]);
  assert.deepEqual([sctp.transport.state, iceTransport.state], ["new", "new"]);
  assert.equal(iceTransport.role, "controlling");
  assert.equal(iceTransport.getRemoteParameters(), null);
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  const farIce = answerer.sctp!.transport.iceTransport;
  assert.equal(farIce.role, "controlled");
  assert.equal(farIce.getLocalParameters(), null);
  assert.deepEqual(farIce.getRemoteParameters(), iceTransport.getLocalParameters());
  await lab.run(answerer.setLocalDescription());
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  assert.deepEqual(farIce.getLocalParameters(), iceTransport.getRemoteParameters());
  assert.equal(offerer.sctp, sctp, "the same object for ever");
  assert.equal(sctp.maxMessageSize, 262_144);
  await lab.close();
});

test.each([
  ["a=max-message-size:1000", 1000],
  ["a=max-message-size:0", 16 * 1024 * 1024],
  ["a=max-message-size:99999999999", 16 * 1024 * 1024],
  ["a=x-other", 65_536],
] as const)(
  "with %s in the answer maxMessageSize is %d (webrtc-pc §6.1.1.2)",
  async (line, expected) => {
    const lab = new Lab();
    const offerer = lab.connection();
    const answerer = lab.connection();
    offerer.createDataChannel("x");
    await lab.run(offerer.setLocalDescription());
    await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
    const { type, sdp } = await lab.run(answerer.createAnswer());
    const changed = sdp!.replace(/a=max-message-size:\d+/, line);
    await lab.run(offerer.setRemoteDescription({ type, sdp: changed }));
    assert.equal(offerer.sctp?.maxMessageSize, expected);
    await lab.close();
  },
);

test("canTrickleIceCandidates is null, then what the peer says (RFC 9429 §4.1.17)", async () => {
  const lab = new Lab();
  const peer = lab.connection();
  peer.createDataChannel("x");
  const { sdp } = await lab.run(peer.createOffer());
  for (const [text, expected] of [
    [sdp!, true],
    [sdp!.replace("trickle ice2", "ice2"), false],
    [sdp!.replace(/a=ice-options.*\r\n/, ""), false],
  ] as const) {
    const connection = lab.connection();
    assert.equal(connection.canTrickleIceCandidates, null);
    await lab.run(connection.setRemoteDescription({ type: "offer", sdp: text }));
    assert.equal(connection.canTrickleIceCandidates, expected);
  }
  await lab.close();
});

test.each(["setLocalDescription", "setRemoteDescription"] as const)(
  "%s(rollback) forgets an offer of either side, its transports and its gathering (RFC 9429 §5.7)",
  async (method) => {
    const lab = new Lab();
    const connection = lab.connection();
    connection.createDataChannel("x");
    await lab.settleNow();
    const before = observe(connection);
    await lab.run(connection.setLocalDescription());
    await lab.settleNow();
    const { sctp } = connection;
    const { transport } = sctp!;
    assert.equal(connection.iceGatheringState, "complete");
    const log = record(connection);
    transport.iceTransport.addEventListener("statechange", () => log.push("ice closed"));
    sctp!.addEventListener("statechange", () => log.push("sctp closed"));
    await lab.run(connection[method]({ type: "rollback" }));
    log.push("- resolved");
    assert.equal(connection.sctp, null);
    await lab.settleNow();
    assert.deepEqual(observe(connection), before);
    assert.deepEqual(log, [
      "signalingstatechange stable",
      "- resolved",
      "sctp closed",
      "ice closed",
      "icegatheringstatechange new",
      "negotiationneeded",
    ]);
    const peer = lab.connection();
    peer.createDataChannel("y");
    const offer = await lab.run(peer.createOffer());
    await lab.run(connection.setRemoteDescription(offer));
    await lab.run(connection[method]({ type: "rollback" }));
    assert.equal(connection.remoteDescription, null);
    assert.equal(connection.sctp, null);
    await lab.close();
  },
);

test("a rollback of a renegotiation keeps the connection as it is (webrtc-pc §4.4.1.5)", async () => {
  const lab = new Lab();
  const { offerer, answerer } = await lab.connectedPair();
  const { sctp } = offerer;
  const before = observe(offerer);
  const log = record(offerer);
  await lab.run(offerer.setLocalDescription());
  await lab.run(offerer.setLocalDescription({ type: "rollback" }));
  await lab.run(answerer.setLocalDescription());
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  await lab.run(offerer.setRemoteDescription({ type: "rollback" }));
  await lab.world.advance(1_000);
  assert.deepEqual(observe(offerer), before);
  assert.equal(offerer.sctp, sctp);
  assert.deepEqual(
    log,
    ["have-local-offer", "stable", "have-remote-offer", "stable"].map(
      (state) => `signalingstatechange ${state}`,
    ),
  );
  await lab.close();
});

test("an offer of the peer in have-local-offer rolls the own one back first (webrtc-pc §4.4.2, step 3.1)", async () => {
  const lab = new Lab();
  const [a, b] = [lab.connection(), lab.connection()];
  trickle(a, b);
  const [near, far] = [a.createDataChannel("a"), b.createDataChannel("b")];
  await lab.settleNow();
  await lab.run(a.setLocalDescription());
  await lab.run(b.setLocalDescription());
  const log = record(a);
  await lab.run(a.setRemoteDescription(b.localDescription!));
  assert.deepEqual(
    log.filter((line) => !line.startsWith("ice")),
    ["signalingstatechange stable", "signalingstatechange have-remote-offer"],
  );
  await lab.run(a.setLocalDescription());
  await lab.run(b.setRemoteDescription(a.localDescription!));
  await lab.world.advanceUntil(() => near.readyState === "open" && far.readyState === "open");
  assert.equal(log.filter((line) => line === "negotiationneeded").length, 0, "nothing is left");
  await lab.close();
});

test("operations run one after another, and what is refused before it begins is refused at once (webrtc-pc §4.4.1.2)", async () => {
  const lab = new Lab();
  const connection = lab.connection();
  connection.createDataChannel("x");
  const order: string[] = [];
  const note = (name: string) => () => order.push(name);
  const all = [
    connection.setLocalDescription().then(note("offer set")),
    connection.createOffer().then(note("offer created")),
    connection.createAnswer().catch(note("answer refused")),
    connection.setLocalDescription({ type: "rollback" }).then(note("rolled back")),
    connection.addIceCandidate({}).catch(note("candidate refused")),
  ];
  await lab.run(Promise.all(all));
  assert.deepEqual(order, [
    "offer set",
    "offer created",
    "answer refused",
    "rolled back",
    "candidate refused",
  ]);
  let isRefused = false;
  connection.createAnswer().catch(() => (isRefused = true));
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  assert.ok(isRefused, "without a task");
  await lab.close();
});

test("on a closed connection every operation is an InvalidStateError, and one under way stays pending (webrtc-pc §4.4.1.2)", async () => {
  const lab = new Lab();
  const connection = lab.connection();
  connection.createDataChannel("x");
  let isSettled = false;
  const pending = connection.createOffer();
  void pending.finally(() => (isSettled = true)).catch(() => {});
  connection.close();
  for (const attempt of [
    () => connection.createOffer(),
    () => connection.createAnswer(),
    () => connection.setLocalDescription(),
    () => connection.setRemoteDescription({ type: "offer", sdp: "" }),
    () => connection.addIceCandidate({}),
  ]) {
    await assert.rejects(attempt(), { name: "InvalidStateError" });
  }
  assert.throws(() => connection.createDataChannel("y"), { name: "InvalidStateError" });
  assert.throws(() => connection.setConfiguration({}), { name: "InvalidStateError" });
  assert.deepEqual(connection.getConfiguration().iceServers, []);
  await lab.world.advance(1_000);
  assert.equal(isSettled, false);
});

test("a data section that the peer refuses closes the transports, and is not asked for again and again", async () => {
  const lab = new Lab();
  const offerer = lab.connection();
  const answerer = lab.connection();
  offerer.createDataChannel("x");
  await lab.run(offerer.setLocalDescription());
  await lab.settleNow();
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  const { sdp } = await lab.run(answerer.createAnswer());
  const log = record(offerer);
  const refusal = sdp!.replace("m=application 9", "m=application 0");
  await lab.run(offerer.setRemoteDescription({ type: "answer", sdp: refusal }));
  assert.equal(offerer.sctp, null);
  await lab.world.advance(1_000);
  assert.deepEqual(log, ["signalingstatechange stable", "icegatheringstatechange new"]);
  assert.equal(offerer.connectionState, "new");
  await lab.close();
});

test("a channel that is created when SCTP has ended fails with a reason, in events (webrtc-pc §6.1, step 23)", async () => {
  const lab = new Lab();
  const { offerer, answerer } = await lab.connectedPair();
  answerer.close();
  await lab.world.advance(100);
  assert.equal(offerer.sctp!.state, "closed");
  const log: string[] = [];
  const channel = offerer.createDataChannel("too late", { negotiated: true, id: 9 });
  assert.deepEqual([channel.id, channel.readyState], [9, "connecting"]);
  channel.addEventListener("error", ({ error }) => log.push(error.errorDetail, error.message));
  channel.addEventListener("close", () => log.push(channel.readyState));
  await lab.settleNow();
  assert.deepEqual(log, [
    "data-channel-failure",
    "the data channels of this connection have ended; make a new connection",
    "closed",
  ]);
  const last = offerer.createDataChannel("later still");
  offerer.close();
  assert.equal(last.readyState, "closed");
  await lab.close();
});

test("the addresses of the machine are asked for once for each ICE generation, not for each description", async () => {
  const lab = new Lab();
  let asked = 0;
  const interfaceFilter = (): boolean => asked++ >= 0;
  const [offerer, answerer] = [lab.connection({}, { interfaceFilter }), lab.connection()];
  trickle(offerer, answerer);
  offerer.createDataChannel("x");
  await lab.negotiate(offerer, answerer);
  const addresses = asked;
  await lab.negotiate(offerer, answerer);
  await lab.negotiate(answerer, offerer);
  assert.equal(asked, addresses);
  offerer.restartIce();
  await lab.negotiate(offerer, answerer);
  assert.equal(asked, 2 * addresses);
  await lab.close();
});

test("an offer that stops everything ends no transport: it may be taken back (RFC 9429 §5.7)", async () => {
  const lab = new Lab();
  const [offerer, answerer] = [lab.connection(), lab.connection()];
  trickle(offerer, answerer);
  const transceiver = offerer.addTransceiver("audio");
  await lab.negotiate(offerer, answerer);
  await lab.world.advanceUntil(() => answerer.connectionState === "connected");
  await lab.world.advance(1_000);
  const { transport } = transceiver.sender;
  const log = record(offerer);
  answerer.addTransceiver("video");
  transceiver.stop();
  await lab.run(offerer.setLocalDescription());
  assert.match(offerer.localDescription!.sdp, /^m=audio 0 /m);
  await lab.world.advance(1_000);
  assert.equal(offerer.connectionState, "connected");
  await lab.run(answerer.setLocalDescription());
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  await lab.run(offerer.setLocalDescription());
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  await lab.world.advance(1_000);
  const added = answerer
    .getTransceivers()
    .find(({ currentDirection }) => currentDirection !== "stopped");
  assert.equal(added!.sender.transport!.state, "connected");
  assert.equal(offerer.getTransceivers().at(-1)!.sender.transport, transport, "the same one");
  assert.ok(!log.some((line) => line.startsWith("connectionstatechange")), log.join());
  await lab.close();
});

test("the peer's parameters stay those of the bundle while an offer leaves out the section that has them", async () => {
  const lab = new Lab();
  const [offerer, answerer] = [lab.connection(), lab.connection()];
  trickle(offerer, answerer);
  offerer.addTransceiver("audio"); // By policy "balanced" each kind is offered with credentials of its own.
  offerer.createDataChannel("x");
  await lab.negotiate(offerer, answerer);
  await lab.world.advanceUntil(() => answerer.connectionState === "connected");
  const ice = answerer.sctp!.transport.iceTransport;
  const before = ice.getRemoteParameters();
  answerer.getTransceivers()[0]!.stop();
  await lab.run(answerer.setLocalDescription());
  assert.deepEqual(ice.getRemoteParameters(), before);
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  await lab.run(offerer.setLocalDescription());
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  await lab.world.advance(1_000);
  assert.deepEqual(ice.getRemoteParameters(), before);
  assert.equal(answerer.connectionState, "connected");
  await lab.close();
});

test("a transceiver that is stopped before it is offered leaves with the next negotiation, and asks for no other", async () => {
  const lab = new Lab();
  const [offerer, answerer] = [lab.connection(), lab.connection()];
  const log = record(offerer);
  const transceiver = offerer.addTransceiver("audio");
  transceiver.stop();
  await lab.negotiate(offerer, answerer);
  assert.equal(transceiver.currentDirection, "stopped");
  assert.deepEqual(offerer.getTransceivers(), []);
  const needed = (): number => log.filter((line) => line === "negotiationneeded").length;
  const count = needed();
  await lab.settleNow();
  await lab.negotiate(offerer, answerer);
  await lab.settleNow();
  assert.equal(needed(), count);
  await lab.close();
});

test("a thousand renegotiations leave nothing behind: same objects, same size of the descriptions", async () => {
  const lab = new Lab();
  const { offerer, answerer } = await lab.connectedPair();
  const { sctp } = offerer;
  const sizes = (connection: RTCPeerConnection): readonly number[] => [
    connection.localDescription!.sdp.replace(/o=.*/, "").length,
    connection.remoteDescription!.sdp.replace(/o=.*/, "").length,
    connection.sctp!.transport.iceTransport.getLocalCandidates().length,
    connection.sctp!.transport.iceTransport.getRemoteCandidates().length,
    lab.world.clock.queuedCount,
  ];
  await lab.negotiate(answerer, offerer);
  await lab.negotiate(offerer, answerer);
  const log = record(offerer);
  const before = [sizes(offerer), sizes(answerer)];
  for (let round = 0; round < 500; round++) {
    await lab.negotiate(answerer, offerer);
    await lab.negotiate(offerer, answerer);
  }
  assert.deepEqual([sizes(offerer), sizes(answerer)], before);
  assert.equal(offerer.sctp, sctp);
  assert.ok(log.every((line) => line.startsWith("signalingstatechange")));
  assert.equal(offerer.connectionState, "connected");
  const channel = offerer.createDataChannel("after all");
  await lab.world.advanceUntil(() => channel.readyState === "open");
  await lab.close();
});

test("a rollback brings back the ICE parameters that its offer has shown (webrtc-pc §4.4.1.5)", async () => {
  const lab = new Lab();
  const { offerer, answerer } = await lab.connectedPair();
  const { iceTransport } = answerer.sctp!.transport;
  const before = [iceTransport.getLocalParameters(), iceTransport.getRemoteParameters()];
  offerer.restartIce();
  await lab.run(offerer.setLocalDescription());
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  assert.notDeepEqual(iceTransport.getRemoteParameters(), before[1]);
  await lab.run(answerer.setRemoteDescription({ type: "rollback" }));
  const after = [iceTransport.getLocalParameters(), iceTransport.getRemoteParameters()];
  assert.deepEqual(after, before);
  const own = offerer.sctp!.transport.iceTransport;
  await lab.run(offerer.setLocalDescription({ type: "rollback" }));
  assert.deepEqual(own.getLocalParameters(), before[1]);
  await lab.close();
});
