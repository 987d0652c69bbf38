import assert from "node:assert/strict";
import { test } from "vitest";
import { NodeRandom } from "./node-random.ts";

test("bytes have the length that was asked for, also over the pool's end and over its size", () => {
  const random = new NodeRandom();
  for (const byteCount of [0, 1, 12, 256, 257, 4096, 4097, 10_000]) {
    assert.equal(random.bytes(byteCount).byteLength, byteCount);
  }
});

test("no two draws are alike, whatever borders of the pool they cross", () => {
  const random = new NodeRandom();
  const seen = new Set<string>();
  for (let draw = 0; draw < 2000; draw++) seen.add(random.hex(12));
  assert.equal(seen.size, 2000);
});

test("an array that was handed out is the caller's", () => {
  const random = new NodeRandom();
  const first = random.bytes(32);
  const copy = first.slice();
  for (let draw = 0; draw < 300; draw++) random.bytes(32);
  assert.deepEqual(first, copy);
});

test("numbers stay in their ranges and spread over them", () => {
  const random = new NodeRandom();
  let sum = 0;
  for (let draw = 0; draw < 1000; draw++) {
    const fraction = random.fraction();
    assert.ok(fraction >= 0 && fraction < 1);
    sum += fraction;
    const number = random.uint32();
    assert.ok(Number.isInteger(number) && number >= 0 && number < 2 ** 32);
  }
  assert.ok(sum > 400 && sum < 600); // Wrong once in 10^27 runs.
});

test("hexadecimal has two digits a byte", () => {
  assert.match(new NodeRandom().hex(16), /^[0-9a-f]{32}$/);
});
