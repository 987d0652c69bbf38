import assert from "node:assert/strict";
import { test } from "vitest";
import { NEVER_AT_MS } from "../../base/endpoint.ts";
import { AckPolicy } from "./ack-policy.ts";

test("a single packet is acknowledged after the delay (RFC 9260 §6.2)", () => {
  const policy = new AckPolicy(20);
  assert.deepEqual([policy.isPending, policy.isDue, policy.dueAtMs], [false, false, NEVER_AT_MS]);
  policy.handleDataPacket(false, 1_000);
  assert.deepEqual([policy.isPending, policy.isDue, policy.dueAtMs], [true, false, 1_020]);
  policy.handleTimeout(1_019);
  assert.equal(policy.isDue, false);
  policy.handleTimeout(1_020);
  assert.deepEqual([policy.isDue, policy.dueAtMs], [true, NEVER_AT_MS]);
});

test("every second packet is acknowledged at once (RFC 9260 §6.2)", () => {
  const policy = new AckPolicy(20);
  policy.handleDataPacket(false, 0);
  policy.handleDataPacket(false, 1);
  assert.equal(policy.isDue, true);
  policy.markSent();
  assert.deepEqual([policy.isPending, policy.isDue, policy.dueAtMs], [false, false, NEVER_AT_MS]);
  policy.handleDataPacket(false, 2);
  assert.equal(policy.isDue, false);
});

test("what is urgent does not wait (RFC 9260 §6.7)", () => {
  const policy = new AckPolicy(20);
  policy.handleDataPacket(true, 0);
  assert.equal(policy.isDue, true);
  policy.markSent();
  policy.requestNow();
  assert.deepEqual([policy.isDue, policy.isPending], [true, true]);
});
