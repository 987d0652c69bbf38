import { freemem, loadavg } from "node:os";
import type { PeerData } from "@pallas/peers";

const FILE_REQUEST = JSON.stringify({ kind: "sendFile" });

/** The live data: what the sender's process looks like at this moment, as JSON. */
export function createTick(number: number, receivers: number): string {
  return JSON.stringify({
    kind: "tick",
    number,
    sentAtEpochMs: performance.timeOrigin + performance.now(),
    uptimeS: process.uptime(),
    receivers,
    memoryBytes: process.memoryUsage.rss(),
    cpuMs: process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000,
    loadAverage: loadavg()[0] ?? 0,
    freeMemoryBytes: freemem(),
  });
}

/** True for the message with which a receiver asks for the file once more. */
export function isFileRequest(data: PeerData): boolean {
  return data === FILE_REQUEST;
}
