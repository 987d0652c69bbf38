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
  const { RTCPeerConnection } = network;
  const sender = new DataSender({ RTCPeerConnection, clock });
  const receiver = new DataReceiver({ RTCPeerConnection, clock });
  const events: PeerEvent[] = [];
  receiver.subscribe((event) => events.push(event));
  return { network, clock, sender, receiver, events };
}

async function connect({ network, sender, receiver }: ReturnType<typeof setUp>) {
  const answer = await receiver.handleOffer(await sender.handleOfferRequest("r"), "s");
  await sender.handleAnswer("r", answer);
  const connection = network.find(answer.sdp);
  assert.ok(connection);
  connection.connect();
  return connection;
}

test("an offer is answered: remote description first, then the answer as local one (figure 2, step 2)", async () => {
  const { network, sender, receiver, events } = setUp();
  const offer = await sender.handleOfferRequest("r");
  const answer = await receiver.handleOffer(offer, "s");
  assert.deepEqual(answer, { type: "answer", sdp: "fake 1", handshakeId: offer.handshakeId });
  assert.deepEqual(network.connections[1]?.remoteDescription, { type: "offer", sdp: offer.sdp });
  assert.deepEqual(network.connections[1]?.localDescription, { type: "answer", sdp: "fake 1" });
  const steps = events.map(({ kind }) => kind);
  assert.ok(steps.indexOf("offerApplied") < steps.indexOf("answerCreated"));
  assert.equal(receiver.senderId, "s");
});

test("the state is new before any offer and closed after close (figure i)", async () => {
  const setting = setUp();
  assert.equal(setting.receiver.state, "new");
  await connect(setting);
  assert.equal(setting.receiver.state, "connected");
  setting.receiver.close();
  assert.equal(setting.receiver.state, "closed");
  assert.equal(setting.network.connections[1]?.connectionState, "closed");
});

test("a plain W3C description without a handshake id is answered too", async () => {
  const { network, receiver } = setUp();
  const other = new network.RTCPeerConnection();
  const answer = await receiver.handleOffer({ type: "offer", sdp: other.sdp });
  assert.equal(answer.type, "answer");
  assert.notEqual(answer.handshakeId, "");
});

test("candidates that come before the offer wait for it (RFC 8838 §11)", async () => {
  const { network, sender, receiver } = setUp();
  const offer = await sender.handleOfferRequest("r");
  await receiver.handleCandidate({ candidate: "early" }, "s", offer.handshakeId);
  await receiver.handleCandidate({ candidate: "of another handshake" }, "s", "other");
  await receiver.handleCandidate({ candidate: "of somebody else" }, "x");
  await receiver.handleOffer(offer, "s");
  await receiver.handleCandidate({ candidate: "late" }, "s", offer.handshakeId);
  assert.deepEqual(network.connections[1]?.takenCandidates, ["early", "late"]);
});

test("early candidates are bounded", async () => {
  const { network, sender, receiver } = setUp();
  const offer = await sender.handleOfferRequest("r");
  for (let count = 0; count < 1000; count++) {
    await receiver.handleCandidate({ candidate: "x" }, "s", offer.handshakeId);
  }
  await receiver.handleOffer(offer, "s");
  assert.equal(network.connections[1]?.takenCandidates.length, 256);
});

test("an offer that cannot be used is refused with its reason; the next one works", async () => {
  const setting = setUp();
  const { receiver, events } = setting;
  await assert.rejects(receiver.handleOffer({ type: "offer", sdp: "rubbish" }, "s"), {
    name: "SyntaxError",
  });
  assert.match(lastReason(events), /offer could not be used: cannot parse "rubbish"/);
  await connect(setting);
  assert.equal(receiver.state, "connected");
});

test("a new offer replaces the connection of the earlier one", async () => {
  const setting = setUp();
  const first = await connect(setting);
  const second = await connect(setting);
  assert.equal(first.connectionState, "closed");
  assert.equal(second.connectionState, "connected");
  assert.equal(setting.receiver.state, "connected");
});

test("attack: another sender's offer does not replace a connection that is up; it is refused and told", async () => {
  const setting = setUp();
  const { network, receiver, events } = setting;
  const connection = await connect(setting);
  const intruder = new network.RTCPeerConnection();
  const offer = { type: "offer", sdp: intruder.sdp, handshakeId: "h" } as const;
  const reason = "the offer of x is refused: this receiver keeps to s";
  const refused = receiver.handleOffer(offer, "x");
  await assert.rejects(refused, { code: "ERR_OTHER_SENDER", message: reason });
  const last = events.at(-1);
  assert.ok(last?.kind === "offerRefused" && last.reason === reason);
  assert.deepEqual([last.peerId, last.handshakeId], ["x", "h"]);
  assert.equal(connection.connectionState, "connected");
  assert.equal(receiver.senderId, "s");
});

test("another sender's offer is taken when the connection is down, failed or hung up", async () => {
  for (const end of ["disconnected", "failed", "hung up"] as const) {
    const setting = setUp();
    const connection = await connect(setting);
    if (end === "hung up") setting.receiver.hangUp();
    else connection.become(end);
    const other = new DataSender({ RTCPeerConnection: setting.network.RTCPeerConnection });
    await setting.receiver.handleOffer(await other.handleOfferRequest("r"), "other");
    assert.equal(setting.receiver.senderId, "other");
    other.close();
    setting.receiver.close();
  }
});

test("the sender that the application expects is the only one, and replaces a connection to another", async () => {
  const setting = setUp();
  const { network, receiver } = setting;
  await connect(setting);
  receiver.expectSender("other");
  const next = { type: "offer", sdp: new network.RTCPeerConnection().sdp } as const;
  await assert.rejects(receiver.handleOffer(next, "s"), { code: "ERR_OTHER_SENDER" });
  await receiver.handleOffer(next, "other");
  assert.equal(receiver.senderId, "other");
  await assert.rejects(receiver.handleOffer(next, "x"), { code: "ERR_OTHER_SENDER" });
  receiver.expectSender(undefined);
  await receiver.handleOffer(next, "x");
  assert.equal(receiver.senderId, "x");
});

test("the same offer once more gets the same answer: its connection goes on", async () => {
  const { network, receiver, sender } = setUp();
  const offer = await sender.handleOfferRequest("r");
  const [first, second] = [receiver.handleOffer(offer, "s"), receiver.handleOffer(offer, "s")];
  assert.deepEqual(await first, await second);
  assert.deepEqual(await receiver.handleOffer(offer, "s"), await first);
  assert.equal(network.connections.length, 2);
});

test("an offer overtaken by another is not answered", async () => {
  const { network, receiver } = setUp();
  const [first, second] = [new network.RTCPeerConnection(), new network.RTCPeerConnection()];
  const overtaken = receiver.handleOffer({ type: "offer", sdp: first.sdp }, "s");
  const answered = receiver.handleOffer({ type: "offer", sdp: second.sdp }, "s");
  await assert.rejects(overtaken, {
    name: "PeerUsageError",
    message: "the offer is void: replaced by a new offer",
  });
  assert.equal((await answered).type, "answer");
});

test("messages arrive in order, text as text and bytes as bytes, and end with the connection", async () => {
  const setting = setUp();
  await connect(setting);
  const messages = setting.receiver.messages();
  await setting.sender.send("one");
  await setting.sender.send(new Uint8Array([2]));
  await setting.sender.send("");
  await settle();
  setting.sender.close();
  const heard = [];
  for await (const message of messages) heard.push(message);
  assert.deepEqual(heard, ["one", new Uint8Array([2]), ""]);
});

test("a loop over messages fails with PeerGoneError when the connection fails", async () => {
  const setting = setUp();
  const connection = await connect(setting);
  const next = setting.receiver.messages().next();
  connection.become("failed", "consent is lost");
  await assert.rejects(next, (error) => error instanceof PeerGoneError && error.peerId === "s");
});

test("a reader that leaves its loop stops collecting", async () => {
  const setting = setUp();
  await connect(setting);
  const loop = (async () => {
    for await (const message of setting.receiver.messages()) return message;
    return undefined;
  })();
  await setting.sender.send("first");
  assert.equal(await loop, "first");
  await setting.sender.send("second");
});

test("a reader that lags 10,000 messages behind gets an error, not ever more memory", async () => {
  const setting = setUp();
  await connect(setting);
  const messages = setting.receiver.messages();
  for (let count = 0; count < 10_001; count++) await setting.sender.send("x");
  await settle();
  let count = 0;
  await assert.rejects(async () => {
    for await (const _ of messages) count++;
  }, PeerUsageError);
  assert.equal(count, 10_000);
});

test("a receiver can send to its sender over the same channel", async () => {
  const setting = setUp();
  await assert.rejects(setting.receiver.send("too early"), PeerUsageError);
  await connect(setting);
  const heard: unknown[] = [];
  setting.sender.subscribe(
    (event) => event.kind === "message" && heard.push([event.peerId, event.data]),
  );
  await setting.receiver.send("hello back");
  await settle();
  assert.deepEqual(heard, [["r", "hello back"]]);
});

test("hanging up ends the connection but not the receiver", async () => {
  const setting = setUp();
  await connect(setting);
  setting.receiver.hangUp("enough");
  assert.equal(lastReason(setting.events), "enough");
  await connect(setting);
  assert.equal(setting.receiver.state, "connected");
});

test("a closed receiver refuses offers, keeps no candidate and no timer", async () => {
  const { network, receiver, sender, clock } = setUp();
  const offer = await sender.handleOfferRequest("r");
  receiver.close();
  await assert.rejects(receiver.handleOffer(offer), PeerUsageError);
  await receiver.handleCandidate({ candidate: "x" });
  assert.deepEqual(await receiver.messages().next(), { done: true, value: undefined });
  sender.close();
  assert.equal(clock.runningTimers, 0);
  assert.equal(network.connections.length, 1);
});

test("the presence of somebody else changes nothing", async () => {
  const setting = setUp();
  const connection = await connect(setting);
  setting.receiver.handlePresence("somebody", false);
  setting.receiver.handlePresence("s", false);
  assert.equal(setting.receiver.state, "connected");
  connection.become("disconnected");
  assert.equal(lastReason(setting.events), "the peer left");
});

test("a second channel for messages is closed: there is one", async () => {
  const setting = setUp();
  const connection = await connect(setting);
  const extra = connection.peer?.createDataChannel("extra");
  await settle();
  assert.equal(extra?.readyState, "closed");
});

test("a file is refused where no files are taken", async () => {
  const setting = setUp();
  await connect(setting);
  const source = { name: "a.txt", sizeBytes: 0, async *chunks() {} };
  const createHasher = () => ({ update() {}, digestHex: () => "0".repeat(64) });
  await assert.rejects(setting.sender.sendFile("r", source, { createHasher }), {
    code: "ERR_REFUSED",
  });
});

function lastReason(events: readonly PeerEvent[]): string {
  const last = events.at(-1);
  return last?.kind === "closed" ? last.reason : `not closed but ${last?.kind}`;
}
