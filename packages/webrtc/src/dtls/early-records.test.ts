import assert from "node:assert/strict";
import { test } from "vitest";
import { EarlyRecords } from "./early-records.ts";

test("records are kept as copies, in order, and taken out once", () => {
  const early = new EarlyRecords();
  const datagram = Buffer.from([1, 2, 3, 4]); // A Buffer's own `slice` would not copy.
  assert.ok(early.keep(datagram, 0, 2));
  assert.ok(early.keep(datagram, 2, 4));
  datagram.fill(0);
  assert.deepEqual(early.takeAll(), [Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
  assert.deepEqual(early.takeAll(), []);
});

test("at most 16 records and 20,000 bytes are kept", () => {
  const small = new EarlyRecords();
  const kept = Array.from({ length: 40 }, () => small.keep(new Uint8Array(20), 0, 20));
  assert.equal(kept.filter(Boolean).length, 16);
  const large = new EarlyRecords();
  assert.ok(large.keep(new Uint8Array(15_000), 0, 15_000));
  assert.ok(!large.keep(new Uint8Array(5_001), 0, 5_001));
  assert.ok(large.keep(new Uint8Array(5_000), 0, 5_000));
});

test("room is free again after they were taken out", () => {
  const early = new EarlyRecords();
  for (let index = 0; index < 16; index++) early.keep(new Uint8Array(1000), 0, 1000);
  early.takeAll();
  assert.ok(early.keep(new Uint8Array(1000), 0, 1000));
});
