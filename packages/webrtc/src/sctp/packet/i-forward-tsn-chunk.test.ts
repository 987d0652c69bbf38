import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { toTsn } from "../../base/serial-number.ts";
import { decodeIForwardTsnChunk, encodeIForwardTsnChunk } from "./i-forward-tsn-chunk.ts";

// Written out by hand after the diagram of RFC 8260 §2.3.1.
const BYTES = fromHex("c2000018 00000102 0003 0000 00000004 0005 0001 fffffffe");
const CHUNK = {
  newCumulativeTsn: toTsn(0x102),
  skipped: [
    { streamId: 3, isUnordered: false, sequence: 4 },
    { streamId: 5, isUnordered: true, sequence: 0xffff_fffe },
  ],
};

test("I-FORWARD-TSN decodes and encodes (RFC 8260 §2.3.1)", () => {
  assert.deepEqual(decodeIForwardTsnChunk(BYTES), CHUNK);
  assert.deepEqual(encodeIForwardTsnChunk(CHUNK), BYTES);
});

test("half an entry, or no TSN, is refused (RFC 8260 §2.3.1)", () => {
  assert.throws(() => decodeIForwardTsnChunk(BYTES.subarray(0, 12)), WireFormatError);
  assert.throws(() => decodeIForwardTsnChunk(BYTES.subarray(0, 6)), WireFormatError);
});
