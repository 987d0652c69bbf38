// One ordered, reliable channel as full as it goes with messages of 64 KiB.
import { measureTransfer, serveTransfer } from "../lib/transfer.mjs";

const MESSAGE_BYTES = 65536;

export const title = "bulk-64k";
export const runs = 3;
export const metrics = {
  megabytesPerSecond: { label: "bulk 64 KiB, MB/s", better: "higher" },
  cpuMsPer100Megabytes: { label: "CPU ms per 100 MB, both ends, 64 KiB", better: "lower" },
};

export async function offerer(context) {
  const { bytes, ms, cpuMs } = await measureTransfer(context, MESSAGE_BYTES);
  return {
    megabytesPerSecond: bytes / 1_000 / ms,
    cpuMsPer100Megabytes: cpuMs / (bytes / 100_000_000),
  };
}

export const answerer = serveTransfer;
