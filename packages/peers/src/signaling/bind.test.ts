import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeNetwork } from "../../test/fake-connection.ts";
import { ManualClock } from "../../test/manual-clock.ts";
import { settle } from "../../test/settle.ts";
import { DataReceiver } from "../data-receiver.ts";
import { DataSender } from "../data-sender.ts";
import type { PeerEvent } from "../peer-event.ts";
import { bindReceiver, bindSender } from "./bind.ts";
import { InMemorySignaling } from "./in-memory-signaling.ts";
import type { IncomingSignal, SignalingEvent } from "./signal.ts";

function setUp(hasReports = false) {
  const network = new FakeNetwork();
  const clock = new ManualClock();
  const room = new InMemorySignaling();
  const { RTCPeerConnection } = network;
  const problems: string[] = [];
  const onProblem = (problem: string): void => void problems.push(problem);
  const sender = new DataSender({ RTCPeerConnection, clock });
  const senderSignaling = room.join({ role: "sender", id: "s" });
  bindSender(sender, senderSignaling, { hasReports, onProblem });
  const addReceiver = (id: string) => {
    const receiver = new DataReceiver({ RTCPeerConnection, clock });
    const signaling = room.join({ role: "receiver", id });
    const heard: SignalingEvent[] = [];
    signaling.subscribe((event) => heard.push(event));
    bindReceiver(receiver, signaling, { hasReports, onProblem });
    return { receiver, signaling, heard };
  };
  return { network, clock, room, sender, senderSignaling, addReceiver, problems };
}

const kindsOf = (events: readonly SignalingEvent[]): string[] => events.map(({ kind }) => kind);

async function connectAll({ network }: ReturnType<typeof setUp>): Promise<void> {
  await settle();
  for (const connection of network.connections) {
    if (connection.connectionState === "new") connection.connect();
  }
  await settle();
}

test("a request leads to offer, answer and candidates, and then to data (figure 2)", async () => {
  const setting = setUp();
  const { receiver, signaling, heard } = setting.addReceiver("r");
  signaling.send({ kind: "offerRequest" });
  await connectAll(setting);
  assert.equal(receiver.state, "connected");
  assert.deepEqual(kindsOf(heard), ["welcome", "offer", "candidate", "candidate"]);
  const [offering, answering] = setting.network.connections;
  assert.equal(offering?.takenCandidates.length, 2);
  assert.equal(answering?.takenCandidates.length, 2);
  const messages = receiver.messages();
  assert.deepEqual(await setting.sender.send("hello"), ["r"]);
  assert.equal((await messages.next()).value, "hello");
  assert.deepEqual(setting.problems, []);
});

test("candidates never overtake their description", async () => {
  const setting = setUp();
  const { signaling, heard } = setting.addReceiver("r");
  const atSender: IncomingSignal[] = [];
  setting.senderSignaling.subscribe((event) => void atSender.push(event as IncomingSignal));
  signaling.send({ kind: "offerRequest" });
  await connectAll(setting);
  assert.ok(kindsOf(heard).indexOf("offer") < kindsOf(heard).indexOf("candidate"));
  assert.ok(kindsOf(atSender).indexOf("answer") < kindsOf(atSender).indexOf("candidate"));
});

test("requests at once by the receiver and an observer give one connection (glare)", async () => {
  const setting = setUp();
  const { receiver, signaling } = setting.addReceiver("r");
  const observer = setting.room.join({ role: "observer", id: "o" });
  signaling.send({ kind: "offerRequest" });
  observer.send({ kind: "offerRequest", receiverId: "r" });
  await connectAll(setting);
  await connectAll(setting);
  assert.equal(receiver.state, "connected");
  assert.deepEqual(setting.sender.receiverIds, ["r"]);
  assert.equal(setting.sender.stateOf("r"), "connected");
});

test("attack: a request for another receiver does not reset its connection, up or on its way", async () => {
  const setting = setUp();
  const { receiver, signaling } = setting.addReceiver("r");
  const observer = setting.room.join({ role: "observer", id: "o" });
  const heard: SignalingEvent[] = [];
  observer.subscribe((event) => heard.push(event));
  signaling.send({ kind: "offerRequest" });
  for (let round = 0; round < 3; round++) {
    observer.send({ kind: "offerRequest", receiverId: "r" });
    await connectAll(setting);
  }
  assert.equal(receiver.state, "connected");
  assert.equal(setting.network.connections.length, 2);
  assert.deepEqual(kindsOf(heard), ["welcome", "bye", "bye", "bye"]);
  const problem =
    "the request of o is refused: r has a connection or an offer: only itself may ask for another";
  assert.deepEqual(new Set(setting.problems), new Set([problem]));
});

test("attack: a stranger's word that no offer is made is believed only by who waits for anybody's", async () => {
  const setting = setUp();
  const { receiver } = setting.addReceiver("r");
  const stranger = setting.room.join({ role: "observer", id: "x" });
  const refuse = () => stranger.send({ kind: "bye", to: "r", handshakeId: "none", reason: "ha" });
  refuse();
  await settle();
  receiver.expectSender("s");
  refuse();
  await settle();
  assert.deepEqual(setting.problems, ["no offer is made: ha"]);
});

test("a request for a receiver whose connection is down starts another", async () => {
  const setting = setUp();
  const { signaling } = setting.addReceiver("r");
  const observer = setting.room.join({ role: "observer", id: "o" });
  signaling.send({ kind: "offerRequest" });
  await connectAll(setting);
  setting.network.connections[0]?.become("disconnected");
  observer.send({ kind: "offerRequest", receiverId: "r" });
  await connectAll(setting);
  assert.equal(setting.sender.stateOf("r"), "connected");
  assert.equal(setting.network.connections.length, 4);
});

test("attack: a second sender in the room takes over no receiver; it hears why, and nobody else does", async () => {
  const setting = setUp(true);
  const { receiver, signaling, heard } = setting.addReceiver("r");
  signaling.send({ kind: "offerRequest" });
  await connectAll(setting);
  const { RTCPeerConnection } = setting.network;
  const intruder = new DataSender({ RTCPeerConnection, clock: setting.clock });
  const events: PeerEvent[] = [];
  intruder.subscribe((event) => events.push(event));
  bindSender(intruder, setting.room.join({ role: "sender", id: "x" }));
  const before = heard.length;
  signaling.send({ kind: "offerRequest", senderId: "x" });
  await settle();
  assert.deepEqual([receiver.senderId, receiver.state], ["s", "connected"]);
  assert.deepEqual(intruder.receiverIds, []);
  const reason = "the offer of x is refused: this receiver keeps to s";
  assert.ok(events.some((event) => event.kind === "closed" && event.reason === reason));
  assert.deepEqual(setting.problems, []);
  assert.ok(!kindsOf(heard.slice(before)).includes("report"));
});

test("three receivers are served at once (1:N)", async () => {
  const setting = setUp();
  const receivers = ["r1", "r2", "r3"].map((id) => setting.addReceiver(id));
  for (const { signaling } of receivers) signaling.send({ kind: "offerRequest" });
  await connectAll(setting);
  assert.deepEqual((await setting.sender.send("x")).toSorted(), ["r1", "r2", "r3"]);
});

test("hanging up says bye: the other side releases at once", async () => {
  const setting = setUp();
  const { receiver, signaling } = setting.addReceiver("r");
  signaling.send({ kind: "offerRequest" });
  await connectAll(setting);
  receiver.hangUp("enough");
  await settle();
  assert.deepEqual(setting.sender.receiverIds, []);
});

test("a new handshake's bye for the old one does not end the new one", async () => {
  const setting = setUp();
  const { receiver, signaling } = setting.addReceiver("r");
  for (let round = 0; round < 3; round++) {
    signaling.send({ kind: "offerRequest" });
    await connectAll(setting);
  }
  assert.equal(receiver.state, "connected");
  assert.equal(setting.sender.stateOf("r"), "connected");
});

test("a receiver that vanishes in the middle of its handshake is released", async () => {
  const setting = setUp();
  const { signaling } = setting.addReceiver("r");
  signaling.send({ kind: "offerRequest" });
  await settle();
  signaling.close("crashed");
  await settle();
  assert.deepEqual(setting.sender.receiverIds, []);
});

test("an answer for nobody is a problem that is told, and no more", async () => {
  const setting = setUp();
  const { signaling } = setting.addReceiver("r");
  signaling.send({ kind: "answer", to: "s", handshakeId: "h", sdp: "" });
  await settle();
  assert.deepEqual(setting.problems, ["there is no connection to r"]);
});

test("steps are reported to the room only when asked for, and never a description", async () => {
  for (const hasReports of [false, true]) {
    const setting = setUp(hasReports);
    const observer = setting.room.join({ role: "observer", id: "o" });
    const heard: SignalingEvent[] = [];
    observer.subscribe((event) => heard.push(event));
    setting.addReceiver("r").signaling.send({ kind: "offerRequest" });
    await connectAll(setting);
    await setting.sender.send("secret");
    await settle();
    const steps = new Set(heard.map((event) => event.kind === "report" && event.report.step));
    assert.equal(steps.has("answerApplied"), hasReports);
    assert.equal(steps.has("channelOpen"), hasReports);
    assert.doesNotMatch(JSON.stringify(heard), /secret|"sdp"/);
  }
});

test("after unbinding, signals change nothing", async () => {
  const { network, clock, room } = setUp();
  const sender = new DataSender({ RTCPeerConnection: network.RTCPeerConnection, clock });
  const stop = bindSender(sender, room.join({ role: "sender", id: "s2" }));
  stop();
  room.join({ role: "receiver", id: "r" }).send({ kind: "offerRequest", senderId: "s2" });
  await settle();
  assert.deepEqual(sender.receiverIds, []);
});

test("a receiver whose request is not granted hears why", async () => {
  const { network, room, addReceiver, problems, senderSignaling } = setUp();
  senderSignaling.close();
  const sender = new DataSender({ RTCPeerConnection: network.RTCPeerConnection, maxReceivers: 0 });
  bindSender(sender, room.join({ role: "sender" }));
  addReceiver("r").signaling.send({ kind: "offerRequest" });
  await settle();
  assert.deepEqual(problems, ["no offer is made: no more than 0 receivers are served"]);
});
