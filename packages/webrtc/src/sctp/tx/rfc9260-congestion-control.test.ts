import assert from "node:assert/strict";
import { test } from "vitest";
import { Rfc9260CongestionControl } from "./rfc9260-congestion-control.ts";

const PACKET = 1_000;
const ACK = { ackedBytes: 2_000, hasAdvanced: true, wasWindowFull: true, isInRecovery: false };

test("slow start grows by what was acknowledged, up to 32 packets a SACK (RFC 9260 §7.2.1)", () => {
  const control = new Rfc9260CongestionControl(PACKET, 1e6);
  assert.equal(control.windowBytes, 10_000);
  control.handleAck(ACK);
  assert.equal(control.windowBytes, 12_000);
  control.handleAck({ ...ACK, ackedBytes: 90_000 });
  assert.equal(control.windowBytes, 44_000);
});

test("a window that was not used does not grow, nor does one under repair (RFC 9260 §7.2.1)", () => {
  const control = new Rfc9260CongestionControl(PACKET, 1e6);
  control.handleAck({ ...ACK, wasWindowFull: false });
  control.handleAck({ ...ACK, isInRecovery: true });
  control.handleAck({ ...ACK, hasAdvanced: false });
  assert.equal(control.windowBytes, 10_000);
});

test("congestion avoidance grows by a packet per window (RFC 9260 §7.2.2)", () => {
  const control = new Rfc9260CongestionControl(PACKET, 1e6);
  control.handleLoss();
  assert.equal(control.windowBytes, 5_000);
  control.handleAck({ ...ACK, ackedBytes: 1 }); // At the threshold slow start still has its turn.
  const start = control.windowBytes;
  for (let round = 0; round < 2; round++) control.handleAck(ACK);
  assert.equal(control.windowBytes, start);
  control.handleAck(ACK);
  assert.equal(control.windowBytes, start + PACKET);
});

test("acknowledgements of an unused window do not pile up for later (RFC 9260 §7.2.2)", () => {
  const control = new Rfc9260CongestionControl(PACKET, 4_000);
  for (let round = 0; round < 100; round++) control.handleAck({ ...ACK, wasWindowFull: false });
  control.handleAck(ACK);
  assert.ok(control.windowBytes <= 11_000);
});

test("a loss halves the window, never below four packets (RFC 9260 §7.2.3)", () => {
  const control = new Rfc9260CongestionControl(PACKET, 1e6);
  for (let round = 0; round < 5; round++) control.handleLoss();
  assert.equal(control.windowBytes, 4_000);
});

test("a timeout leaves one packet, and slow start up to half of what was (RFC 9260 §7.2.3)", () => {
  const control = new Rfc9260CongestionControl(PACKET, 1e6);
  control.handleTimeout();
  assert.equal(control.windowBytes, 1_000);
  for (let round = 0; round < 3; round++) control.handleAck(ACK);
  assert.equal(control.windowBytes, 7_000);
  control.handleAck(ACK);
  assert.equal(control.windowBytes, 7_000);
});

test("idleness halves the window down to the initial one (RFC 9260 §7.2.1)", () => {
  const control = new Rfc9260CongestionControl(PACKET, 1e6);
  for (let round = 0; round < 20; round++) control.handleAck(ACK);
  assert.equal(control.windowBytes, 50_000);
  control.handleIdle(1);
  assert.equal(control.windowBytes, 25_000);
  control.handleIdle(64);
  assert.equal(control.windowBytes, 10_000);
});

test("the window holds at least one packet of a path that grew", () => {
  const control = new Rfc9260CongestionControl(PACKET, 1e6);
  control.handleTimeout();
  control.setMaxPacketBytes(9_000);
  assert.equal(control.windowBytes, 9_000);
});
