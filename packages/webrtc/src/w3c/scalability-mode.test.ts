import assert from "node:assert/strict";
import { test } from "vitest";
import { isScalabilityMode, isSimulcastMode, supportsScalabilityMode } from "./scalability-mode.ts";

const PLAIN = ["L1T1", "L1T2", "L1T3"];
const LAYERED = [
  "L2T1",
  "L2T1h",
  "L2T1_KEY",
  "L2T2_KEY_SHIFT",
  "L3T3",
  "L3T3_KEY",
  "S2T1",
  "S3T3h",
];

test("the modes of the table of webrtc-svc are known, others are not", () => {
  for (const mode of [...PLAIN, ...LAYERED]) assert.ok(isScalabilityMode(mode), mode);
  for (const mode of [
    "",
    "L1",
    "L1T1h",
    "L1T4",
    "L4T1",
    "l1t1",
    "S1T1",
    "L2T1_KEY_SHIFT",
    " L1T1",
  ]) {
    assert.ok(!isScalabilityMode(mode), mode);
  }
});

test("VP9 and AV1 have spatial layers, VP8 and H.264 only temporal ones, audio none", () => {
  for (const mode of PLAIN) assert.ok(supportsScalabilityMode("video/vp8", mode), mode);
  for (const mode of LAYERED) {
    assert.ok(supportsScalabilityMode("video/VP9", mode), mode);
    assert.ok(supportsScalabilityMode("video/AV1", mode), mode);
    assert.ok(!supportsScalabilityMode("video/VP8", mode), mode);
    assert.ok(!supportsScalabilityMode("video/H264", mode), mode);
  }
  assert.ok(!supportsScalabilityMode("audio/opus", "L1T1"));
  assert.ok(!supportsScalabilityMode("video/rtx", "L1T1"));
});

test("S modes are simulcast", () => {
  assert.ok(isSimulcastMode("S2T1"));
  assert.ok(!isSimulcastMode("L2T1"));
});
