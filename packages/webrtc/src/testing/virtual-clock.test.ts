import assert from "node:assert/strict";
import { test } from "vitest";

import { VirtualClock } from "./virtual-clock.ts";
import { VirtualDeadline } from "./virtual-deadline.ts";

function runAll(clock: VirtualClock): void {
  while (clock.step() !== undefined);
}

test("the clock jumps from event to event", () => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  for (const atMs of [30, 10.5, 20]) clock.schedule(atMs, () => seen.push(clock.nowMs));
  runAll(clock);
  assert.deepEqual(seen, [10.5, 20, 30]);
  assert.equal(clock.nowMs, 30);
  assert.equal(clock.eventCount, 3);
  assert.equal(clock.queuedCount, 0);
});

test("an event in the past happens now, and never within schedule", () => {
  const clock = new VirtualClock(100);
  let isDone = false;
  clock.schedule(5, () => (isDone = true));
  assert.equal(isDone, false);
  clock.step();
  assert.equal(isDone, true);
  assert.equal(clock.nowMs, 100);
});

test("a step goes no further than asked", () => {
  const clock = new VirtualClock();
  clock.schedule(50, () => {});
  assert.equal(clock.step(49), undefined);
  assert.equal(clock.nowMs, 0);
  assert.notEqual(clock.step(50), undefined);
});

test("time can be skipped only where nothing is due", () => {
  const clock = new VirtualClock();
  clock.schedule(50, () => {});
  clock.skipTo(50);
  assert.equal(clock.nowMs, 50);
  assert.throws(() => clock.skipTo(51), { code: "ERR_OUT_OF_ORDER" });
  clock.skipTo(10);
  assert.equal(clock.nowMs, 50);
});

test("an event that is to happen never does not, and nobody waits for it", () => {
  const clock = new VirtualClock();
  clock.schedule(Number.POSITIVE_INFINITY, () => assert.fail("never"));
  clock.schedule(5, () => {});
  assert.equal(clock.queuedCount, 1);
  runAll(clock);
  assert.equal(clock.nowMs, 5);
  assert.equal(clock.nextAtMs, Number.POSITIVE_INFINITY);
});

test("an instant that is no number is refused", () => {
  assert.throws(() => new VirtualClock().schedule(Number.NaN, () => {}), { code: "ERR_RANGE" });
});

test("an event cannot step the clock that runs it", () => {
  const clock = new VirtualClock();
  clock.schedule(1, () => clock.step());
  assert.throws(() => clock.step(), { code: "ERR_OUT_OF_ORDER" });
});

test("an error in an event comes out of step, and the clock still works", () => {
  const clock = new VirtualClock();
  clock.schedule(1, () => {
    throw new TypeError("in the application");
  });
  clock.schedule(2, () => {});
  assert.throws(() => clock.step(), { message: "in the application" });
  assert.notEqual(clock.step(), undefined);
});

test("events that follow each other without time moving are caught", () => {
  const clock = new VirtualClock(0, { maxEventsAtOneInstant: 1_000 });
  const again = (): void => void clock.schedule(clock.nowMs, again);
  again();
  assert.throws(() => runAll(clock), { code: "ERR_LIVELOCK", message: /at 0 ms/ });
  assert.ok(clock.eventCount < 1_100);
});

test("many events at one instant, then others at the next, are no livelock", () => {
  const clock = new VirtualClock(0, { maxEventsAtOneInstant: 10 });
  for (let index = 0; index < 100; index++) clock.schedule(index >> 3, () => {});
  runAll(clock);
  assert.equal(clock.eventCount, 100);
});

test("a simulation without end is caught by the count of its events", () => {
  const clock = new VirtualClock(0, { maxEvents: 500 });
  const again = (): void => void clock.schedule(clock.nowMs + 1, again);
  again();
  assert.throws(() => runAll(clock), { code: "ERR_CAP_REACHED" });
});

test("a flood of events is caught by the count of those that wait", () => {
  const clock = new VirtualClock(0, { maxQueuedEvents: 100 });
  assert.throws(
    () => {
      for (let index = 0; index <= 100; index++) clock.schedule(1, () => {});
    },
    { code: "ERR_CAP_REACHED" },
  );
});

test("a deadline fires once, at its instant", () => {
  const clock = new VirtualClock();
  const armed = new Set<VirtualDeadline>();
  const firedAtMs: number[] = [];
  const deadline = new VirtualDeadline(clock, () => firedAtMs.push(clock.nowMs), armed);
  deadline.set(20);
  assert.equal(armed.size, 1);
  runAll(clock);
  assert.deepEqual(firedAtMs, [20]);
  assert.equal(armed.size, 0);
});

test("setting a deadline replaces the instant before, later or earlier", () => {
  const clock = new VirtualClock();
  const firedAtMs: number[] = [];
  const deadline = new VirtualDeadline(clock, () => firedAtMs.push(clock.nowMs), new Set());
  for (const atMs of [20, 50, 10, 40, 30]) deadline.set(atMs);
  assert.equal(clock.queuedCount, 1);
  runAll(clock);
  assert.deepEqual(firedAtMs, [30]);
});

test("a deadline that was cleared, or set to never, does not fire and lets the clock rest", () => {
  const clock = new VirtualClock();
  const deadline = new VirtualDeadline(clock, () => assert.fail("was cleared"), new Set());
  deadline.set(20);
  deadline.clear();
  deadline.clear();
  deadline.set(20);
  deadline.set(Number.POSITIVE_INFINITY);
  runAll(clock);
  assert.equal(clock.nowMs, 0);
});

test("a deadline can be set again where it fires, and in the past it fires at once", () => {
  const clock = new VirtualClock();
  const firedAtMs: number[] = [];
  const deadline = new VirtualDeadline(
    clock,
    () => {
      firedAtMs.push(clock.nowMs);
      if (firedAtMs.length < 3) deadline.set(clock.nowMs + 10);
      if (firedAtMs.length === 3) deadline.set(1);
    },
    new Set(),
  );
  deadline.set(5);
  runAll(clock);
  assert.deepEqual(firedAtMs, [5, 15, 25, 25]);
});

test("a deadline that is moved ten thousand times costs one event", () => {
  const clock = new VirtualClock();
  let fired = 0;
  const deadline = new VirtualDeadline(clock, () => fired++, new Set());
  for (let atMs = 1; atMs <= 10_000; atMs++) deadline.set(atMs);
  runAll(clock);
  assert.equal(fired, 1);
  assert.equal(clock.eventCount, 1);
  assert.equal(clock.nowMs, 10_000);
});
