import assert from "node:assert/strict";
import { test } from "vitest";
import { encodeUtf8, fromHex } from "../../base/bytes.ts";
import {
  describeCause,
  invalidStreamCause,
  noUserDataCause,
  reasonCause,
  staleCookieCause,
  unrecognizedChunkCause,
} from "./error-cause.ts";

test("causes have the form that RFC 9260 §3.3.10 gives", () => {
  assert.deepEqual(invalidStreamCause(0x1234), { type: 1, value: fromHex("12340000") });
  assert.deepEqual(staleCookieCause(2), { type: 3, value: fromHex("000007d0") });
  assert.deepEqual(staleCookieCause(1e9), { type: 3, value: fromHex("ffffffff") });
  assert.deepEqual(noUserDataCause(5), { type: 9, value: fromHex("00000005") });
  assert.deepEqual(unrecognizedChunkCause(fromHex("ff000004")).value, fromHex("ff000004"));
  assert.deepEqual(reasonCause(12, "bye"), { type: 12, value: encodeUtf8("bye") });
});

test("causes are described in words, with the peer's text quoted and cut", () => {
  assert.equal(describeCause(reasonCause(12, "")), "user-initiated abort");
  assert.equal(describeCause(reasonCause(13, 'a "b"\n')), 'protocol violation, "a \\"b\\"\\n"');
  assert.equal(describeCause(invalidStreamCause(9)), "invalid stream identifier 9");
  assert.equal(describeCause(staleCookieCause(1)), "stale cookie, late by 1000 µs");
  assert.equal(describeCause({ type: 4, value: new Uint8Array(0) }), "out of resource");
  assert.equal(describeCause({ type: 999, value: new Uint8Array(0) }), "cause 999");
  const long = describeCause({ type: 12, value: new Uint8Array(5_000).fill(0x41) });
  assert.ok(long.length < 300);
});
