import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { toTsn } from "../../base/serial-number.ts";
import { decodeForwardTsnChunk, encodeForwardTsnChunk } from "./forward-tsn-chunk.ts";

// Written out by hand after the diagram of RFC 3758 §3.2.
const BYTES = fromHex("c0000010 00000102 0003 0004 0005 fffe");
const CHUNK = {
  newCumulativeTsn: toTsn(0x102),
  skipped: [
    { streamId: 3, isUnordered: false, sequence: 4 },
    { streamId: 5, isUnordered: false, sequence: 0xfffe },
  ],
};

test("FORWARD TSN decodes and encodes (RFC 3758 §3.2)", () => {
  assert.deepEqual(decodeForwardTsnChunk(BYTES), CHUNK);
  assert.deepEqual(encodeForwardTsnChunk(CHUNK), BYTES);
});

test("unordered messages are not listed (RFC 3758 §3.5, C4)", () => {
  const unordered = { streamId: 9, isUnordered: true, sequence: 0 };
  const chunk = { ...CHUNK, skipped: [unordered, ...CHUNK.skipped] };
  assert.deepEqual(encodeForwardTsnChunk(chunk), BYTES);
});

test("half an entry, or no TSN, is refused (RFC 3758 §3.2)", () => {
  assert.throws(() => decodeForwardTsnChunk(BYTES.subarray(0, 10)), WireFormatError);
  assert.throws(() => decodeForwardTsnChunk(BYTES.subarray(0, 6)), WireFormatError);
});
