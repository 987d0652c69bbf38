import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { CHUNK_TYPE, chunkEnd, createChunk, unknownChunkAction } from "./chunk.ts";

test("a chunk ends where its length says, padding not included (RFC 9260 §3.2)", () => {
  assert.equal(chunkEnd(fromHex("00030015 00000000"), 0, 0x15), 0x15);
  assert.equal(chunkEnd(fromHex("ffffffff 0b000004"), 4, 8), 8);
});

test("lengths below 4 and beyond the packet are refused (RFC 9260 §3.2)", () => {
  for (const hex of ["0b000000", "0b000003", "0b000005", "0b00", ""]) {
    const bytes = fromHex(hex);
    assert.throws(() => chunkEnd(bytes, 0, bytes.byteLength), WireFormatError, hex);
  }
});

test("a created chunk has its length without and its size with padding (RFC 9260 §3.2)", () => {
  assert.deepEqual(createChunk(CHUNK_TYPE.heartbeat, 2, 5), fromHex("04020009 0000000000 000000"));
  assert.deepEqual(createChunk(CHUNK_TYPE.cookieAck, 0, 0), fromHex("0b000004"));
});

test("the two highest bits of an unknown type say what to do (RFC 9260 §3.2)", () => {
  assert.deepEqual(unknownChunkAction(0x20), { shouldContinue: false, shouldReport: false });
  assert.deepEqual(unknownChunkAction(0x60), { shouldContinue: false, shouldReport: true });
  assert.deepEqual(unknownChunkAction(0xa0), { shouldContinue: true, shouldReport: false });
  assert.deepEqual(unknownChunkAction(0xe0), { shouldContinue: true, shouldReport: true });
});
