import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { SerialMap } from "./serial-map.ts";

test("values come out by number, and once", () => {
  const map = new SerialMap<string>(32);
  map.add(7, "seven");
  assert.deepEqual([map.has(7), map.get(7), map.size], [true, "seven", 1]);
  assert.equal(map.take(7), "seven");
  assert.equal(map.take(7), undefined);
  assert.deepEqual([map.has(7), map.size], [false, 0]);
});

test("takeThrough gives what is up to a number, in order, across the wrap (RFC 1982)", () => {
  for (const [bits, last] of [
    [16, 0xffff],
    [32, 0xffff_ffff],
  ] as const) {
    const map = new SerialMap<number>(bits);
    for (const sequence of [3, last, 0, last - 5, 9]) map.add(sequence, sequence);
    assert.deepEqual(map.takeThrough(last - 6), []);
    assert.deepEqual(map.takeThrough(3), [last - 5, last, 0, 3]);
    assert.deepEqual([...map.values()], [9]);
  }
});

test("a number may be used again after it was taken out of turn", () => {
  const map = new SerialMap<string>(32);
  map.add(1, "first");
  map.add(2, "old");
  map.take(2);
  map.add(2, "new");
  assert.deepEqual(map.takeThrough(5), ["first", "new"]);
  assert.deepEqual(map.takeThrough(5), []);
});

const step = fc.record({
  kind: fc.constantFrom("add", "add", "add", "take", "takeThrough"),
  offset: fc.nat(200),
});

test("it agrees with a simple model, whatever is added and taken in which order", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(16, 32),
      fc.nat(0xffff_ffff),
      fc.array(step, { maxLength: 400 }),
      (bits, start, steps) => {
        const map = new SerialMap<number>(bits);
        const model = new Set<number>();
        const sequenceOf = (offset: number) =>
          bits === 16 ? (start + offset) & 0xffff : (start + offset) >>> 0;
        for (const { kind, offset } of steps) {
          const sequence = sequenceOf(offset);
          if (kind === "take") {
            assert.equal(map.take(sequence), model.delete(offset) ? offset : undefined);
          } else if (kind === "takeThrough") {
            const expected = [...model].filter((o) => o <= offset).toSorted((a, b) => a - b);
            assert.deepEqual(map.takeThrough(sequence), expected);
            for (const taken of expected) model.delete(taken);
          } else if (!map.has(sequence)) {
            map.add(sequence, offset);
            model.add(offset);
          }
          assert.equal(map.size, model.size);
        }
      },
    ),
  );
});

test("numbers further apart than half the circle lose nothing: every value can still be taken", () => {
  const map = new SerialMap<number>(16);
  const spread = [0, 0x4000, 0x8000, 0xc000, 0x7fff, 0xffff];
  for (const sequence of spread) map.add(sequence, sequence);
  const taken = map.takeThrough(0x9000);
  for (const sequence of map.values()) taken.push(sequence);
  assert.deepEqual(
    taken.toSorted((a, b) => a - b),
    spread.toSorted((a, b) => a - b),
  );
});
