import assert from "node:assert/strict";
import { test } from "vitest";
import {
  CONSTRUCTION_TOKEN,
  defineInterface,
  requireConstructionToken,
} from "./define-interface.ts";

class Thing {
  get size(): number {
    return 1;
  }
  measure(): number {
    return this.size;
  }
  own(): void {}
  static generate(): Thing {
    return new Thing();
  }
}
defineInterface(Thing, "Thing", ["own"]);

test("members are enumerable, those of no specification are not (Web IDL §3.7.6, §3.7.7)", () => {
  assert.deepEqual(Object.keys(Thing.prototype).toSorted(), ["measure", "size"]);
  assert.deepEqual(Object.keys(Thing), ["generate"]);
  assert.ok(!Object.prototype.propertyIsEnumerable.call(Thing.prototype, "constructor"));
});

test("the name is in Symbol.toStringTag, which can be configured but not written (Web IDL §3.7.3)", () => {
  assert.equal(Object.prototype.toString.call(new Thing()), "[object Thing]");
  assert.deepEqual(Object.getOwnPropertyDescriptor(Thing.prototype, Symbol.toStringTag), {
    value: "Thing",
    configurable: true,
    enumerable: false,
    writable: false,
  });
});

test("only the library's own token constructs (Web IDL §3.7.1)", () => {
  requireConstructionToken(CONSTRUCTION_TOKEN);
  for (const value of [undefined, null, Symbol("construction"), {}]) {
    assert.throws(() => requireConstructionToken(value), new TypeError("Illegal constructor"));
  }
});
