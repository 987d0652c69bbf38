import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";

import { Queue } from "./queue.ts";

test("a queue gives back what went in, in order, whatever the order of the calls", () => {
  const step = fc.oneof(
    fc.integer().map((push) => ({ push })),
    fc.constant("shift" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const queue = new Queue<number>();
      const model: number[] = [];
      for (const action of steps) {
        assert.equal(queue.peek(), model[0]);
        if (action === "shift") {
          assert.equal(queue.shift(), model.shift());
        } else {
          queue.push(action.push);
          model.push(action.push);
        }
        assert.equal(queue.size, model.length);
      }
    }),
  );
});

test("a queue that is never empty keeps its order while it drops its used part", () => {
  const queue = new Queue<number>();
  let next = 0;
  for (let count = 0; count < 10; count++) queue.push(count);
  for (let count = 10; count < 20_000; count++) {
    queue.push(count);
    assert.equal(queue.shift(), next++);
  }
  assert.equal(queue.size, 10);
});

test("clear empties", () => {
  const queue = new Queue<string>();
  queue.push("a");
  queue.clear();
  assert.equal(queue.size, 0);
  assert.equal(queue.shift(), undefined);
});
