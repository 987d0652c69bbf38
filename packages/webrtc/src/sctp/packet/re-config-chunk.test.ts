import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { toTsn } from "../../base/serial-number.ts";
import type { ReConfigParameter } from "./re-config-chunk.ts";
import { decodeReConfigChunk, encodeReConfigChunk } from "./re-config-chunk.ts";

// A stream reset of aiortc 1.4.0 and its answer, recorded below DTLS.
const REQUEST = fromHex("82000016 000d0012 29170e35 9059a8bb 29170e37 0001 0000");
const RESPONSE = fromHex("82000010 0010000c 29170e35 00000001");

test("a recorded reset request decodes and encodes (RFC 6525 §4.1)", () => {
  const parameters = decodeReConfigChunk(REQUEST.subarray(0, 0x16));
  assert.deepEqual(parameters, [
    {
      kind: "outgoingReset",
      requestSequence: 0x2917_0e35,
      responseSequence: 0x9059_a8bb,
      lastAssignedTsn: toTsn(0x2917_0e37),
      streamIds: [1],
    },
  ]);
  assert.deepEqual(encodeReConfigChunk(parameters), REQUEST);
});

test("a recorded answer decodes and encodes (RFC 6525 §4.4)", () => {
  const parameters = decodeReConfigChunk(RESPONSE);
  assert.deepEqual(parameters, [{ kind: "response", responseSequence: 0x2917_0e35, result: 1 }]);
  assert.deepEqual(encodeReConfigChunk(parameters), RESPONSE);
});

test("every kind survives both ways (RFC 6525 §4)", () => {
  const all: ReConfigParameter[] = [
    { kind: "incomingReset", requestSequence: 5, streamIds: [1, 2, 3] },
    { kind: "ssnTsnReset", requestSequence: 6 },
    { kind: "addOutgoing", requestSequence: 7, streamCount: 16 },
    { kind: "addIncoming", requestSequence: 8, streamCount: 17 },
    { kind: "response", responseSequence: 9, result: 6 },
  ];
  for (const parameter of all) {
    const chunk = encodeReConfigChunk([parameter]);
    const usedBytes = (chunk[2]! << 8) | chunk[3]!;
    assert.deepEqual(decodeReConfigChunk(chunk.subarray(0, usedBytes)), [parameter]);
  }
});

test("unknown parameters are left out, more than two are refused (RFC 6525 §3.1)", () => {
  assert.deepEqual(decodeReConfigChunk(fromHex("82000008 00ff0004")), []);
  const three = fromHex("82000010 00ff0004 00ff0004 00ff0004");
  assert.throws(() => decodeReConfigChunk(three), WireFormatError);
});

test("parameters that are too short, and half stream numbers, are refused (RFC 6525 §4)", () => {
  for (const hex of [
    "82000010 000d000c 00000001 00000002",
    "8200000b 000e0007 000001",
    "8200000d 000e0009 00000001 00",
    "8200000c 0010000b 0000000100",
    "8200000c 00110008 00000001",
  ]) {
    assert.throws(() => decodeReConfigChunk(fromHex(hex)), WireFormatError, hex);
  }
});
