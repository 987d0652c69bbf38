import assert from "node:assert/strict";
import { test } from "vitest";
import { PallasError } from "../base/errors.ts";
import { quoteLine, SdpSyntaxError } from "./sdp-syntax-error.ts";

test("the error names the line, its number and what was expected, in fields and in words", () => {
  const error = new SdpSyntaxError(7, "a=setup:maybe", "a=setup:<role>");
  assert.ok(error instanceof PallasError);
  assert.equal(error.name, "SdpSyntaxError");
  assert.equal(error.code, "ERR_SDP_SYNTAX");
  assert.equal(error.lineNumber, 7);
  assert.equal(error.line, "a=setup:maybe");
  assert.equal(error.expected, "a=setup:<role>");
  assert.equal(error.message, 'SDP line 7: expected a=setup:<role>, got "a=setup:maybe"');
});

test("a long line is shortened in the error", () => {
  const error = new SdpSyntaxError(1, "x".repeat(1_000_000), "less");
  assert.equal(error.line, `${"x".repeat(120)}…`);
  assert.ok(error.message.length < 200);
});

test("a line of exactly the quoted length is not marked as shortened", () => {
  assert.equal(quoteLine("x".repeat(120)), "x".repeat(120));
});

test("characters that act on a terminal are shown, not sent to it", () => {
  assert.equal(quoteLine("a\u001b[2Jb\r\n\0c\u009b"), "a\\u001b[2Jb\\u000d\\u000a\\u0000c\\u009b");
  assert.equal(quoteLine("a\u202eb\u2028c\u200bd"), "a\\u202eb\\u2028c\\u200bd");
  assert.equal(quoteLine("é 日本 😀"), "é 日本 😀");
});
