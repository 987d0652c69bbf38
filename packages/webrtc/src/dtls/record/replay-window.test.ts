import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { MAX_SEQUENCE } from "./record-header.ts";
import { REPLAY_WINDOW_RECORDS, ReplayWindow } from "./replay-window.ts";

test("a number is fresh until it has been seen (RFC 6347 §4.1.2.6)", () => {
  const window = new ReplayWindow();
  for (const sequence of [0, 1, 5, 3, 31, 32, 33, 64, 1000]) {
    assert.ok(window.isFresh(sequence), `${sequence} before`);
    window.markSeen(sequence);
    assert.ok(!window.isFresh(sequence), `${sequence} after`);
  }
  assert.ok(window.isFresh(2));
  assert.ok(window.isFresh(999));
});

test("asking changes nothing: only a verified record moves the window", () => {
  const window = new ReplayWindow();
  assert.ok(window.isFresh(MAX_SEQUENCE));
  assert.ok(window.isFresh(0));
});

test("at least 64 numbers behind the newest can still come (RFC 6347 §4.1.2.6)", () => {
  assert.ok(REPLAY_WINDOW_RECORDS >= 64);
  const window = new ReplayWindow();
  window.markSeen(5000);
  for (let lag = 1; lag <= REPLAY_WINDOW_RECORDS; lag++) assert.ok(window.isFresh(5000 - lag));
});

test("what is older than the window is never fresh", () => {
  const window = new ReplayWindow();
  window.markSeen(5000);
  for (const sequence of [0, 1, 1000, 5000 - 1024 - 32]) assert.ok(!window.isFresh(sequence));
});

test("the last number there is works", () => {
  const window = new ReplayWindow();
  window.markSeen(0);
  window.markSeen(MAX_SEQUENCE);
  assert.ok(!window.isFresh(MAX_SEQUENCE));
  assert.ok(window.isFresh(MAX_SEQUENCE - 1));
  assert.ok(!window.isFresh(0));
});

test("no number is ever taken twice, and none in the window is lost: against a set", () => {
  const anyStep = fc.oneof(
    fc.integer({ min: -1100, max: 40 }),
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: 0, max: 5000 }),
  );
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 400 }), (steps) => {
      const window = new ReplayWindow();
      const seen = new Set<number>();
      let newest = -1;
      for (const step of steps) {
        const sequence = Math.max(0, newest + step);
        const isFresh = window.isFresh(sequence);
        if (seen.has(sequence)) assert.ok(!isFresh);
        else if (newest - sequence <= REPLAY_WINDOW_RECORDS) assert.ok(isFresh);
        if (!isFresh) continue;
        window.markSeen(sequence);
        seen.add(sequence);
        newest = Math.max(newest, sequence);
      }
    }),
  );
});
