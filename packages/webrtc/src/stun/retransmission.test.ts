import assert from "node:assert/strict";
import { test } from "vitest";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { RetransmissionTimings } from "./retransmission.ts";
import { Retransmission, RFC8489_TIMINGS } from "./retransmission.ts";

/** The instants of all transmissions and of the end. */
function run(timings: RetransmissionTimings): { sentAtMs: number[]; timedOutAtMs: number } {
  const retransmission = new Retransmission(timings, 0);
  const sentAtMs: number[] = [];
  for (;;) {
    const nowMs = retransmission.nextTimeoutAtMs;
    const action = retransmission.handleTimeout(nowMs);
    if (action === "timedOut") return { sentAtMs, timedOutAtMs: nowMs };
    sentAtMs.push(nowMs);
  }
}

test("seven requests, doubling from 500 ms, given up after 39.5 s (RFC 8489 §6.2.1)", () => {
  assert.deepEqual(run(RFC8489_TIMINGS), {
    sentAtMs: [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500],
    timedOutAtMs: 39_500,
  });
});

test("the doubling stops at the limit", () => {
  const timings = { rtoMs: 500, maxRtoMs: 2_000, maxRequests: 5, lastWaitMs: 100 };
  assert.deepEqual(run(timings), {
    sentAtMs: [0, 500, 1_500, 3_500, 5_500],
    timedOutAtMs: 5_600,
  });
});

test("being asked too early is harmless, and the end is told once", () => {
  const retransmission = new Retransmission({ ...RFC8489_TIMINGS, maxRequests: 1 }, 100);
  assert.equal(retransmission.handleTimeout(99), "wait");
  assert.equal(retransmission.handleTimeout(100), "send");
  assert.equal(retransmission.handleTimeout(100), "wait");
  assert.equal(retransmission.requestsSent, 1);
  assert.equal(retransmission.handleTimeout(8_100), "timedOut");
  assert.equal(retransmission.handleTimeout(99_999), "wait");
  assert.equal(retransmission.nextTimeoutAtMs, NEVER_AT_MS);
});

test("a cancelled request is not repeated but awaited (RFC 8445 §7.3.1.4)", () => {
  const retransmission = new Retransmission(RFC8489_TIMINGS, 0);
  retransmission.handleTimeout(0);
  retransmission.cancel(3_000);
  assert.equal(retransmission.handleTimeout(500), "wait");
  assert.equal(retransmission.nextTimeoutAtMs, 3_000);
  assert.equal(retransmission.handleTimeout(3_000), "timedOut");
  assert.equal(retransmission.requestsSent, 1);
});
