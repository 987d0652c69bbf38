import { tsnDistance } from "../base/serial-number.ts";
import type { DataTransfer } from "./data-transfer.ts";

/** Counters of what passes through an association before anything is known of the peer. */
export type PacketCounters = {
  packetsSent: number;
  bytesSent: number;
  packetsReceived: number;
  bytesReceived: number;
  /** Packets, or rests of packets, that did not parse. */
  malformedPackets: number;
  /** Wrong checksum, ports or verification tag: not of this association. */
  foreignPackets: number;
  /** COOKIE ECHO chunks whose cookie was forged, late or of no use. */
  refusedCookies: number;
};

/** All zero. */
export function createCounters(): PacketCounters {
  return {
    packetsSent: 0,
    bytesSent: 0,
    packetsReceived: 0,
    bytesReceived: 0,
    malformedPackets: 0,
    foreignPackets: 0,
    refusedCookies: 0,
  };
}

/** Figures of an association; what is not known yet is zero or `undefined`. */
export type AssociationStats = Readonly<PacketCounters> & {
  /** Smoothed round-trip time. */
  readonly roundTripMs: number | undefined;
  readonly rtoMs: number;
  readonly congestionWindowBytes: number;
  /** What the peer could still take. */
  readonly peerWindowBytes: number;
  readonly flightBytes: number;
  /** Bytes that wait for reassembly or for their turn. */
  readonly heldBytes: number;
  /** Chunks that went out and are not acknowledged cumulatively. */
  readonly unackedChunks: number;
  /** Largest packet that is sent, SCTP header included: what is left of the path's MTU. */
  readonly maxPacketBytes: number;
  readonly chunksSent: number;
  readonly chunksRetransmitted: number;
  readonly fastRecoveries: number;
  readonly timeouts: number;
  readonly messagesAbandoned: number;
  readonly messagesReceived: number;
  readonly duplicateChunks: number;
  /** Chunks beyond the receive window, or behind too many holes. */
  readonly droppedChunks: number;
};

/** A snapshot. */
export function collectStats(
  counters: PacketCounters,
  transfer: DataTransfer | undefined,
  maxPacketBytes: number,
): AssociationStats {
  const sender = transfer?.sender;
  const receiver = transfer?.receiver;
  return {
    ...counters,
    roundTripMs: transfer?.roundTrip.smoothedMs,
    rtoMs: transfer?.roundTrip.rtoMs ?? 0,
    congestionWindowBytes: sender?.windowBytes ?? 0,
    peerWindowBytes: sender?.peerWindowBytes ?? 0,
    flightBytes: sender?.flightBytes ?? 0,
    heldBytes: receiver?.heldBytes ?? 0,
    unackedChunks: sender === undefined ? 0 : tsnDistance(sender.ackedTsn, sender.nextTsn) - 1,
    maxPacketBytes,
    chunksSent: sender?.stats.sentChunks ?? 0,
    chunksRetransmitted: sender?.stats.retransmittedChunks ?? 0,
    fastRecoveries: sender?.stats.fastRecoveries ?? 0,
    timeouts: sender?.stats.timeouts ?? 0,
    messagesAbandoned: sender?.abandonedMessages ?? 0,
    messagesReceived: receiver?.messageCount ?? 0,
    duplicateChunks: receiver?.duplicateCount ?? 0,
    droppedChunks: receiver?.droppedCount ?? 0,
  };
}
