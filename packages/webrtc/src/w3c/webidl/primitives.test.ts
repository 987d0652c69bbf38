import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import {
  anyValue,
  boolean,
  clamp,
  domString,
  double,
  enforceRange,
  integer,
  LONG,
  OCTET,
  SHORT,
  UNSIGNED_LONG,
  UNSIGNED_SHORT,
  unrestrictedDouble,
  usvString,
} from "./primitives.ts";

const throwing = {
  valueOf() {
    throw new RangeError("of the value");
  },
};

test("boolean is ToBoolean (Web IDL §3.2.3)", () => {
  for (const value of [1, "x", {}, [], Symbol("s"), true]) assert.equal(boolean(value, "x"), true);
  for (const value of [0, "", null, undefined, Number.NaN, 0n]) {
    assert.equal(boolean(value, "x"), false);
  }
});

test("any goes through as it is (Web IDL §3.2.1)", () => {
  assert.equal(anyValue(throwing, "x"), throwing);
});

test("DOMString is ToString, and a symbol has none (Web IDL §3.2.10)", () => {
  assert.equal(domString(null, "x"), "null");
  assert.equal(domString(undefined, "x"), "undefined");
  assert.equal(domString(4.5, "x"), "4.5");
  assert.equal(domString(12n, "x"), "12");
  assert.equal(domString({ toString: () => "own" }, "x"), "own");
  assert.equal(domString("\ud800", "x"), "\ud800");
  assert.throws(() => domString(Symbol("s"), "A.b"), /^TypeError: A\.b: a symbol is not a string$/);
  assert.throws(() => domString({ [Symbol.toPrimitive]: () => Symbol("s") }, "x"), TypeError);
});

test("USVString replaces lone surrogates and nothing else (Web IDL §3.2.12)", () => {
  assert.equal(usvString("a\ud800b", "x"), "a\ufffdb");
  assert.equal(usvString("\udc00\ud800", "x"), "\ufffd\ufffd");
  assert.equal(usvString("😀", "x"), "😀");
  assert.equal(usvString(null, "x"), "null");
});

test("double refuses what is not finite, unrestricted double takes it (Web IDL §3.2.7)", () => {
  assert.equal(double("1.5", "x"), 1.5);
  assert.equal(double(null, "x"), 0);
  for (const value of [Number.NaN, Infinity, "x", undefined, {}]) {
    assert.throws(() => double(value, "A.b"), /^TypeError: A\.b: .* is not a finite number$/);
  }
  assert.ok(Number.isNaN(unrestrictedDouble("x", "x")));
  assert.equal(unrestrictedDouble(-Infinity, "x"), -Infinity);
});

test("no number is made of a bigint or a symbol (ECMA-262 ToNumber)", () => {
  for (const convert of [double, unrestrictedDouble, integer(LONG), enforceRange(LONG)]) {
    assert.throws(() => convert(1n, "A.b"), /^TypeError: A\.b: a bigint is not a number$/);
    assert.throws(() => convert(Symbol("s"), "A.b"), /^TypeError: A\.b: a symbol is not a number$/);
  }
});

test("what the value's own code throws is passed on", () => {
  assert.throws(() => integer(LONG)(throwing, "x"), RangeError);
});

test("a plain integer wraps around (Web IDL §3.2.4.9)", () => {
  const cases: [Parameters<typeof integer>[0], unknown, number][] = [
    [UNSIGNED_SHORT, 65_536, 0],
    [UNSIGNED_SHORT, -1, 65_535],
    [UNSIGNED_SHORT, 1.9, 1],
    [UNSIGNED_SHORT, "12", 12],
    [UNSIGNED_SHORT, Infinity, 0],
    [UNSIGNED_SHORT, "x", 0],
    [UNSIGNED_SHORT, -0.5, 0],
    [SHORT, 32_768, -32_768],
    [OCTET, 257, 1],
    [LONG, 2 ** 31, -(2 ** 31)],
    [LONG, -(2 ** 31) - 1, 2 ** 31 - 1],
    [UNSIGNED_LONG, 2 ** 32 + 5, 5],
  ];
  for (const [type, value, expected] of cases) {
    assert.ok(Object.is(integer(type)(value, "x"), expected), `${String(value)} → ${expected}`);
  }
});

test("a wrapped integer is the one of a typed array (property)", () => {
  const arrays = { 8: Uint8Array, 16: Uint16Array, 32: Uint32Array };
  fc.assert(
    fc.property(
      fc.double(),
      fc.constantFrom(OCTET, UNSIGNED_SHORT, UNSIGNED_LONG),
      (value, type) => {
        assert.equal(integer(type)(value, "x"), arrays[type.bits].of(value)[0]);
      },
    ),
  );
});

test("[EnforceRange] truncates and refuses what is out of range (Web IDL §3.2.4.9)", () => {
  const convert = enforceRange(UNSIGNED_SHORT);
  assert.equal(convert(65_535.9, "x"), 65_535);
  assert.ok(Object.is(convert(-0.9, "x"), 0));
  assert.equal(convert("7", "x"), 7);
  for (const value of [-1, 65_536, Number.NaN, Infinity, "x", undefined]) {
    assert.throws(
      () => convert(value, "D.id"),
      /^TypeError: D\.id: .* outside the range 0 to 65535$/,
    );
  }
});

test("[Clamp] takes the nearest end and rounds halves to even (Web IDL §3.2.4.9)", () => {
  const convert = clamp(OCTET);
  const cases: [unknown, number][] = [
    [-5, 0],
    [256, 255],
    [Infinity, 255],
    [Number.NaN, 0],
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [2.6, 3],
    [-0.2, 0],
  ];
  for (const [value, expected] of cases) {
    assert.ok(Object.is(convert(value, "x"), expected), String(value));
  }
});
