// A file over a data channel: progress on the way, SHA-256 checked at the other end.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  bindReceiver,
  bindSender,
  DataReceiver,
  DataSender,
  InMemorySignaling,
} from "@pallas/peers";
import { RTCPeerConnection } from "@pallas/webrtc";

const createHasher = () => {
  const hash = createHash("sha256");
  return {
    update: (bytes: Uint8Array) => void hash.update(bytes),
    digestHex: () => hash.digest("hex"),
  };
};

const folder = await mkdtemp(join(tmpdir(), "pallas-example-"));
const room = new InMemorySignaling();
const receiver = new DataReceiver({
  RTCPeerConnection,
  files: {
    createHasher,
    async openSink({ name }) {
      const handle = await open(join(folder, name), "wx"); // The name is one harmless path segment.
      return {
        write: async (bytes) => void (await handle.write(bytes)),
        close: () => handle.close(),
        abort: () => handle.close(),
      };
    },
    onReceived: ({ header }) => console.log(`receiver has ${header.name}, whole`),
  },
});
const signaling = room.join({ role: "receiver", id: "receiver" });
bindReceiver(receiver, signaling);

const sender = new DataSender({ RTCPeerConnection });
bindSender(sender, room.join({ role: "sender" }));
const isOpen = new Promise<void>((resolve) => {
  sender.subscribe((event) => event.kind === "channelOpen" && resolve());
});
signaling.send({ kind: "offerRequest" });
await isOpen;

const path = fileURLToPath(import.meta.url);
const source = {
  name: "example.ts",
  sizeBytes: (await stat(path)).size,
  chunks: () => createReadStream(path),
};
const { header, sha256 } = await sender.sendFile("receiver", source, {
  createHasher,
  onProgress: ({ bytes }) => console.log(`${bytes} of ${source.sizeBytes} bytes are there`),
});
console.log(`${header.name} is verified: ${sha256.slice(0, 8)}…`);

sender.close();
receiver.close();
await rm(folder, { recursive: true });
