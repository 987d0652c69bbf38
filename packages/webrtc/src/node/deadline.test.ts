import assert from "node:assert/strict";
import { test } from "vitest";

import { NodeDeadline } from "./deadline.ts";

const now = (): number => performance.now();

function reached(atMs: (deadline: NodeDeadline) => void): Promise<number> {
  return new Promise((resolve) => {
    const deadline = new NodeDeadline(now, () => resolve(now()));
    atMs(deadline);
  });
}

test("a deadline is not reached early", async () => {
  const atMs = now() + 20;
  assert.ok((await reached((deadline) => deadline.set(atMs))) >= atMs);
});

test("a deadline that moves later waits for the later instant", async () => {
  const laterAtMs = now() + 30;
  const reachedAtMs = await reached((deadline) => {
    deadline.set(now() + 5);
    deadline.set(laterAtMs);
  });
  assert.ok(reachedAtMs >= laterAtMs);
});

test("a deadline that moves earlier does not wait for the later instant", async () => {
  const laterAtMs = now() + 3_600_000;
  const reachedAtMs = await reached((deadline) => {
    deadline.set(laterAtMs);
    deadline.set(now() + 5);
  });
  assert.ok(reachedAtMs < laterAtMs);
});

test("an instant beyond Node's longest timer does not fire at once", async () => {
  let isReached = false;
  const deadline = new NodeDeadline(now, () => (isReached = true));
  deadline.set(now() + 2 ** 40);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(isReached, false);
  deadline.clear();
});

test("a cleared deadline never calls back, and can be set anew", async () => {
  let count = 0;
  const deadline = new NodeDeadline(now, () => count++);
  deadline.set(now() + 2);
  deadline.clear();
  await new Promise((resolve) => setTimeout(resolve, 15));
  assert.equal(count, 0);
  deadline.set(now());
  await new Promise((resolve) => setTimeout(resolve, 15));
  assert.equal(count, 1);
});
