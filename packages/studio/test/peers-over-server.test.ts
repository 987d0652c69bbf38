import assert from "node:assert/strict";
import {
  bindReceiver,
  bindSender,
  DataReceiver,
  DataSender,
  WebSocketSignaling,
} from "@pallas/peers";
import type { ParticipantRole, PeerEvent, SignalingEvent } from "@pallas/peers";
import { afterEach, beforeEach, test } from "vitest";
import { NODE_PLATFORM } from "../src/node-platform.ts";
import { startStudioServer } from "../src/server/studio-server.ts";
import type { StudioServer } from "../src/server/studio-server.ts";

let server: StudioServer;
const toClose: { close(): void }[] = [];
beforeEach(async () => {
  server = await startStudioServer({ port: 0 });
});
afterEach(async () => {
  for (const one of toClose.splice(0)) one.close();
  await server.close();
});

async function enter(role: ParticipantRole, name: string = role): Promise<WebSocketSignaling> {
  const { WebSocket } = NODE_PLATFORM;
  const signaling = new WebSocketSignaling({
    url: server.signalingUrl,
    room: "room",
    role,
    name,
    WebSocket,
  });
  toClose.push(signaling);
  await heard(signaling, "welcome");
  return signaling;
}

async function addSender() {
  const sender = new DataSender(NODE_PLATFORM);
  const signaling = await enter("sender");
  bindSender(sender, signaling);
  toClose.push(sender);
  return { sender, signaling };
}

async function addReceiver(name: string) {
  const receiver = new DataReceiver(NODE_PLATFORM);
  const signaling = await enter("receiver", name);
  bindReceiver(receiver, signaling);
  toClose.push(receiver);
  return { receiver, signaling, messages: receiver.messages() };
}

function heard(
  signaling: WebSocketSignaling,
  kind: SignalingEvent["kind"],
): Promise<SignalingEvent> {
  return new Promise((resolve) => {
    const stop = signaling.subscribe((event) => {
      if (event.kind !== kind) return;
      stop();
      resolve(event);
    });
  });
}

function happened(
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

test("three receivers shake hands with one sender over the real server, and get the same", async () => {
  const { sender } = await addSender();
  const receivers = await Promise.all(["a", "b", "c"].map(addReceiver));
  const open = receivers.map(({ receiver }) => happened(receiver, "channelOpen"));
  for (const { signaling } of receivers) signaling.send({ kind: "offerRequest" });
  await Promise.all(open);
  while ((await sender.send("same")).length < 3);
  for (const { messages } of receivers) assert.equal((await messages.next()).value, "same");
});

test("an observer asks on behalf of a receiver (the article's note 4)", async () => {
  const { sender, signaling: senderSignaling } = await addSender();
  const { messages, signaling } = await addReceiver("r");
  const observer = await enter("observer");
  const receiverId = signaling.self?.id ?? "";
  observer.send({ kind: "offerRequest", senderId: senderSignaling.self?.id ?? "", receiverId });
  await happened(sender, "offerCreated");
  await sender.send("asked for by another", receiverId);
  assert.equal((await messages.next()).value, "asked for by another");
});

test("data goes on flowing when the signaling server is gone: the path is peer to peer", async () => {
  const { sender, signaling: senderSignaling } = await addSender();
  const { receiver, messages, signaling } = await addReceiver("r");
  const open = happened(receiver, "channelOpen");
  signaling.send({ kind: "offerRequest" });
  await open;
  const offline = heard(senderSignaling, "offline");
  await server.close();
  await offline;
  await sender.send("still here", sender.receiverIds[0]);
  assert.equal((await messages.next()).value, "still here");
  server = await startStudioServer({ port: 0 });
});

test("a receiver that hangs up is released by the sender at once, through signaling", async () => {
  const { sender } = await addSender();
  const { receiver, signaling } = await addReceiver("r");
  const open = happened(receiver, "channelOpen");
  signaling.send({ kind: "offerRequest" });
  await open;
  const released = happened(sender, "closed");
  receiver.hangUp("good night");
  const event = await released;
  assert.ok(event.kind === "closed" && !event.wasFailure);
});

test("with nobody to make an offer the request comes back as an error", async () => {
  const { signaling } = await addReceiver("r");
  const error = heard(signaling, "error");
  signaling.send({ kind: "offerRequest" });
  const event = await error;
  assert.equal(event.kind === "error" && event.code, "ERR_NO_SENDER");
});
