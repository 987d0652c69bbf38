import assert from "node:assert/strict";
import { test } from "vitest";
import { formatBytes, formatDuration } from "./amounts.ts";

test("amounts of bytes have two or three digits and a decimal unit", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [1000, "1.0 kB"],
    [9949, "9.9 kB"],
    [9951, "10 kB"],
    [999_400, "999 kB"],
    [999_600, "1.0 MB"],
    [5e9, "5.0 GB"],
    [2e15, "2000 TB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});

test("durations are milliseconds, and seconds from one on", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0.0 ms"],
    [0.84, "0.8 ms"],
    [34.6, "35 ms"],
    [999.6, "1.0 s"],
    [61_000, "61.0 s"],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});
