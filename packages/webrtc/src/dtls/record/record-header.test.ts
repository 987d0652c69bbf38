import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { fromHex, toHex } from "../../base/bytes.ts";
import {
  findRecordEnd,
  MAX_SEQUENCE,
  readRecordEpoch,
  readRecordSequence,
  writeRecordHeader,
} from "./record-header.ts";

test("a header is laid out as in RFC 6347 §4.1", () => {
  const bytes = new Uint8Array(13);
  writeRecordHeader(bytes, 22, 0xfefd, 1, 0x0102_0304_0506, 0x0708);
  assert.equal(toHex(bytes), "16fefd00010102030405060708");
});

test("epoch and sequence number are read back, up to 48 bits", () => {
  const anySequence = fc.integer({ min: 0, max: MAX_SEQUENCE });
  fc.assert(
    fc.property(anySequence, fc.nat(0xffff), fc.nat(20), (sequence, epoch, offset) => {
      const bytes = new Uint8Array(13 + offset);
      writeRecordHeader(bytes.subarray(offset), 23, 0xfefd, epoch, sequence, 0);
      assert.equal(readRecordSequence(bytes, offset), sequence);
      assert.equal(readRecordEpoch(bytes, offset), epoch);
      assert.equal(findRecordEnd(bytes, offset), offset + 13);
    }),
  );
});

test("a record ends where its length says", () => {
  const two = fromHex("16feff00000000000000000001aa 17fefd00010000000000000002bbcc");
  assert.equal(findRecordEnd(two, 0), 14);
  assert.equal(findRecordEnd(two, 14), two.byteLength);
});

test("what is no record of DTLS has no end (RFC 6347 §4.1.2.7: dropped)", () => {
  const noise: Readonly<Record<string, string>> = {
    nothing: "",
    "a header cut off": "16fefd000000000000000000",
    "a payload cut off": "16fefd00000000000000000002aa",
    "content type 19": "13fefd00000000000000000000",
    "content type 24, heartbeat": "18fefd00000000000000000000",
    "the unified header of DTLS 1.3": "2cfefd00000000000000000000",
    "a version of TLS": "16030300000000000000000000",
    "an older version of DTLS": "16010000000000000000000000",
    "a later version of DTLS": "16fefc00000000000000000000",
  };
  for (const [name, hex] of Object.entries(noise)) {
    assert.equal(findRecordEnd(fromHex(hex), 0), -1, name);
  }
});

test("a length over 2^14 + 2048 is no record, even if the bytes are there (RFC 5246 §6.2.3)", () => {
  const bytes = new Uint8Array(13 + 20_000);
  writeRecordHeader(bytes, 23, 0xfefd, 1, 0, 16_384 + 2048);
  assert.equal(findRecordEnd(bytes, 0), 13 + 16_384 + 2048);
  writeRecordHeader(bytes, 23, 0xfefd, 1, 0, 16_384 + 2049);
  assert.equal(findRecordEnd(bytes, 0), -1);
});
