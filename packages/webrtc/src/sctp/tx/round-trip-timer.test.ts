import assert from "node:assert/strict";
import { test } from "vitest";
import { RoundTripTimer } from "./round-trip-timer.ts";

const LIMITS = { initialRtoMs: 500, minRtoMs: 100, maxRtoMs: 10_000 };

test("the first sample sets the timeout to three times itself (RFC 9260 §6.3.1, C2)", () => {
  const timer = new RoundTripTimer(LIMITS);
  assert.deepEqual([timer.smoothedMs, timer.rtoMs], [undefined, 500]);
  timer.handleSample(200);
  assert.deepEqual([timer.smoothedMs, timer.rtoMs], [200, 600]);
});

test("further samples are smoothed by an eighth and a quarter (RFC 9260 §6.3.1, C3)", () => {
  const timer = new RoundTripTimer(LIMITS);
  timer.handleSample(200);
  timer.handleSample(280);
  assert.equal(timer.smoothedMs, 210);
  assert.equal(timer.rtoMs, 210 + 4 * 95);
});

test("the timeout stays between its limits, and doubles when it expires (RFC 9260 §6.3.3, E2)", () => {
  const timer = new RoundTripTimer(LIMITS);
  for (let round = 0; round < 50; round++) timer.handleSample(1);
  assert.equal(timer.rtoMs, 100);
  timer.backOff();
  assert.equal(timer.rtoMs, 200);
  for (let round = 0; round < 20; round++) timer.backOff();
  assert.equal(timer.rtoMs, 10_000);
  timer.handleSample(1);
  assert.equal(timer.rtoMs, 100);
});

test("what expiries added can be taken back: the timeout is what the samples say, or the initial one", () => {
  const timer = new RoundTripTimer(LIMITS);
  timer.backOff();
  timer.forgetBackOff();
  assert.equal(timer.rtoMs, 500);
  timer.handleSample(200);
  timer.backOff();
  timer.backOff();
  timer.forgetBackOff();
  assert.equal(timer.rtoMs, 600);
});
