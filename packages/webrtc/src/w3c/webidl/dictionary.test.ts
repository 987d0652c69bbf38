import assert from "node:assert/strict";
import { test } from "vitest";
import { enumeration, sequence } from "./composites.ts";
import { dictionary, optional, required, withDefault } from "./dictionary.ts";
import { boolean, domString, enforceRange, UNSIGNED_SHORT } from "./primitives.ts";

const toInit = dictionary("Init", {
  ordered: withDefault(boolean, () => true),
  mode: withDefault(enumeration("Mode", ["fast", "safe"]), () => "safe"),
  names: withDefault(sequence(domString), () => []),
  id: optional(enforceRange(UNSIGNED_SHORT)),
});

test("undefined and null are the empty dictionary, with its defaults (Web IDL §3.2.17)", () => {
  for (const value of [undefined, null, {}, () => {}]) {
    assert.deepEqual(toInit(value, "x"), { ordered: true, mode: "safe", names: [] });
  }
});

test("what is no object is refused, and the dictionary named", () => {
  for (const value of [1, "x", true, 1n, Symbol("s")]) {
    assert.throws(
      () => toInit(value, "A.b: argument 1"),
      /^TypeError: A\.b: .* not an object \(Init\)$/,
    );
  }
});

test("undefined members are absent, null ones are converted", () => {
  const init = toInit({ ordered: null, id: undefined }, "x");
  assert.equal(init.ordered, false);
  assert.ok(!("id" in init));
  assert.equal(toInit({ id: null }, "x").id, 0);
});

test("an error names dictionary and member", () => {
  assert.throws(
    () => toInit({ id: 70_000 }, "A.b: argument 2"),
    /^TypeError: A\.b: argument 2: Init\.id: 70000 is outside the range 0 to 65535$/,
  );
});

test("each conversion has lists of its own", () => {
  assert.notEqual(toInit({}, "x").names, toInit({}, "x").names);
});

test("a required member must be there (Web IDL §3.2.17)", () => {
  const convert = dictionary("Needy", { a: required(domString) });
  assert.deepEqual(convert({ a: null }, "x"), { a: "null" });
  for (const value of [undefined, {}, { a: undefined }]) {
    assert.throws(
      () => convert(value, "C"),
      new TypeError("C: Needy.a: required member is undefined"),
    );
  }
});

test("members are read once, inherited ones first, then by name (Web IDL §3.2.17)", () => {
  const log: string[] = [];
  const source = new Proxy(
    {},
    {
      get(_target, key) {
        log.push(String(key));
        return "x";
      },
    },
  );
  const base = dictionary("Base", { z: optional(domString), y: required(domString) });
  const derived = dictionary("Derived", { b: optional(domString), a: optional(domString) }, base);
  assert.deepEqual(derived(source, "x"), { y: "x", z: "x", a: "x", b: "x" });
  assert.deepEqual(log, ["y", "z", "a", "b"]);
});

test("members that the dictionary does not know are left out, __proto__ too", () => {
  const init = toInit(JSON.parse('{"other": 1, "__proto__": {"id": 5}}'), "x");
  assert.deepEqual(Object.keys(init).toSorted(), ["mode", "names", "ordered"]);
  assert.equal(init.id, undefined);
});
