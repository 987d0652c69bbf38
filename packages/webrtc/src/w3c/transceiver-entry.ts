import type { Random } from "../base/random.ts";
import type { TransceiverChange, TransceiverId, TransceiverState } from "../negotiation/index.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { TransportId } from "../session/session-events.ts";
import type { ConnectionNegotiation } from "./connection-negotiation.ts";
import type { RTCPeerConnectionState } from "./connection-states.ts";
import type { ConnectionTransports } from "./connection-transports.ts";
import type { MediaStream } from "./media-stream.ts";
import type { MediaStreamTrack } from "./media-stream-track.ts";
import type { RTCDtlsTransport } from "./rtc-dtls-transport.ts";
import type { RTCRtpReceiver } from "./rtc-rtp-receiver.ts";
import type { RTCRtpSender } from "./rtc-rtp-sender.ts";
import {
  createTransceiver,
  type RTCRtpTransceiver,
  type TransceiverControl,
} from "./rtc-rtp-transceiver.ts";
import type { RtpHost } from "./rtp-host.ts";
import type { RTCStatsReport } from "./stats/index.ts";
import type { TaskQueue } from "./task-queue.ts";

/** What all transceivers of a connection share. */
export type RtpConnection = {
  readonly tasks: TaskQueue;
  readonly runtime: Pick<Runtime, "createDeadline" | "crypto" | "epochMs" | "nowMs" | "queueTask">;
  readonly transports: ConnectionTransports;
  readonly isClosed: () => boolean;
  readonly negotiation: () => ConnectionNegotiation;
  /** Fires at the connection. */
  fire(event: Event): void;
  getStats(selector: RTCRtpSender | RTCRtpReceiver): Promise<RTCStatsReport>;
};

/** The transport that a transceiver lies on, with its id in the session. */
export type TransportPlace = {
  readonly transport: RTCDtlsTransport | null;
  readonly transportId: TransportId | null;
};

const NOWHERE: TransportPlace = { transport: null, transportId: null };

/**
 * One transceiver of a connection: its objects, the newest record that negotiation has of it, and what
 * hangs on both. The objects hold it, so it lives as long as the application keeps one of them, also
 * after the transceiver has stopped and left the connection.
 */
export class TransceiverEntry implements RtpHost {
  readonly object: RTCRtpTransceiver;
  readonly control: TransceiverControl;
  readonly #connection: RtpConnection;
  #record: TransceiverState;
  /** [[SenderTransport]] and [[ReceiverTransport]], which are the same: RTCP is always multiplexed. */
  place: TransportPlace = NOWHERE;
  /** [[LastStableStateSenderTransport]] */
  stablePlace: TransportPlace = NOWHERE;
  /** [[AssociatedRemoteMediaStreams]] */
  streams: readonly MediaStream[] = [];

  constructor(connection: RtpConnection, record: TransceiverState, track: MediaStreamTrack | null) {
    this.#connection = connection;
    this.#record = record;
    const { transceiver, control } = createTransceiver({ host: this, id: record.id, track });
    this.object = transceiver;
    this.control = control;
  }

  get record(): TransceiverState {
    return this.#record;
  }

  /** Takes over what a description has made of it. */
  follow(record: TransceiverState): void {
    this.#record = record;
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-close-the-connection, step 4: nothing is negotiated any more. */
  stopForGood(): void {
    this.control.endTracks();
    this.#record = { ...this.#record, isStopping: true, isStopped: true };
  }

  get isClosed(): boolean {
    return this.#connection.isClosed();
  }

  get connectionState(): RTCPeerConnectionState {
    return this.#connection.transports.connectionState;
  }

  get cname(): string {
    return this.#connection.negotiation().negotiator.cname;
  }

  get tasks(): TaskQueue {
    return this.#connection.tasks;
  }

  get runtime(): RtpConnection["runtime"] {
    return this.#connection.runtime;
  }

  get random(): Random {
    return this.#connection.runtime.crypto.random;
  }

  chain<T>(operation: () => Promise<T>): Promise<T> {
    return this.#connection.negotiation().operations.run(operation);
  }

  transceiver(): TransceiverState {
    return this.#record;
  }

  change(_id: TransceiverId, change: TransceiverChange): void {
    this.apply(change);
  }

  /** Writes what the API may write into the record. */
  apply(change: TransceiverChange): void {
    if (this.isClosed) return; // It stays stopped, whatever negotiation still has of it.
    const { negotiator } = this.#connection.negotiation();
    this.#record = negotiator.changeTransceiver(this.#record.id, change) ?? this.#record;
  }

  updateNegotiationNeeded(): void {
    this.#connection.negotiation().updateNeeded();
  }

  get transportId(): TransportId | null {
    return this.place.transportId;
  }

  transportOf(): RTCDtlsTransport | null {
    return this.place.transport;
  }

  hasReducedSizeRtcp(): boolean {
    const { mid } = this.#record;
    const { negotiator } = this.#connection.negotiation();
    return mid !== null && negotiator.hasReducedSizeRtcp(mid);
  }

  getStats(selector: RTCRtpSender | RTCRtpReceiver): Promise<RTCStatsReport> {
    return this.#connection.getStats(selector);
  }
}
