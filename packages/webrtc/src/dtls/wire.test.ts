import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex, toHex } from "../base/bytes.ts";
import { WireFormatError } from "../base/errors.ts";
import { uint16Bytes, uint8Bytes, vector16, vector24, vector8, WireReader } from "./wire.ts";

const SPEC = "RFC 5246 §4";
const reader = (hex: string): WireReader => new WireReader(fromHex(hex), SPEC);

test("numbers are big-endian (RFC 5246 §4.1)", () => {
  const numbers = reader("01 0203 040506");
  assert.equal(numbers.uint8(), 1);
  assert.equal(numbers.uint16(), 0x0203);
  assert.equal(numbers.uint24(), 0x040506);
  assert.ok(numbers.isAtEnd);
  numbers.expectEnd();
});

test("vectors have their length in front (RFC 5246 §4.3)", () => {
  const vectors = reader("01aa 0002bbcc 000003ddeeff");
  assert.equal(toHex(vectors.vector8(0)), "aa");
  assert.equal(toHex(vectors.vector16(0)), "bbcc");
  assert.equal(toHex(vectors.vector24(0)), "ddeeff");
});

test("what is written is read back", () => {
  const content = fromHex("0102030405");
  assert.deepEqual(new WireReader(vector8(content), SPEC).vector8(5, 5), content);
  assert.deepEqual(new WireReader(vector16(content), SPEC).vector16(5, 5), content);
  assert.deepEqual(new WireReader(vector24(content, content), SPEC).vector24(10).byteLength, 10);
  assert.deepEqual(
    new WireReader(vector16(uint16Bytes(1, 0xffff)), SPEC).uint16Vector16(2),
    [1, 0xffff],
  );
  assert.deepEqual(new WireReader(vector8(uint16Bytes(7)), SPEC).uint16Vector8(2), [7]);
  assert.equal(toHex(vector24(new Uint8Array(0x01_0203))).slice(0, 6), "010203");
  assert.equal(toHex(uint8Bytes(1, 2, 255)), "0102ff");
});

test("running out of bytes, bounds and leftovers are line noise", () => {
  assert.throws(() => reader("").uint8(), WireFormatError);
  assert.throws(() => reader("01").uint16(), WireFormatError);
  assert.throws(() => reader("0102").uint24(), WireFormatError);
  assert.throws(() => reader("02aa").vector8(0), WireFormatError);
  assert.throws(() => reader("0003aabb").vector16(0), WireFormatError);
  assert.throws(() => reader("01aa").vector8(2), WireFormatError);
  assert.throws(() => reader("03aabbcc").vector8(0, 2), WireFormatError);
  assert.throws(() => reader("0003aabbcc").uint16Vector16(2), WireFormatError);
  assert.throws(() => reader("aa").expectEnd(), WireFormatError);
});

test("errors name the section", () => {
  assert.throws(() => reader("").uint8(), { spec: SPEC });
});
