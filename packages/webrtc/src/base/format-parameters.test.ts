import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { formatFormatParameters, parseFormatParameters } from "./format-parameters.ts";

function entries(text: string): [string, string][] {
  return [...parseFormatParameters(text)];
}

test("parameters are pairs between semicolons, with or without spaces", () => {
  assert.deepEqual(entries("minptime=10;useinbandfec=1"), [
    ["minptime", "10"],
    ["useinbandfec", "1"],
  ]);
  assert.deepEqual(entries(" minptime = 10 ; useinbandfec=1 ;"), [
    ["minptime", "10"],
    ["useinbandfec", "1"],
  ]);
});

test("names are compared without regard to case, values are kept (RFC 6838 §4.3)", () => {
  assert.deepEqual(entries("Profile-Level-Id=42E01F"), [["profile-level-id", "42E01F"]]);
});

test("a parameter without a value is there with an empty one", () => {
  assert.deepEqual(entries("0-15"), [["0-15", ""]]);
  assert.deepEqual(entries("111/111"), [["111/111", ""]]);
});

test("a value may contain an equals sign, as base64 does", () => {
  assert.deepEqual(entries("sprop-parameter-sets=Z0IAH5WoFAFuQA==,aM48gA=="), [
    ["sprop-parameter-sets", "Z0IAH5WoFAFuQA==,aM48gA=="],
  ]);
});

test("of a name given twice the first counts", () => {
  assert.deepEqual(entries("apt=96;apt=97"), [["apt", "96"]]);
});

test("nothing gives nothing", () => {
  assert.deepEqual(entries(""), []);
  assert.deepEqual(entries(";;; ;"), []);
});

test("what is written reads back", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/);
  const value = fc.stringMatching(/^[A-Za-z0-9,/+=.-]{0,20}$/);
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }), (pairs) => {
      const parameters = new Map(pairs);
      assert.deepEqual(parseFormatParameters(formatFormatParameters(parameters)), parameters);
    }),
  );
});
