// A data channel: two connections, one handshake, one message. In real life the descriptions and
// candidates travel between two machines by whatever means there are.
import { RTCPeerConnection } from "@pallas/webrtc";

const [alice, bob] = [new RTCPeerConnection(), new RTCPeerConnection()];
alice.onicecandidate = ({ candidate }) => void bob.addIceCandidate(candidate);
bob.onicecandidate = ({ candidate }) => void alice.addIceCandidate(candidate);

const channel = alice.createDataChannel("greetings");
channel.onopen = () => channel.send("hello from Alice");
const heard = new Promise<unknown>((resolve) => {
  bob.ondatachannel = (event) => (event.channel.onmessage = ({ data }) => resolve(data));
});

await alice.setLocalDescription(); // The offer …
await bob.setRemoteDescription(alice.localDescription!);
await bob.setLocalDescription(); // … and the answer.
await alice.setRemoteDescription(bob.localDescription!);

console.log(`Bob heard: ${await heard}`);
alice.close();
bob.close();
