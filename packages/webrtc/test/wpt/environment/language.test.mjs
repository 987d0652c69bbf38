import assert from "node:assert/strict";
import { test } from "vitest";
import { completeLanguage } from "./language.mjs";

test("iterators have the methods of ECMAScript 2025 that tests use", () => {
  completeLanguage();
  const values = () => new Map(Object.entries({ a: 1, b: 2, c: 3 })).values();
  assert.equal(
    values().find((value) => value > 1),
    2,
  );
  assert.equal(
    values().find((value) => value > 3),
    undefined,
  );
  assert.deepEqual(
    [
      ...values()
        .filter((value) => value !== 2)
        .map((value) => value * 10),
    ],
    [10, 30],
  );
  assert.equal(
    values().some((value) => value === 3),
    true,
  );
  assert.equal(
    values().every((value) => value < 3),
    false,
  );
  assert.deepEqual(values().toArray(), [1, 2, 3]);
  const seen = [];
  values().forEach((value) => seen.push(value));
  assert.deepEqual(seen, [1, 2, 3]);
});
