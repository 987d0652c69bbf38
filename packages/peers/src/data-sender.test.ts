import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeNetwork } from "../test/fake-connection.ts";
import { ManualClock } from "../test/manual-clock.ts";
import { settle } from "../test/settle.ts";
import { DataReceiver } from "./data-receiver.ts";
import { DataSender } from "./data-sender.ts";
import { PeerGoneError, PeerUsageError } from "./errors.ts";
import type { PeerEvent } from "./peer-event.ts";

function setUp() {
  const network = new FakeNetwork();
  const clock = new ManualClock();
  const sender = new DataSender({ RTCPeerConnection: network.RTCPeerConnection, clock });
  const events: PeerEvent[] = [];
  sender.subscribe((event) => events.push(event));
  const kinds = (peerId: string): string[] =>
    events.filter((event) => event.peerId === peerId).map(({ kind }) => kind);
  return { network, clock, sender, events, kinds };
}

type Setting = ReturnType<typeof setUp>;

async function meet({ network, sender, clock }: Setting, id: string) {
  const receiver = new DataReceiver({ RTCPeerConnection: network.RTCPeerConnection, clock });
  const answer = await receiver.handleOffer(await sender.handleOfferRequest(id));
  await sender.handleAnswer(id, answer);
  const connection = network.find(answer.sdp)?.peer;
  connection?.connect();
  assert.ok(connection);
  return { receiver, connection };
}

const usageError = (code: PeerUsageError["code"]) => (error: unknown) =>
  error instanceof PeerUsageError && error.code === code;

test("an offer request gives the offer that was set as local description (figure 2, step 1)", async () => {
  const { network, sender, kinds } = setUp();
  const offer = await sender.handleOfferRequest("r1");
  assert.equal(offer.type, "offer");
  assert.equal(offer.sdp, network.connections[0]?.localDescription?.sdp);
  assert.match(offer.handshakeId, /^[0-9a-f]{24}$/);
  assert.equal(kinds("r1")[0], "offerRequested");
  assert.ok(kinds("r1").includes("offerCreated"));
});

test("an answer completes the handshake and the channel opens (figure 2, step 3)", async () => {
  const setting = setUp();
  await meet(setting, "r1");
  assert.equal(setting.sender.stateOf("r1"), "connected");
  assert.ok(setting.kinds("r1").includes("answerApplied"));
  assert.ok(setting.kinds("r1").includes("channelOpen"));
});

test("one sender serves three receivers, each with its own connection (1:N)", async () => {
  const setting = setUp();
  const { sender, network } = setting;
  const ids = ["r1", "r2", "r3"];
  const receivers = await Promise.all(ids.map((id) => meet(setting, id)));
  assert.equal(network.connections.length, 6);
  const heard = receivers.map(({ receiver }) => receiver.messages().next());
  assert.deepEqual(await sender.send("to all"), ids);
  for (const { value } of await Promise.all(heard)) assert.equal(value, "to all");
});

test("what is sent to one receiver reaches no other", async () => {
  const setting = setUp();
  const [first, second] = [await meet(setting, "r1"), await meet(setting, "r2")];
  const heard: unknown[] = [];
  second.receiver.subscribe((event) => event.kind === "message" && heard.push(event.data));
  const messages = first.receiver.messages();
  await setting.sender.send(new Uint8Array([1, 2, 3]), "r1");
  assert.deepEqual((await messages.next()).value, new Uint8Array([1, 2, 3]));
  await settle();
  assert.deepEqual(heard, []);
});

test("a second answer is refused and harms nothing, even while the first is at work", async () => {
  const { network, sender, clock } = setUp();
  const receiver = new DataReceiver({ RTCPeerConnection: network.RTCPeerConnection, clock });
  const answer = await receiver.handleOffer(await sender.handleOfferRequest("r1"));
  const first = sender.handleAnswer("r1", answer);
  await assert.rejects(sender.handleAnswer("r1", answer), usageError("ERR_OUT_OF_ORDER"));
  await first;
  await assert.rejects(sender.handleAnswer("r1", answer), usageError("ERR_OUT_OF_ORDER"));
  assert.equal(sender.receiverIds.length, 1);
});

test("an answer from nobody that was made an offer is refused", async () => {
  const { sender } = setUp();
  await assert.rejects(
    sender.handleAnswer("stranger", { type: "answer", sdp: "" }),
    usageError("ERR_UNKNOWN_PEER"),
  );
});

test("an answer to an offer that was replaced is refused by its handshake id", async () => {
  const setting = setUp();
  const { receiver } = await meet(setting, "r1");
  assert.ok(receiver);
  const newer = await setting.sender.handleOfferRequest("r1");
  await assert.rejects(
    setting.sender.handleAnswer("r1", { type: "answer", sdp: newer.sdp, handshakeId: "older" }),
    usageError("ERR_OUT_OF_ORDER"),
  );
  assert.equal(setting.sender.handshakeIdOf("r1"), newer.handshakeId);
});

test("an answer that does not fit releases the connection and says why", async () => {
  const { sender, events } = setUp();
  await sender.handleOfferRequest("r1");
  await assert.rejects(sender.handleAnswer("r1", { type: "answer", sdp: "rubbish" }), {
    name: "SyntaxError",
  });
  const last = events.at(-1);
  assert.equal(last?.kind === "closed" && last.wasFailure, true);
  assert.match(
    last?.kind === "closed" ? last.reason : "",
    /answer could not be used: cannot parse/,
  );
  assert.deepEqual(sender.receiverIds, []);
});

test("requests at the same time for one receiver get one offer (glare)", async () => {
  const { network, sender } = setUp();
  const [first, second] = await Promise.all([
    sender.handleOfferRequest("r1"),
    sender.handleOfferRequest("r1"),
  ]);
  const third = await sender.handleOfferRequest("r1");
  assert.deepEqual(second, first);
  assert.deepEqual(third, first);
  assert.equal(network.connections.length, 1);
});

test("a request after the handshake starts a new connection in place of the old one", async () => {
  const setting = setUp();
  const { connection } = await meet(setting, "r1");
  const offer = await setting.sender.handleOfferRequest("r1");
  assert.notEqual(offer.sdp, connection.sdp);
  assert.equal(connection.connectionState, "closed");
  assert.deepEqual(setting.sender.receiverIds, ["r1"]);
  const closed = setting.events.find(({ kind }) => kind === "closed");
  assert.equal(closed?.kind === "closed" && closed.reason, "replaced by a new handshake");
});

test("an offer that cannot be made is told and forgotten; the next request works", async () => {
  const { network, sender, kinds } = setUp();
  network.nextError = new DOMException("out of ports", "OperationError");
  await assert.rejects(sender.handleOfferRequest("r1"), { message: "out of ports" });
  assert.equal(kinds("r1").at(-1), "closed");
  await sender.handleOfferRequest("r1");
  assert.deepEqual(sender.receiverIds, ["r1"]);
});

test("candidates that come before the answer wait for it, in order (RFC 8838 §11)", async () => {
  const { network, sender, clock } = setUp();
  const receiver = new DataReceiver({ RTCPeerConnection: network.RTCPeerConnection, clock });
  const answer = await receiver.handleOffer(await sender.handleOfferRequest("r1"));
  await sender.handleCandidate("r1", { candidate: "a" });
  await sender.handleCandidate("r1", { candidate: "b" });
  await sender.handleCandidate("r1", null);
  assert.deepEqual(network.connections[0]?.takenCandidates, []);
  await sender.handleAnswer("r1", answer);
  assert.deepEqual(network.connections[0]?.takenCandidates, ["a", "b", undefined]);
});

test("candidates for nobody, or of an earlier handshake, are dropped", async () => {
  const setting = setUp();
  const { connection } = await meet(setting, "r1");
  await setting.sender.handleCandidate("stranger", { candidate: "a" });
  await setting.sender.handleCandidate("r1", { candidate: "a" }, "another handshake");
  assert.deepEqual(connection.takenCandidates, []);
});

test("a candidate that the connection refuses is reported and ends nothing", async () => {
  const setting = setUp();
  await meet(setting, "r1");
  await setting.sender.handleCandidate("r1", { candidate: "bad" });
  const refused = setting.events.find(({ kind }) => kind === "candidateRefused");
  assert.equal(refused?.kind === "candidateRefused" && refused.reason, "not a candidate");
  assert.equal(setting.sender.stateOf("r1"), "connected");
});

test("a flood of early candidates is bounded", async () => {
  const { sender, kinds } = setUp();
  await sender.handleOfferRequest("r1");
  for (let count = 0; count < 300; count++) await sender.handleCandidate("r1", { candidate: "a" });
  assert.equal(kinds("r1").filter((kind) => kind === "candidateRefused").length, 44);
});

test("an offer that nobody answers is given up after the handshake time", async () => {
  const { sender, clock, events } = setUp();
  await sender.handleOfferRequest("r1");
  clock.pass(29_999);
  assert.equal(sender.receiverIds.length, 1);
  clock.pass(1);
  const last = events.at(-1);
  assert.equal(last?.kind === "closed" && last.reason, "no answer came within 30 s");
  assert.equal(clock.runningTimers, 0);
});

test("a receiver that stays disconnected is released; one that comes back is kept (figure i)", async () => {
  const setting = setUp();
  const { connection } = await meet(setting, "r1");
  connection.become("disconnected");
  setting.clock.pass(9_000);
  connection.become("connected");
  setting.clock.pass(60_000);
  assert.equal(setting.sender.stateOf("r1"), "connected");
  connection.become("disconnected");
  setting.clock.pass(10_000);
  assert.equal(setting.sender.stateOf("r1"), undefined);
  assert.match(lastReason(setting), /not been heard of for more than 10 s/);
});

test("a receiver that left signaling and goes quiet is released at once", async () => {
  const setting = setUp();
  const { connection } = await meet(setting, "r1");
  setting.sender.handlePresence("r1", false);
  assert.equal(setting.sender.stateOf("r1"), "connected");
  connection.become("disconnected");
  assert.equal(setting.sender.stateOf("r1"), undefined);
  assert.equal(lastReason(setting), "the peer left");
});

test("a receiver that leaves in the middle of the handshake is released", async () => {
  const setting = setUp();
  await setting.sender.handleOfferRequest("r1");
  setting.sender.handlePresence("r1", true);
  assert.equal(setting.sender.receiverIds.length, 1);
  setting.sender.handlePresence("r1", false);
  assert.deepEqual(setting.sender.receiverIds, []);
});

test("failed releases the connection with the reason that the platform gives", async () => {
  const setting = setUp();
  const { connection } = await meet(setting, "r1");
  connection.become("failed", "no answer to 12 checks");
  assert.equal(connection.connectionState, "closed");
  assert.equal(lastReason(setting), "no answer to 12 checks");
  assert.equal(setting.clock.runningTimers, 0);
});

test("closed is told once, as the last event, whoever closes (figure i, state 6)", async () => {
  const setting = setUp();
  const { connection, receiver } = await meet(setting, "r1");
  receiver.close();
  connection.channels[0]?.lose();
  await settle();
  setting.sender.close("r1");
  assert.equal(setting.kinds("r1").filter((kind) => kind === "closed").length, 1);
  assert.deepEqual(setting.kinds("r1").slice(-2), ["state", "closed"]);
});

test("sending to one waits for its channel, and rejects when it never opens", async () => {
  const setting = setUp();
  await setting.sender.handleOfferRequest("r1");
  const sending = setting.sender.send("early", "r1");
  setting.sender.close("r1");
  await assert.rejects(sending, PeerGoneError);
  await assert.rejects(setting.sender.send("late", "r1"), usageError("ERR_UNKNOWN_PEER"));
});

test("sending to all leaves out those that go away meanwhile", async () => {
  const setting = setUp();
  const [first] = [await meet(setting, "r1"), await meet(setting, "r2")];
  const stuck = first.connection.channels[0];
  assert.ok(stuck);
  stuck.isStuck = true;
  stuck.bufferedAmount = 2 ** 24;
  const sending = setting.sender.send("hello");
  await settle();
  setting.sender.close("r1");
  assert.deepEqual(await sending, ["r2"]);
});

test("a message that the channel refuses rejects with the channel's own error", async () => {
  const setting = setUp();
  await meet(setting, "r1");
  await assert.rejects(setting.sender.send(new Uint8Array(300_000)), TypeError);
  await assert.rejects(setting.sender.send(new Uint8Array(300_000), "r1"), TypeError);
});

test("closing the sender releases every connection and timer; requests are refused from then on", async () => {
  const setting = setUp();
  const [first, second] = [await meet(setting, "r1"), await meet(setting, "r2")];
  setting.sender.close();
  for (const { connection } of [first, second]) assert.equal(connection.connectionState, "closed");
  await settle();
  assert.deepEqual(setting.sender.receiverIds, []);
  await assert.rejects(setting.sender.handleOfferRequest("r3"), usageError("ERR_CLOSED"));
});

test("no more receivers than allowed are served", async () => {
  const { network, clock } = setUp();
  const sender = new DataSender({
    RTCPeerConnection: network.RTCPeerConnection,
    clock,
    maxReceivers: 2,
  });
  await sender.handleOfferRequest("r1");
  await sender.handleOfferRequest("r2");
  await assert.rejects(sender.handleOfferRequest("r3"), usageError("ERR_RANGE"));
  await sender.handleOfferRequest("r2");
  sender.close("r1");
  await sender.handleOfferRequest("r3");
});

test("a channel that a receiver opens on its own is closed", async () => {
  const setting = setUp();
  const { connection } = await meet(setting, "r1");
  const stray = connection.peer?.createDataChannel("stray");
  await settle();
  assert.equal(stray?.readyState, "closed");
  assert.equal(setting.sender.stateOf("r1"), "connected");
});

test("a listener that throws keeps no other from hearing the event", async () => {
  const { sender, events } = setUp();
  const trouble = new Error("the listener's own");
  const uncaught = new Promise((resolve) => {
    const earlier = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.once("uncaughtException", (error) => {
      for (const listener of earlier) process.on("uncaughtException", listener);
      resolve(error);
    });
  });
  const stop = sender.subscribe(() => {
    stop();
    throw trouble;
  });
  sender.subscribe((event) => events.push(event));
  await sender.handleOfferRequest("r1");
  assert.equal(await uncaught, trouble);
  assert.equal(events.filter(({ kind }) => kind === "offerCreated").length, 2);
});

function lastReason({ events }: Setting): string {
  const last = events.at(-1);
  return last?.kind === "closed" ? last.reason : `not closed but ${last?.kind}`;
}
