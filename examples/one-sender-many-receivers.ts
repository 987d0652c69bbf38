// One sender serves many receivers, with a connection of its own for each (1:N).
import {
  bindReceiver,
  bindSender,
  DataReceiver,
  DataSender,
  InMemorySignaling,
} from "@pallas/peers";
import { RTCPeerConnection } from "@pallas/webrtc";

const NAMES = ["Ann", "Ben", "Cem"];
const room = new InMemorySignaling();
const sender = new DataSender({ RTCPeerConnection });
bindSender(sender, room.join({ role: "sender" }));

const allOpen = new Promise<void>((resolve) => {
  let openChannels = 0;
  sender.subscribe((event) => {
    if (event.kind === "channelOpen" && ++openChannels === NAMES.length) resolve();
  });
});

const receivers = NAMES.map((name) => {
  const receiver = new DataReceiver({ RTCPeerConnection });
  const signaling = room.join({ role: "receiver", id: name });
  bindReceiver(receiver, signaling);
  signaling.send({ kind: "offerRequest" });
  return { name, receiver, messages: receiver.messages() };
});

await allOpen;
await sender.send("news for everybody");
await sender.send("and something for Ben alone", "Ben");

for (const { name, messages } of receivers) {
  console.log(`${name} got: ${(await messages.next()).value}`);
}
console.log(`Ben got: ${(await receivers[1]!.messages.next()).value}`);

sender.close();
for (const { receiver } of receivers) receiver.close();
