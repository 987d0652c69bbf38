// Pallas, as built in this repository.
import { readFileSync } from "node:fs";
import { w3cAdapter } from "./w3c.mjs";
import { RTCPeerConnection } from "../../packages/webrtc/dist/index.js";

const manifest = new URL("../../packages/webrtc/package.json", import.meta.url);

export const adapter = w3cAdapter({
  name: "pallas",
  version: JSON.parse(readFileSync(manifest, "utf8")).version,
  Connection: RTCPeerConnection,
  configuration: { iceServers: [] },
});
