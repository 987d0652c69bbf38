import assert from "node:assert/strict";
import { test } from "vitest";

import { RTCSessionDescription } from "./rtc-session-description.ts";

const construct = (...values: unknown[]): unknown =>
  Reflect.construct(RTCSessionDescription, values);

test("a description has a type and a text, which is empty by default (webrtc-pc §4.6.2)", () => {
  const description = new RTCSessionDescription({ type: "rollback" });
  assert.deepEqual([description.type, description.sdp], ["rollback", ""]);
  assert.deepEqual(description.toJSON(), { type: "rollback", sdp: "" });
  const offer = new RTCSessionDescription({ type: "offer", sdp: "v=0\r\n" });
  assert.equal(JSON.stringify(offer), '{"type":"offer","sdp":"v=0\\r\\n"}');
  assert.deepEqual(new RTCSessionDescription(offer).toJSON(), offer.toJSON());
});

test.each([
  [[], /1 argument is required/],
  [[{}], /\.type: required member/],
  [[{ type: "Offer" }], /"Offer" is not a valid RTCSdpType/],
  [["offer"], /is not an object/],
] as const)("%j is a TypeError (Web IDL)", (values, message) => {
  assert.throws(() => construct(...values), { name: "TypeError", message });
});

test("a description cannot be changed", () => {
  const description = new RTCSessionDescription({ type: "offer", sdp: "a" });
  assert.throws(() => Object.assign(description, { sdp: "b" }), TypeError);
  assert.equal(description.sdp, "a");
});
