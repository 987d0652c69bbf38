import type { Runtime } from "../runtime/runtime.ts";
import type { ConnectionRtp } from "./connection-rtp.ts";
import type { ConnectionSession } from "./connection-session.ts";
import { isTrack } from "./media-stream-track.ts";
import type { RTCRtpReceiver } from "./rtc-rtp-receiver.ts";
import type { RTCRtpSender } from "./rtc-rtp-sender.ts";
import {
  buildStatsReport,
  selectorOfTrack,
  StatsIds,
  type RTCStatsReport,
  type StatsSelector,
} from "./stats/index.ts";
import type { TransceiverEntry } from "./transceiver-entry.ts";
import { interfaceType, nullable } from "./webidl/index.ts";

const toTrackOrNull = nullable(interfaceType("MediaStreamTrack", isTrack));

/** What statistics are made of. */
export type StatisticsHost = {
  readonly runtime: Pick<Runtime, "crypto" | "epochMs" | "queueTask">;
  readonly session: ConnectionSession;
  readonly rtp: ConnectionRtp;
};

/**
 * `getStats` of a connection and of its senders and receivers. Nothing is kept for it but the ids of
 * the last report: who does not ask pays nothing.
 */
export class ConnectionStatistics {
  readonly #host: StatisticsHost;
  #ids: StatsIds | undefined;

  constructor(host: StatisticsHost) {
    this.#host = host;
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-getstats. Throws `TypeError` for what is no
   * track, and `InvalidAccessError` unless exactly one sender or receiver has it.
   */
  ofConnection(selectorValue: unknown): Promise<RTCStatsReport> {
    const track = toTrackOrNull(selectorValue, "RTCPeerConnection.getStats: argument 1");
    if (track === null) return this.#gather(undefined);
    const holders = [...this.#host.rtp.entries].flatMap(({ object, record }) => [
      { track: object.sender.track, selector: selectorOf("sender", record.id) },
      { track: object.receiver.track, selector: selectorOf("receiver", record.id) },
    ]);
    return this.#gather(selectorOfTrack(track, holders));
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-getstats and that of a receiver. */
  ofObject(object: RTCRtpSender | RTCRtpReceiver): Promise<RTCStatsReport> {
    const entry = this.#host.rtp.entryOf(object);
    const isSender = entry?.object.sender === object;
    // A transceiver that has left the connection has no streams any more.
    const id = entry?.record.id ?? Number.NaN;
    return this.#gather(selectorOf(isSender ? "sender" : "receiver", id));
  }

  /** A report is taken in a task of its own, also on a closed connection. */
  #gather(selector: StatsSelector | undefined): Promise<RTCStatsReport> {
    return new Promise((resolve, reject) => {
      this.#host.runtime.queueTask(() => {
        try {
          resolve(this.#build(selector));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #build(selector: StatsSelector | undefined): RTCStatsReport {
    const { runtime, session, rtp } = this.#host;
    this.#ids ??= new StatsIds(runtime.crypto);
    const source = {
      session: session.driver.run((peer, nowMs) => peer.statistics(nowMs)),
      timestampMs: runtime.epochMs(),
      transceivers: Array.from(rtp.entries, statsOf),
    };
    return buildStatsReport(source, this.#ids, selector);
  }
}

function statsOf({ record, transportId, object }: TransceiverEntry): {
  readonly state: TransceiverEntry["record"];
  readonly transportId: string | null;
  readonly senderTrackId: string | null;
} {
  return { state: record, transportId, senderTrackId: object.sender.track?.id ?? null };
}

function selectorOf(side: "sender" | "receiver", transceiverId: number): StatsSelector {
  return { side, transceiverId };
}
