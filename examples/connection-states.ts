// Watching the states of a connection (the article's figure i), and cleaning up when it ends.
import {
  bindReceiver,
  bindSender,
  DataReceiver,
  DataSender,
  InMemorySignaling,
} from "@pallas/peers";
import { RTCPeerConnection } from "@pallas/webrtc";

const room = new InMemorySignaling();
const sender = new DataSender({
  RTCPeerConnection,
  // A receiver that is `disconnected` for longer is given up; `failed` and `closed` are final anyway.
  timeouts: { disconnectedMs: 5_000 },
});
bindSender(sender, room.join({ role: "sender" }));
const receiver = new DataReceiver({ RTCPeerConnection });
const signaling = room.join({ role: "receiver", id: "receiver" });
bindReceiver(receiver, signaling);

const released = new Promise<void>((resolve) => {
  sender.subscribe((event) => {
    if (event.kind === "state" && event.machine === "connection") {
      console.log(`connection is ${event.state}`);
    }
    if (event.kind === "channelOpen") {
      console.log(`receivers: ${sender.receiverIds.length}`);
      receiver.close(); // The other side goes away …
    }
    if (event.kind === "closed") {
      console.log(`released: ${event.reason}`); // … and everything it held here is released.
      resolve();
    }
  });
});

signaling.send({ kind: "offerRequest" });
await released;
console.log(`receivers: ${sender.receiverIds.length}`);
sender.close();
