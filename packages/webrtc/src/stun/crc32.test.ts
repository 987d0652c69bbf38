import assert from "node:assert/strict";
import { test } from "vitest";
import { encodeUtf8 } from "../base/bytes.ts";
import { crc32 } from "./crc32.ts";

test("the check value of CRC-32 (ITU V.42)", () => {
  assert.equal(crc32(encodeUtf8("123456789")), 0xcbf4_3926);
  assert.equal(crc32(new Uint8Array(0)), 0);
  assert.equal(crc32(encodeUtf8("123456789 and more"), 9), 0xcbf4_3926);
});
