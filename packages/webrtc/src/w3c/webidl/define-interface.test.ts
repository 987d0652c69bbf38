import assert from "node:assert/strict";
import { test } from "vitest";
import { CONSTRUCTION_TOKEN, constructionParts, defineInterface } from "./define-interface.ts";
import type { ConstructionArguments } from "./define-interface.ts";

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
  static ownToo(): void {}
}
defineInterface(Thing, "Thing", ["own", "ownToo"]);

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

class Hidden {
  readonly parts: readonly [string, number?];

  constructor(...args: ConstructionArguments<[text: string, count?: number]>) {
    this.parts = constructionParts(args);
  }
}

test("only the library's own token constructs (Web IDL §3.7.1)", () => {
  assert.equal(Hidden.length, 0);
  assert.deepEqual(new Hidden(CONSTRUCTION_TOKEN, "a", 1).parts, ["a", 1]);
  assert.deepEqual(new Hidden(CONSTRUCTION_TOKEN, "a").parts, ["a"]);
  assert.throws(() => new Hidden(), new TypeError("Illegal constructor"));
  for (const value of [undefined, null, Symbol("construction"), {}]) {
    const construct = (): unknown => Reflect.construct(Hidden, [value, "a"]);
    assert.throws(construct, new TypeError("Illegal constructor"));
  }
});
