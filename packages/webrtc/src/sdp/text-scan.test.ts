import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import {
  formatReal,
  hasLineBreak,
  isIceText,
  isToken,
  parseDecimal,
  parsePositiveReal,
  splitWords,
} from "./text-scan.ts";

test("words are what stands between spaces, however many there are", () => {
  assert.deepEqual(splitWords("a b c"), ["a", "b", "c"]);
  assert.deepEqual(splitWords("  a   b "), ["a", "b"]);
  assert.deepEqual(splitWords(""), []);
  assert.deepEqual(splitWords("   "), []);
  assert.deepEqual(splitWords("a\tb"), ["a\tb"]);
});

test("a text of more than 1,024 words has none, so that it is malformed everywhere", () => {
  assert.equal(splitWords("a ".repeat(1_023) + "a").length, 1_024);
  assert.deepEqual(splitWords("a ".repeat(1_024) + "a"), []);
});

test("a decimal is digits only, at most 20 of them, within its bounds", () => {
  assert.equal(parseDecimal("0", 0, 10), 0);
  assert.equal(parseDecimal("10", 0, 10), 10);
  assert.equal(parseDecimal("007", 0, 10), 7);
  assert.equal(parseDecimal("18446744073709551615", 0, 2 ** 64), 2 ** 64);
  for (const text of ["", "-1", "+1", "1.0", "1e3", "0x1", " 1", "1 ", "١", "11", undefined]) {
    assert.equal(parseDecimal(text, 0, 10), undefined, `${text}`);
  }
  assert.equal(parseDecimal("0".repeat(20), 0, 10), 0);
  assert.equal(parseDecimal("0".repeat(21), 0, 10), undefined);
});

test("a positive real has digits on both sides of its point (RFC 8866 §9)", () => {
  assert.equal(parsePositiveReal("20"), 20);
  assert.equal(parsePositiveReal("29.97"), 29.97);
  for (const text of ["", "0", "0.0", ".5", "5.", "-1", "1e3", "1,5", "NaN", "1.2.3"]) {
    assert.equal(parsePositiveReal(text), undefined, text);
  }
});

test("a real is written without exponent and reads back", () => {
  assert.equal(formatReal(20), "20");
  assert.equal(formatReal(29.97), "29.97");
  assert.equal(formatReal(0.000001), "0.000001");
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999 }), fc.nat(9), (digits, scale) => {
      const value = digits / 10 ** scale;
      assert.equal(parsePositiveReal(formatReal(value)), value);
    }),
  );
});

test("a token is visible ASCII without separators (RFC 8866 §9)", () => {
  const allowed = new Set(
    "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz{|}~",
  );
  for (let code = 0; code < 0x180; code++) {
    const character = String.fromCharCode(code);
    assert.equal(isToken(character), allowed.has(character), `U+${code.toString(16)}`);
  }
  assert.equal(isToken(""), false);
  assert.equal(isToken(undefined), false);
  assert.equal(isToken("a b"), false);
});

test("ice-chars are letters, digits, + and /; four more are let pass as in browsers (RFC 8839 §5.1)", () => {
  const allowed = new Set("+/-_=#0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
  for (let code = 0; code < 0x180; code++) {
    const character = String.fromCharCode(code);
    assert.equal(isIceText(character, 1, 1), allowed.has(character), `U+${code.toString(16)}`);
  }
  assert.equal(isIceText("abc", 4, 256), false);
  assert.equal(isIceText("abcd", 4, 256), true);
  assert.equal(isIceText("a".repeat(256), 4, 256), true);
  assert.equal(isIceText("a".repeat(257), 4, 256), false);
  assert.equal(isIceText(undefined, 0, 256), false);
});

test("a line cannot hold NUL, CR or LF (RFC 8866 §9)", () => {
  for (const character of ["\0", "\r", "\n"]) assert.equal(hasLineBreak(`a${character}b`), true);
  assert.equal(hasLineBreak("a\tb\u0085\u2028é"), false);
});
