/** `512 B`, `4.1 kB`, `12 MB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"] as const;
  let amount = bytes;
  let index = 0;
  while (amount >= 999.5 && index < units.length - 1) {
    amount /= 1000;
    index++;
  }
  const digits = index > 0 && amount < 9.95 ? 1 : 0;
  return `${amount.toFixed(digits)} ${units[index]}`;
}

/** `12.3 ms` or `1.24 s`. */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
