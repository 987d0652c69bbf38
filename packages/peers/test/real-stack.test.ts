import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { RTCPeerConnection } from "@pallas/webrtc";
import { afterEach, test } from "vitest";
import {
  bindReceiver,
  bindSender,
  DataReceiver,
  DataSender,
  InMemorySignaling,
} from "../src/index.ts";
import type {
  Hasher,
  PeerConnectionConstructor,
  PeerEvent,
  ReceiveFileOptions,
} from "../src/index.ts";

const CONNECTION: PeerConnectionConstructor = RTCPeerConnection;

const toClose: { close(): void }[] = [];
afterEach(() => {
  for (const peer of toClose.splice(0)) peer.close();
});

const createHasher = (): Hasher => {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest("hex") };
};

function meet(receiverIds: readonly string[], files?: ReceiveFileOptions) {
  const room = new InMemorySignaling();
  const sender = new DataSender({ RTCPeerConnection: CONNECTION });
  bindSender(sender, room.join({ role: "sender", id: "s" }));
  toClose.push(sender);
  const receivers = receiverIds.map((id) => {
    const receiver = new DataReceiver({ RTCPeerConnection: CONNECTION, ...(files && { files }) });
    toClose.push(receiver);
    const signaling = room.join({ role: "receiver", id });
    bindReceiver(receiver, signaling);
    return { receiver, signaling, messages: receiver.messages() };
  });
  return { sender, receivers, room };
}

function next(
  peer: { subscribe(listener: (event: PeerEvent) => void): () => void },
  kind: PeerEvent["kind"],
): Promise<PeerEvent> {
  return new Promise((resolve) => {
    const stop = peer.subscribe((event) => {
      if (event.kind !== kind) return;
      stop();
      resolve(event);
    });
  });
}

test("the article's methods alone, descriptions carried by hand, lead to data", async () => {
  const sender = new DataSender({ RTCPeerConnection: CONNECTION });
  const receiver = new DataReceiver({ RTCPeerConnection: CONNECTION });
  toClose.push(sender, receiver);
  sender.subscribe((event) => {
    if (event.kind === "localCandidate") void receiver.handleCandidate(event.candidate);
  });
  receiver.subscribe((event) => {
    if (event.kind === "localCandidate") void sender.handleCandidate("r", event.candidate);
  });
  const messages = receiver.messages();
  const answer = await receiver.handleOffer(await sender.handleOfferRequest("r"));
  await sender.handleAnswer("r", answer);
  await sender.send("hello", "r");
  assert.equal((await messages.next()).value, "hello");
  assert.equal(sender.stateOf("r"), "connected");
});

test("one sender, three receivers: each gets the same, and its own", async () => {
  const { sender, receivers } = meet(["r1", "r2", "r3"]);
  const open = receivers.map(({ receiver }) => next(receiver, "channelOpen"));
  for (const { signaling } of receivers) signaling.send({ kind: "offerRequest" });
  await Promise.all(open);
  await Promise.all(["r1", "r2", "r3"].map((id) => sender.send(`only ${id}`, id)));
  assert.equal((await sender.send("to all")).length, 3);
  for (const [index, { messages }] of receivers.entries()) {
    assert.equal((await messages.next()).value, `only r${index + 1}`);
    assert.equal((await messages.next()).value, "to all");
  }
});

test("data flows back, and the chosen pair is known on both sides", async () => {
  const { sender, receivers } = meet(["r"]);
  const { receiver, signaling } = receivers[0]!;
  const pairs = Promise.all([next(sender, "pairSelected"), next(receiver, "pairSelected")]);
  const heard = next(sender, "message");
  signaling.send({ kind: "offerRequest" });
  const [atSender, atReceiver] = await pairs;
  assert.ok(atSender.kind === "pairSelected" && atReceiver.kind === "pairSelected");
  assert.equal(atSender.pair.local.port, atReceiver.pair.remote.port);
  await receiver.send(new Uint8Array([1, 2, 3]));
  const message = await heard;
  assert.deepEqual(message.kind === "message" && message.data, new Uint8Array([1, 2, 3]));
});

test("a receiver that closes is released by its sender, and the other way round", async () => {
  const { sender, receivers } = meet(["r1", "r2"]);
  const [first, second] = [receivers[0]!, receivers[1]!];
  const open = receivers.map(({ receiver }) => next(receiver, "channelOpen"));
  for (const { signaling } of receivers) signaling.send({ kind: "offerRequest" });
  await Promise.all(open);
  const released = next(sender, "closed");
  first.receiver.close();
  assert.equal((await released).peerId, "r1");
  const ended = next(second.receiver, "closed");
  sender.close();
  assert.equal((await ended).peerId, "s");
  assert.deepEqual(sender.receiverIds, []);
});

test("a new handshake takes the place of the old one", async () => {
  const { sender, receivers } = meet(["r"]);
  const { receiver, signaling } = receivers[0]!;
  for (let round = 0; round < 3; round++) {
    const open = next(receiver, "channelOpen");
    signaling.send({ kind: "offerRequest" });
    await open;
  }
  assert.deepEqual(sender.receiverIds, ["r"]);
  assert.equal(sender.stateOf("r"), "connected");
});

for (const sizeBytes of [0, 1, 65_536, 5_000_001]) {
  test(`a file of ${sizeBytes} bytes arrives with the same SHA-256`, async () => {
    const content = randomBytes(sizeBytes);
    const pieces: Uint8Array[] = [];
    const { sender, receivers } = meet(["r"], {
      createHasher,
      openSink: () => ({ write: (bytes) => void pieces.push(bytes), close() {}, abort() {} }),
    });
    const open = next(sender, "channelOpen");
    receivers[0]!.signaling.send({ kind: "offerRequest" });
    await open;
    const source = {
      name: "random.bin",
      sizeBytes,
      async *chunks() {
        yield content;
      },
    };
    const { sha256 } = await sender.sendFile("r", source, { createHasher });
    assert.equal(sha256, createHash("sha256").update(content).digest("hex"));
    assert.ok(content.equals(Buffer.concat(pieces)));
  });
}
