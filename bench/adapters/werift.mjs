// werift: a stack in TypeScript. Its classes follow the W3C's.
import { RTCPeerConnection } from "werift";
import { installedVersion } from "../lib/version.mjs";
import { w3cAdapter } from "./w3c.mjs";

export const adapter = w3cAdapter({
  name: "werift",
  version: installedVersion("werift"),
  Connection: RTCPeerConnection,
  // Without this it asks a public STUN server.
  configuration: { iceServers: [] },
});
