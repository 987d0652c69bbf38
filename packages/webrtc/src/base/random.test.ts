import assert from "node:assert/strict";
import { test } from "vitest";

import { SeededRandom } from "./random.ts";

test("the same seed gives the same numbers, and another seed others", () => {
  const draw = (seed: number): string => new SeededRandom(seed).hex(32);
  assert.equal(draw(7), draw(7));
  assert.equal(new Set([0, 1, 2, 7, 0xffff_ffff].map(draw)).size, 5);
});

test("fractions fill [0, 1) evenly enough for a simulation", () => {
  const random = new SeededRandom(1);
  const counts = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 10_000; draw++) {
    const fraction = random.fraction();
    assert.ok(fraction >= 0 && fraction < 1);
    counts[Math.floor(fraction * 10)]!++;
  }
  for (const count of counts) assert.ok(count > 850 && count < 1_150, counts.join(" "));
});

test("bytes and hex have the length that was asked for", () => {
  const random = new SeededRandom(3);
  assert.equal(random.bytes(17).byteLength, 17);
  assert.match(random.hex(5), /^[0-9a-f]{10}$/);
  assert.equal(random.bytes(0).byteLength, 0);
});
