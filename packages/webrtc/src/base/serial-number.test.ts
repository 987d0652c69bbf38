import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import {
  addToTsn,
  isSerial16After,
  isSerial32After,
  isTsnAfter,
  toTsn,
  tsnDistance,
} from "./serial-number.ts";

test("a TSN after the wrap is later than one before it (RFC 1982 §3.2)", () => {
  assert.equal(isTsnAfter(toTsn(0), toTsn(0xffff_ffff)), true);
  assert.equal(isTsnAfter(toTsn(0xffff_ffff), toTsn(0)), false);
  assert.equal(isTsnAfter(toTsn(5), toTsn(5)), false);
});

test("16-bit numbers wrap as well (RFC 1982 §3.2)", () => {
  assert.equal(isSerial16After(0, 0xffff), true);
  assert.equal(isSerial16After(0x7fff, 0), true);
  assert.equal(isSerial16After(0x8000, 0), false);
  assert.equal(isSerial16After(0xffff, 0), false);
});

test("what was added is the distance, wherever on the circle one starts", () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), fc.nat(0x7fff_fffe), (start, steps) => {
      const from = toTsn(start);
      const to = addToTsn(from, steps);
      assert.equal(tsnDistance(from, to), steps);
      assert.equal(addToTsn(to, -steps), from);
      assert.equal(isSerial32After(to, from), steps > 0);
      assert.equal(isSerial32After(from, to), false);
    }),
  );
});
