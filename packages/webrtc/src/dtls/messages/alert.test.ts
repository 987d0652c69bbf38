import assert from "node:assert/strict";
import { test } from "vitest";
import { toHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { ALERT, alertName, decodeAlert, encodeAlert } from "./alert.ts";

test("an alert is its level and its description (RFC 5246 §7.2)", () => {
  assert.equal(toHex(encodeAlert({ isFatal: true, description: ALERT.bad_certificate })), "022a");
  assert.equal(toHex(encodeAlert({ isFatal: false, description: ALERT.close_notify })), "0100");
  assert.deepEqual(decodeAlert(Uint8Array.of(2, 40)), { isFatal: true, description: 40 });
  assert.deepEqual(decodeAlert(Uint8Array.of(1, 90)), { isFatal: false, description: 90 });
});

test("other lengths and levels are line noise", () => {
  for (const bytes of [[], [2], [2, 40, 0], [0, 40], [3, 40]]) {
    assert.throws(() => decodeAlert(Uint8Array.from(bytes)), WireFormatError);
  }
});

test("alerts have names for people, also those nobody knows", () => {
  assert.equal(alertName(40), "handshake_failure (40)");
  assert.equal(alertName(200), "unknown alert (200)");
});
