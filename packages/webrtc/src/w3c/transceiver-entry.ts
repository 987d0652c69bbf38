import type { Random } from "../base/random.ts";
import type { TransceiverChange, TransceiverId, TransceiverState } from "../negotiation/index.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { ConnectionNegotiation } from "./connection-negotiation.ts";
import type { RTCPeerConnectionState } from "./connection-states.ts";
import type { ConnectionTransports } from "./connection-transports.ts";
import type { MediaStream } from "./media-stream.ts";
import type { MediaStreamTrack } from "./media-stream-track.ts";
import type { RTCDtlsTransport } from "./rtc-dtls-transport.ts";
import type { RTCRtpReceiver } from "./rtc-rtp-receiver.ts";
import type { RTCRtpSender } from "./rtc-rtp-sender.ts";
import type { RTCRtpTransceiver } from "./rtc-rtp-transceiver.ts";
import type { RtpHost, StatsReport } from "./rtp-host.ts";
import type { TaskQueue } from "./task-queue.ts";

/** What all transceivers of a connection share. */
export type RtpConnection = {
  readonly tasks: TaskQueue;
  readonly runtime: Pick<Runtime, "createDeadline" | "nowMs" | "crypto">;
  readonly transports: ConnectionTransports;
  readonly isClosed: () => boolean;
  readonly negotiation: () => ConnectionNegotiation;
  /** Fires at the connection. */
  fire(event: Event): void;
  getStats(selector: RTCRtpSender | RTCRtpReceiver): Promise<StatsReport>;
};

/**
 * One transceiver of a connection: its objects, the newest record that negotiation has of it, and what
 * hangs on both. The objects hold it, so it lives as long as the application keeps one of them, also
 * after the transceiver has stopped and left the connection.
 */
export class TransceiverEntry implements RtpHost {
  readonly transceiver: RTCRtpTransceiver;
  readonly #connection: RtpConnection;
  #record: TransceiverState;
  /** [[SenderTransport]] and [[ReceiverTransport]] */
  transport: RTCDtlsTransport | null = null;
  /** [[LastStableStateSenderTransport]] */
  stableTransport: RTCDtlsTransport | null = null;
  /** [[AssociatedRemoteMediaStreams]] */
  streams: readonly MediaStream[] = [];

  constructor(connection: RtpConnection, record: TransceiverState, track: MediaStreamTrack | null) {
    this.#connection = connection;
    this.#record = record;
    this.transceiver = makeTransceiver(this, record, track);
  }

  get record(): TransceiverState {
    return this.#record;
  }

  /** Takes over what a description has made of it; `undefined` once it has left the set. */
  follow(record: TransceiverState | undefined): void {
    this.#record = record ?? { ...this.#record, isStopping: true, isStopped: true, mid: null };
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

  change(change: TransceiverChange): void {
    const { negotiator } = this.#connection.negotiation();
    this.#record = negotiator.changeTransceiver(this.#record.id, change) ?? this.#record;
  }

  updateNegotiationNeeded(): void {
    this.#connection.negotiation().updateNeeded();
  }

  get hasReducedSizeRtcp(): boolean {
    const { mid } = this.#record;
    const { negotiator } = this.#connection.negotiation();
    return mid !== null && negotiator.hasReducedSizeRtcp(mid);
  }

  getStats(selector: RTCRtpSender | RTCRtpReceiver): Promise<StatsReport> {
    return this.#connection.getStats(selector);
  }
}
