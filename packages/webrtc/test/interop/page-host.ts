import { installMedia } from "./media-script.ts";
import type { MediaKind } from "./media-script.ts";
import { installPeer } from "./peer-script.ts";
import type { PeerCall, PeerEvent } from "./peer-script.ts";

/** What a page offers to whoever drives it: peers named by a number. */
export type PageHost = {
  open(peer: number): void;
  call(peer: number, method: string, params: never): Promise<unknown>;
  close(peer: number): Promise<void>;
};

/** Runs in the page; becomes text, so that all it needs comes as an argument. */
function createPageHost(
  install: typeof installPeer,
  media: typeof installMedia,
  report: (peer: number, event: PeerEvent) => void,
): PageHost {
  const peers = new Map<number, PeerCall>();
  const streams = new Map<MediaKind, Promise<MediaStream>>();

  /** Small pictures: what matters here is the negotiation. */
  const capture = (kind: MediaKind): Promise<MediaStream> => {
    const video = { width: 160, height: 120, frameRate: 5 };
    return navigator.mediaDevices.getUserMedia(kind === "video" ? { video } : { audio: true });
  };
  const createStream = async (kind: MediaKind): Promise<MediaStream> => {
    const first = streams.get(kind) ?? capture(kind);
    streams.set(kind, first);
    return (await first).clone();
  };

  return {
    open: (peer) => {
      peers.set(
        peer,
        install(
          RTCPeerConnection,
          (event) => report(peer, event),
          (connection) => media(connection, createStream),
        ),
      );
    },
    call: async (peer, method, params) => peers.get(peer)?.(method, params),
    close: async (peer) => {
      const call = peers.get(peer);
      peers.delete(peer);
      await call?.("close", {} as never);
    },
  };
}

/** An expression whose value is the page's {@link PageHost}; `report` names the page's own function. */
export function pageHostScript(report: string): string {
  return `(${createPageHost.toString()})(${installPeer.toString()}, ${installMedia.toString()}, ${report})`;
}
