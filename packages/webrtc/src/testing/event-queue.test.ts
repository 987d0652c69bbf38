import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";

import { EventQueue } from "./event-queue.ts";

const NOTHING = (): void => {};

function takeAll(queue: EventQueue): number[] {
  const instants: number[] = [];
  for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
    instants.push(event.dueAtMs);
  }
  return instants;
}

test("events come out by instant, whatever order they went in", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (instants) => {
      const queue = new EventQueue();
      for (const atMs of instants) queue.push(atMs, NOTHING, true);
      assert.deepEqual(
        takeAll(queue),
        instants.toSorted((a, b) => a - b),
      );
    }),
  );
});

test("events of one instant come out in the order in which they went in", () => {
  const queue = new EventQueue();
  const order: number[] = [];
  for (let index = 0; index < 100; index++) queue.push(7, () => void order.push(index), true);
  for (let event = queue.shift(); event !== undefined; event = queue.shift()) event.run();
  assert.deepEqual(
    order,
    Array.from({ length: 100 }, (_, index) => index),
  );
});

test("cancelled events do not come out, and are not counted", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean())), (plan) => {
      const queue = new EventQueue();
      const kept: number[] = [];
      for (const [atMs, isCancelled] of plan) {
        const event = queue.push(atMs, NOTHING, true);
        if (isCancelled) queue.cancel(event);
        else kept.push(atMs);
      }
      assert.equal(queue.size, kept.length);
      assert.deepEqual(
        takeAll(queue),
        kept.toSorted((a, b) => a - b),
      );
      assert.equal(queue.size, 0);
    }),
  );
});

test("an event that is moved later comes out at its new place", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { minLength: 1 }), (plan) => {
      const queue = new EventQueue();
      const moved = plan.map(([atMs, laterMs]) => {
        const event = queue.push(atMs, NOTHING, true);
        event.dueAtMs += laterMs;
        return event.dueAtMs;
      });
      assert.equal(queue.nextAtMs, Math.min(...moved));
      assert.deepEqual(
        takeAll(queue),
        moved.toSorted((a, b) => a - b),
      );
    }),
  );
});

test("an empty queue has nothing before infinity", () => {
  const queue = new EventQueue();
  assert.equal(queue.nextAtMs, Number.POSITIVE_INFINITY);
  assert.equal(queue.shift(), undefined);
  const event = queue.push(3, NOTHING, true);
  assert.equal(queue.shift(), event);
  queue.cancel(event); // It has happened: cancelling it does not make the count wrong.
  assert.equal(queue.size, 0);
});
