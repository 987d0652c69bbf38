import { NEVER_AT_MS } from "../base/endpoint.ts";

/**
 * What W3C `RTCIceCandidatePairStats` counts of the packets that are not STUN. On the path of every
 * packet: fields that are added to, nothing else.
 */
export type PathTraffic = {
  packetsSent: number;
  /** Of UDP payload. */
  bytesSent: number;
  /** `-NEVER_AT_MS` before the first; always a double, so that the object keeps its shape. */
  lastSentAtMs: number;
  packetsReceived: number;
  bytesReceived: number;
  lastReceivedAtMs: number;
};

/** Nothing yet. */
export function createTraffic(): PathTraffic {
  return {
    packetsSent: 0,
    bytesSent: 0,
    lastSentAtMs: -NEVER_AT_MS,
    packetsReceived: 0,
    bytesReceived: 0,
    lastReceivedAtMs: -NEVER_AT_MS,
  };
}

/** One packet of `byteCount` bytes went out. */
export function countSent(traffic: PathTraffic, byteCount: number, nowMs: number): void {
  traffic.packetsSent++;
  traffic.bytesSent += byteCount;
  traffic.lastSentAtMs = nowMs;
}

/** One packet of `byteCount` bytes came in, from a path that is known to be the peer's. */
export function countReceived(traffic: PathTraffic, byteCount: number, nowMs: number): void {
  traffic.packetsReceived++;
  traffic.bytesReceived += byteCount;
  traffic.lastReceivedAtMs = nowMs;
}
