// The article's DataSender and DataReceiver. They meet in a room in memory; with `WebSocketSignaling`
// in its place the same lines work between machines, and in a browser.
import {
  bindReceiver,
  bindSender,
  DataReceiver,
  DataSender,
  InMemorySignaling,
} from "@pallas/peers";
import { RTCPeerConnection } from "@pallas/webrtc";

const room = new InMemorySignaling();

const sender = new DataSender({ RTCPeerConnection });
bindSender(sender, room.join({ role: "sender" }));

const receiver = new DataReceiver({ RTCPeerConnection });
const receiverSignaling = room.join({ role: "receiver", id: "receiver 1" });
bindReceiver(receiver, receiverSignaling);

// "Some entity" asks for an offer: here it is the receiver itself.
sender.subscribe((event) => {
  if (event.kind === "offerRequested") console.log(`${event.peerId} asks for an offer`);
  if (event.kind === "offerCreated") console.log("sender makes the offer");
  if (event.kind === "answerApplied") console.log("sender has the answer");
  if (event.kind === "channelOpen") void sender.send("data", event.peerId);
});
const messages = receiver.messages();
receiverSignaling.send({ kind: "offerRequest" });

const { value } = await messages.next();
console.log(`receiver got: ${value}`);
receiver.close();
sender.close();
