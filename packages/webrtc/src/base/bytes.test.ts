import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";

import {
  concatBytes,
  decodeUtf8,
  encodeUtf8,
  equalBytes,
  fromHex,
  readUint16,
  readUint24,
  readUint32,
  roundUpTo4,
  toHex,
  writeUint16,
  writeUint24,
  writeUint32,
} from "./bytes.ts";

test("numbers are big-endian and come back as they were written (network byte order)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.nat({ max: 4 }), (value, offset) => {
      const bytes = new Uint8Array(offset + 4);
      const view = new DataView(bytes.buffer);
      writeUint32(bytes, offset, value);
      assert.equal(view.getUint32(offset), value);
      assert.equal(readUint32(bytes, offset), value);
      assert.equal(readUint16(bytes, offset), value >>> 16);
      assert.equal(readUint24(bytes, offset), value >>> 8);
      writeUint16(bytes, offset, value & 0xffff);
      assert.equal(view.getUint16(offset), value & 0xffff);
      writeUint24(bytes, offset, value & 0xff_ffff);
      assert.equal(readUint24(bytes, offset), value & 0xff_ffff);
    }),
  );
});

test("hexadecimal goes both ways, and separators are skipped", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      assert.deepEqual(fromHex(toHex(bytes)), Uint8Array.from(bytes));
    }),
  );
  assert.deepEqual(fromHex("AB:cd 0f"), Uint8Array.of(0xab, 0xcd, 0x0f));
});

test("parts are joined in order, and equality is of length and content", () => {
  const joined = concatBytes([Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)]);
  assert.ok(equalBytes(joined, Uint8Array.of(1, 2, 3)));
  assert.ok(!equalBytes(joined, Uint8Array.of(1, 2)));
  assert.ok(!equalBytes(joined, Uint8Array.of(1, 2, 4)));
});

test("text is UTF-8, and a byte order mark is content", () => {
  const text = "\ufeffgr\u00fc\u00df \ud83d\ude42";
  assert.equal(decodeUtf8(encodeUtf8(text)), text);
  assert.equal(decodeUtf8(Uint8Array.of(0xff)), "\ufffd");
});

test("lengths are rounded up to whole words", () => {
  assert.deepEqual([0, 1, 3, 4, 5].map(roundUpTo4), [0, 4, 4, 4, 8]);
});
