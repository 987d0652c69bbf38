import assert from "node:assert/strict";
import { test } from "vitest";
import {
  callbackFunction,
  enumeration,
  enumerationOrIgnore,
  interfaceType,
  isIterable,
  nullable,
  refuse,
  sequence,
  union,
} from "./composites.ts";
import { requireArguments } from "./converter.ts";
import { boolean, domString, enforceRange, UNSIGNED_SHORT } from "./primitives.ts";

const port = enforceRange(UNSIGNED_SHORT);

test("a nullable type is null for null and undefined (Web IDL §3.2.20)", () => {
  assert.equal(nullable(port)(null, "x"), null);
  assert.equal(nullable(port)(undefined, "x"), null);
  assert.equal(nullable(port)(7, "x"), 7);
  assert.throws(() => nullable(port)(-1, "x"), TypeError);
});

test("an enumeration takes its own strings only (Web IDL §3.2.18)", () => {
  const convert = enumeration("RTCBundlePolicy", ["balanced", "max-bundle"]);
  assert.equal(convert("balanced", "x"), "balanced");
  assert.equal(convert({ toString: () => "max-bundle" }, "x"), "max-bundle");
  assert.throws(
    () => convert("Balanced", "A.b"),
    /^TypeError: A\.b: "Balanced" is not a valid RTCBundlePolicy$/,
  );
  assert.throws(() => convert(null, "x"), TypeError);
});

test("the setter of an enumeration attribute ignores other strings (Web IDL §3.7.6)", () => {
  const convert = enumerationOrIgnore(["a", "b"]);
  assert.equal(convert("a", "x"), "a");
  assert.equal(convert("c", "x"), undefined);
  assert.equal(convert(null, "x"), undefined);
  assert.throws(() => convert(Symbol("s"), "x"), TypeError);
});

test("a sequence is any iterable object, in a new array (Web IDL §3.2.21)", () => {
  const given = [1, 2];
  const converted = sequence(port)(given, "x");
  assert.deepEqual(converted, given);
  assert.notEqual(converted, given);
  assert.deepEqual(sequence(port)(new Set(["3"]), "x"), [3]);
  for (const value of ["text", null, undefined, {}, 1]) {
    assert.throws(() => sequence(domString)(value, "A.b"), /^TypeError: A\.b: .*not a sequence$/);
  }
});

test("an error in a sequence names the element", () => {
  assert.throws(() => sequence(port)([1, 2, -3], "A.b"), /^TypeError: A\.b\[2\]: -3 is outside/);
});

test("an interface type takes its own objects only (Web IDL §3.2.15)", () => {
  const convert = interfaceType("Date", (value): value is Date => value instanceof Date);
  const date = new Date(0);
  assert.equal(convert(date, "x"), date);
  for (const value of [null, undefined, {}, "x"]) {
    assert.throws(() => convert(value, "A.b"), /^TypeError: A\.b: .* is not of type Date$/);
  }
});

test("a callback function must be callable (Web IDL §3.2.19)", () => {
  const convert = callbackFunction<() => void>("VoidFunction");
  const callback = (): void => {};
  assert.equal(convert(callback, "x"), callback);
  assert.throws(() => convert({}, "A.b"), /^TypeError: A\.b: an object is not a function/);
});

test("a union tries its branches in order, then the type for the rest (Web IDL §3.2.24)", () => {
  const urls = union<string | string[]>(
    [{ accepts: isIterable, convert: sequence(domString) }],
    domString,
  );
  assert.deepEqual(urls(["a", "b"], "x"), ["a", "b"]);
  assert.equal(urls("a", "x"), "a");
  assert.equal(urls(5, "x"), "5");
  const strict = union<boolean>(
    [{ accepts: (value) => typeof value === "boolean", convert: boolean }],
    refuse("boolean"),
  );
  assert.equal(strict(false, "x"), false);
  assert.throws(() => strict("x", "A.b"), /^TypeError: A\.b: "x" is not of type boolean$/);
});

test("a call with too few arguments says how many are missing (Web IDL §3.6)", () => {
  requireArguments(1, 1, "x");
  requireArguments(2, 1, "x");
  assert.throws(
    () => requireArguments(0, 1, "A.b"),
    new TypeError("A.b: 1 argument is required, but only 0 present"),
  );
  assert.throws(
    () => requireArguments(1, 2, "A.b"),
    new TypeError("A.b: 2 arguments are required, but only 1 present"),
  );
});

test("a long text is shortened in a message", () => {
  assert.throws(
    () => enumeration("E", ["a"])("x".repeat(1_000_000), "A.b"),
    (error: TypeError) => error.message.length < 100,
  );
});
