import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { decodeHeartbeatChunk, encodeHeartbeatChunk } from "./heartbeat-chunk.ts";

// Written out by hand after the diagram of RFC 9260 §3.3.5.
const HEARTBEAT = fromHex("0400000d 00010009 0102030405 000000");

test("the information survives both ways (RFC 9260 §3.3.5, §3.3.6)", () => {
  const info = fromHex("0102030405");
  assert.deepEqual(decodeHeartbeatChunk(HEARTBEAT.subarray(0, 13)), info);
  assert.deepEqual(encodeHeartbeatChunk("heartbeat", info), HEARTBEAT);
  assert.equal(encodeHeartbeatChunk("heartbeatAck", info)[0], 5);
});

test("a HEARTBEAT without information is refused (RFC 9260 §3.3.5)", () => {
  assert.throws(() => decodeHeartbeatChunk(fromHex("04000004")), WireFormatError);
  assert.throws(() => decodeHeartbeatChunk(fromHex("04000008 00020004")), WireFormatError);
});
