// Back-pressure without guesswork: a channel as a pair of Web Streams. The writer is held back while
// too much is on its way, and a reader that is slow holds back the writer on the other side.
import { RTCPeerConnection } from "@pallas/webrtc";
import type { RTCDataChannel } from "@pallas/webrtc";

const MESSAGES = 2_000;
const MESSAGE = new Uint8Array(16 * 1024);

const [alice, bob] = [new RTCPeerConnection(), new RTCPeerConnection()];
alice.onicecandidate = ({ candidate }) => void bob.addIceCandidate(candidate);
bob.onicecandidate = ({ candidate }) => void alice.addIceCandidate(candidate);

const channel = alice.createDataChannel("bulk");
const far = new Promise<RTCDataChannel>((resolve) => {
  bob.ondatachannel = (event) => resolve(event.channel);
});
await alice.setLocalDescription();
await bob.setRemoteDescription(alice.localDescription!);
await bob.setLocalDescription();
await alice.setRemoteDescription(bob.localDescription!);

const { readable } = (await far).streams();
const { writable } = channel.streams({ highWaterMarkBytes: 256 * 1024 });
let mostBuffered = 0;

const writing = (async () => {
  const writer = writable.getWriter();
  for (let count = 0; count < MESSAGES; count++) {
    await writer.ready; // Resolves when there is room.
    void writer.write(MESSAGE);
    mostBuffered = Math.max(mostBuffered, channel.bufferedAmount);
  }
  await writer.close(); // Everything is delivered before the channel closes.
})();

let receivedBytes = 0;
for await (const message of readable) receivedBytes += (message as ArrayBuffer).byteLength;
await writing;

console.log(`received ${receivedBytes / 1024 / 1024} MiB`);
console.log(
  `never more than ${mostBuffered <= 512 * 1024 ? "half a MiB" : "too much"} was waiting`,
);
alice.close();
bob.close();
