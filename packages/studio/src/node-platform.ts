import { createHash } from "node:crypto";
import type { Hasher, PeerConnectionConstructor, SocketConstructor } from "@pallas/peers";
import { RTCPeerConnection } from "@pallas/webrtc";
import { WebSocket } from "ws";

/** What Node hands to `@pallas/peers`. */
export const NODE_PLATFORM: {
  readonly RTCPeerConnection: PeerConnectionConstructor;
  readonly WebSocket: SocketConstructor;
} = { RTCPeerConnection, WebSocket };

/** SHA-256, a piece at a time. */
export function createNodeHasher(): Hasher {
  const hash = createHash("sha256");
  return {
    update: (bytes) => void hash.update(bytes),
    digestHex: () => hash.digest("hex"),
  };
}
