import type { TransceiverState } from "../../negotiation/transceiver.ts";
import type { SessionStatistics, TransportStatistics } from "../../session/session-statistics.ts";
import type { StatsIds } from "./stats-ids.ts";

/** A transceiver with what only the objects of the API know. */
export type StatsTransceiver = {
  readonly state: TransceiverState;
  /** Of the session; null while the transceiver has none. */
  readonly transportId: string | null;
  /** `id` of the track that is attached to the sender. */
  readonly senderTrackId: string | null;
};

/** Everything that a report is made of. */
export type StatsSource = {
  readonly session: SessionStatistics;
  /** When `session` was taken, as a `DOMHighResTimeStamp`: `performance.timeOrigin + performance.now()`. */
  readonly timestampMs: number;
  /** Of the connection's set, in its order. */
  readonly transceivers: readonly StatsTransceiver[];
};

/** Where candidates and pairs belong: their names are their own within one generation of ICE. */
export type StatsGeneration = {
  readonly transport: TransportStatistics;
  readonly localUfrag: string;
};

/** What the builders of one report share. */
export class StatsContext {
  readonly ids: StatsIds;
  readonly timestamp: number;
  readonly #source: StatsSource;

  constructor(source: StatsSource, ids: StatsIds) {
    this.#source = source;
    this.ids = ids;
    this.timestamp = source.timestampMs;
  }

  /** The wall clock's time of an instant of the session; `undefined` if it never came. */
  epochMsOf(atMs: number): number | undefined {
    if (!Number.isFinite(atMs)) return undefined;
    return this.timestamp - (this.#source.session.atMs - atMs);
  }

  /** Of a transport that the report has. */
  transportIdOf(transport: TransportStatistics): string {
    return this.ids.of("T", transport.serial);
  }

  /** Of the transport that a transceiver names, if the report has it. */
  transportIdNamed(transportId: string | null): string | undefined {
    const transport = this.#source.session.transports.find(({ id }) => id === transportId);
    return transport && this.transportIdOf(transport);
  }
}
