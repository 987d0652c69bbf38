import assert from "node:assert/strict";
import { test } from "vitest";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { BackoffTimer } from "./backoff-timer.ts";

test("it waits twice as long each time, up to a limit, and gives up (RFC 9260 §5.1.6)", () => {
  const timer = new BackoffTimer({ initialMs: 100, maxMs: 300, maxRetries: 3 }, 1_000);
  const dueAtMs: number[] = [];
  for (let verdict = "retry"; verdict !== "exhausted";) {
    dueAtMs.push(timer.dueAtMs);
    assert.equal(timer.handleTimeout(timer.dueAtMs - 1), "waiting");
    verdict = timer.handleTimeout(timer.dueAtMs);
  }
  assert.deepEqual(dueAtMs, [1_100, 1_300, 1_600, 1_900]);
  assert.equal(timer.dueAtMs, NEVER_AT_MS);
  assert.equal(timer.expiries, 4);
});

test("a restart keeps the delay that was reached", () => {
  const timer = new BackoffTimer({ initialMs: 100, maxMs: 800, maxRetries: 9 }, 0);
  timer.handleTimeout(100);
  timer.restart(5_000);
  assert.equal(timer.dueAtMs, 5_200);
});

test("hastened, it is due at once and begins from the beginning, unless it never expired", () => {
  const timer = new BackoffTimer({ initialMs: 100, maxMs: 800, maxRetries: 3 }, 0);
  timer.hasten(50);
  assert.equal(timer.dueAtMs, 100, "the answer may still be under way");
  timer.handleTimeout(100);
  timer.handleTimeout(300);
  timer.hasten(310);
  assert.equal(timer.dueAtMs, 310);
  assert.equal(timer.handleTimeout(310), "retry");
  assert.equal(timer.dueAtMs, 410);
  assert.equal(timer.expiries, 1);
});

test("given up is given up", () => {
  const timer = new BackoffTimer({ initialMs: 100, maxMs: 800, maxRetries: 0 }, 0);
  assert.equal(timer.handleTimeout(100), "exhausted");
  timer.hasten(200);
  assert.equal(timer.dueAtMs, NEVER_AT_MS);
});
