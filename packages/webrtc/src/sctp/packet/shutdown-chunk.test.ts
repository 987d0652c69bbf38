import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { toTsn } from "../../base/serial-number.ts";
import {
  decodeShutdownChunk,
  encodeShutdownAckChunk,
  encodeShutdownChunk,
  encodeShutdownCompleteChunk,
} from "./shutdown-chunk.ts";

test("SHUTDOWN carries the cumulative TSN (RFC 9260 §3.3.8)", () => {
  const bytes = fromHex("07000008 8a1e9e42");
  assert.equal(decodeShutdownChunk(bytes), 0x8a1e_9e42);
  assert.deepEqual(encodeShutdownChunk(toTsn(0x8a1e_9e42)), bytes);
  assert.throws(() => decodeShutdownChunk(bytes.subarray(0, 7)), WireFormatError);
});

test("SHUTDOWN ACK and SHUTDOWN COMPLETE are headers (RFC 9260 §3.3.9, §3.3.13)", () => {
  assert.deepEqual(encodeShutdownAckChunk(), fromHex("08000004"));
  assert.deepEqual(encodeShutdownCompleteChunk(false), fromHex("0e000004"));
  assert.deepEqual(encodeShutdownCompleteChunk(true), fromHex("0e010004"));
});
