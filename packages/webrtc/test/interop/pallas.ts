import { RTCPeerConnection as PallasConnection } from "../../src/index.ts";
import { installMedia } from "./media-script.ts";
import { installPeer } from "./peer-script.ts";
import type { PeerCall } from "./peer-script.ts";
import { RemotePeer } from "./remote-peer.ts";

/** For the compiler, the browser's class: the script uses what both have. */
const Connection = PallasConnection as unknown as typeof RTCPeerConnection;

/** True as soon as the stack under test has transceivers. */
export const PALLAS_HAS_MEDIA: boolean = "addTransceiver" in PallasConnection.prototype;

/** The stack under test, in this process, driven by the same commands as the others. */
export function openPallasPeer(): Promise<RemotePeer> {
  const peer = new RemotePeer("Pallas", (report) => {
    const call: PeerCall = installPeer(Connection, report, (connection) =>
      installMedia(connection, () => Promise.reject(new Error("Pallas has no fake devices"))),
    );
    const stop = async (): Promise<void> => {
      await call("close", {} as never);
    };
    return { call: (method, params) => call(method, params as never), kill: stop, stop };
  });
  return Promise.resolve(peer);
}
