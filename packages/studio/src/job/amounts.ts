const UNITS = ["kB", "MB", "GB", "TB"] as const;

/** `512 bytes`, `4.1 kB`, `12 MB`: decimal units, two or three digits. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${Math.round(bytes)} bytes`;
  let amount = bytes;
  let unit: (typeof UNITS)[number] = "kB";
  for (unit of UNITS) {
    amount /= 1000;
    if (amount < 999.5) break;
  }
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
}

/** `0.8 ms`, `35 ms`, `2.1 s`. */
export function formatDuration(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
