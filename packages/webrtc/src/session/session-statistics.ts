import type { ChannelStatistics } from "../datachannel/channel-statistics.ts";
import type { PathTraffic } from "../ice/index.ts";
import type { AssociationStats } from "../sctp/association-stats.ts";
import type { IceTransportStatistics } from "./ice-transport-statistics.ts";
import type { DtlsConnection, DtlsState, TransportId } from "./session-events.ts";

export type { ChannelStatistics } from "../datachannel/channel-statistics.ts";
export type {
  IceCandidate,
  IcePairStatistics,
  IceRemoteCandidateStatistics,
  IceStatistics,
  PathTraffic,
} from "../ice/index.ts";
export type { AssociationStats } from "../sctp/association-stats.ts";
export type { IceTransportStatistics } from "./ice-transport-statistics.ts";

/** One ICE and DTLS transport as W3C `RTCTransportStats` and what it refers to show it. */
export type SecureTransportStatistics = {
  readonly ice: IceTransportStatistics;
  /** All that is not STUN; grows over every pair and every generation of ICE. */
  readonly traffic: Readonly<PathTraffic>;
  readonly dtlsState: DtlsState;
  /** Absent until both descriptions say who begins. */
  readonly dtlsRole: "client" | "server" | undefined;
  /** What the handshake agreed on, the peer's certificates among it. */
  readonly agreement: DtlsConnection | undefined;
  /** DER, the own one first. */
  readonly localCertificates: readonly Uint8Array[];
};

/** A transport of a session by its name. */
export type TransportStatistics = SecureTransportStatistics & {
  readonly id: TransportId;
  /** Never used twice in one session, as a name may be. */
  readonly serial: number;
};

/** Everything that a session can tell in numbers, at one instant. */
export type SessionStatistics = {
  /** The instant, on the clock that all instants in here are of. */
  readonly atMs: number;
  readonly transports: readonly TransportStatistics[];
  /** Of the association for data channels, on whatever transport. */
  readonly sctp: AssociationStats | undefined;
  /** Those that live, and the latest of those that have ended. */
  readonly channels: readonly ChannelStatistics[];
  /** Channels that have been open at some time. */
  readonly openedChannels: number;
  /** Of those, the ones that are not any more. */
  readonly closedChannels: number;
};

/**
 * The last statistics of a session that is about to be closed. They remain readable
 * (webrtc-stats, "Lifetime considerations for monitored objects").
 */
export function closedStatisticsOf(statistics: SessionStatistics): SessionStatistics {
  return {
    ...statistics,
    transports: statistics.transports.map((transport) => ({
      ...transport,
      dtlsState: "closed",
      ice: { ...transport.ice, state: "closed" },
    })),
    channels: statistics.channels.map((channel) => ({ ...channel, state: "closed" })),
    closedChannels: statistics.openedChannels,
  };
}
