import { RTCPeerConnection as PallasConnection } from "../../src/index.ts";
import { installPeer } from "./peer-script.ts";
import type { PeerCall } from "./peer-script.ts";
import { RemotePeer } from "./remote-peer.ts";

/** For the compiler, the browser's class: the script uses what both have. */
const Connection = PallasConnection as unknown as typeof RTCPeerConnection;

/** The stack under test, in this process, driven by the same commands as the others. */
export function openPallasPeer(): Promise<RemotePeer> {
  const peer = new RemotePeer("Pallas", (report) => {
    const call: PeerCall = installPeer(Connection, report);
    const stop = async (): Promise<void> => {
      await call("close", {} as never);
    };
    return { call: (method, params) => call(method, params as never), kill: stop, stop };
  });
  return Promise.resolve(peer);
}
