import assert from "node:assert/strict";
import { test } from "vitest";
import { encodeUtf8, fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { reasonCause } from "./error-cause.ts";
import { decodeErrorCauses, encodeAbortChunk, encodeErrorChunk } from "./error-chunk.ts";

// An ABORT of aiortc 1.4.0, recorded below DTLS: no cause.
const RECORDED = fromHex("06000004");

test("a recorded ABORT has no cause, and encodes (RFC 9260 §3.3.7)", () => {
  assert.deepEqual(decodeErrorCauses(RECORDED), []);
  assert.deepEqual(encodeAbortChunk([], false), RECORDED);
  assert.deepEqual(encodeAbortChunk([], true), fromHex("06010004"));
});

test("causes survive both ways, with padding between them (RFC 9260 §3.3.10)", () => {
  const causes = [reasonCause(13, "why"), reasonCause(12, "because")];
  const chunk = encodeErrorChunk(causes);
  assert.deepEqual(chunk.subarray(0, 4), fromHex("09000017"));
  assert.deepEqual(decodeErrorCauses(chunk.subarray(0, 0x17)), [
    { type: 13, value: encodeUtf8("why") },
    { type: 12, value: encodeUtf8("because") },
  ]);
});

test("causes that do not fit are refused (RFC 9260 §3.3.10)", () => {
  assert.throws(() => decodeErrorCauses(fromHex("09000008 000d0009")), WireFormatError);
});
