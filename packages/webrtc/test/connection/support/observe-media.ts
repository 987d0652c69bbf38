import type { MediaStream } from "../../../src/w3c/media-stream.ts";
import type { MediaStreamTrack } from "../../../src/w3c/media-stream-track.ts";
import type { RTCPeerConnection } from "../../../src/w3c/rtc-peer-connection.ts";
import { observe, type Lab } from "./lab.ts";

/** The streams that a connection has told its application of; to be called before anything is negotiated. */
export function collectStreams(connection: RTCPeerConnection): Set<MediaStream> {
  const seen = new Set<MediaStream>();
  connection.addEventListener("track", ({ streams }) => {
    for (const stream of streams) seen.add(stream);
  });
  return seen;
}

/** All that `observe` sees, and all of media: objects by identity, and every member and parameter. */
export async function observeAll(
  lab: Lab,
  connection: RTCPeerConnection,
  streams: Iterable<MediaStream> = [],
): Promise<unknown> {
  const report = await lab.run(connection.getStats());
  return {
    connection: observe(connection),
    objects: connection.getTransceivers().map((transceiver) => Object(transceiver)),
    senders: connection.getSenders(),
    receivers: connection.getReceivers(),
    transceivers: connection.getTransceivers().map((transceiver) => {
      const { mid, direction, currentDirection, sender, receiver } = transceiver;
      return {
        mid,
        direction,
        currentDirection,
        sending: { ...sender.getParameters(), transactionId: "" },
        receiving: receiver.getParameters(),
        tracks: [sender.track && describe(sender.track), describe(receiver.track)],
        transports: [sender.transport, receiver.transport],
        states: [sender.transport?.state, sender.transport?.iceTransport.state],
        canInsertDtmf: sender.dtmf?.canInsertDTMF,
        offered: transceiver.getHeaderExtensionsToNegotiate(),
        negotiated: transceiver.getNegotiatedHeaderExtensions(),
      };
    }),
    streams: Array.from(streams, (stream) => ({
      id: stream.id,
      isActive: stream.active,
      // A set (mediacapture-main §4.2): in no order.
      tracks: stream
        .getTracks()
        .map(({ id }) => id)
        .toSorted(),
    })),
    // What counts packets and time goes on counting.
    statistics: Array.from(report.values(), ({ id, type }) => `${type} ${id}`).toSorted(),
  };
}

function describe({ id, kind, label, enabled, muted, readyState }: MediaStreamTrack): unknown {
  return { id, kind, label, enabled, muted, readyState };
}
