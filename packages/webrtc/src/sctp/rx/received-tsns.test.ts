import assert from "node:assert/strict";
import fc from "fast-check";
import { test, vi } from "vitest";
import { addToTsn, toTsn } from "../../base/serial-number.ts";
import { ReceivedTsns } from "./received-tsns.ts";

/** The same, with a Set and no cleverness; numbers count from the initial TSN. */
class Model {
  readonly #seen = new Set<number>();
  cumulative = -1;

  record(index: number): void {
    this.#seen.add(index);
    this.#advance();
  }

  skipTo(index: number): void {
    this.cumulative = Math.max(this.cumulative, index);
    this.#advance();
  }

  has(index: number): boolean {
    return index <= this.cumulative || this.#seen.has(index);
  }

  gaps(): number[] {
    const blocks: number[] = [];
    const above = [...this.#seen]
      .filter((index) => index > this.cumulative)
      .toSorted((a, b) => a - b);
    for (const index of above) {
      const offset = index - this.cumulative;
      if (blocks.length > 0 && blocks.at(-1) === offset - 1) blocks[blocks.length - 1] = offset;
      else blocks.push(offset, offset);
    }
    return blocks;
  }

  #advance(): void {
    while (this.#seen.has(this.cumulative + 1)) this.cumulative++;
  }
}

const step = fc.oneof(
  { weight: 9, arbitrary: fc.nat(300).map((index) => ({ kind: "record", index }) as const) },
  { weight: 1, arbitrary: fc.nat(300).map((index) => ({ kind: "skip", index }) as const) },
);

test("it agrees with a simple model, across the wrap of the numbers (RFC 9260 §6.2)", () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), fc.array(step, { maxLength: 200 }), (start, steps) => {
      const initialTsn = toTsn(start);
      const tsns = new ReceivedTsns(initialTsn);
      const model = new Model();
      for (const { kind, index } of steps) {
        const tsn = addToTsn(initialTsn, index);
        if (kind === "skip") {
          assert.equal(tsns.skipTo(tsn), index > model.cumulative);
          model.skipTo(index);
        } else {
          assert.equal(tsns.placeOf(tsn), model.has(index) ? "duplicate" : "new");
          if (!model.has(index)) tsns.record(tsn);
          model.record(index);
        }
        assert.equal(tsns.cumulativeTsn, addToTsn(initialTsn, model.cumulative));
        assert.equal(tsns.hasGaps, model.gaps().length > 0);
        if (tsns.hasGaps) assert.deepEqual(tsns.gapBlocks(1_000), model.gaps());
      }
    }),
  );
});

test("no more gap blocks than asked for (RFC 9260 §3.3.4)", () => {
  const tsns = new ReceivedTsns(toTsn(0));
  for (let index = 1; index < 100; index += 2) tsns.record(toTsn(index));
  assert.deepEqual(tsns.gapBlocks(3), [2, 2, 4, 4, 6, 6]);
  assert.deepEqual(tsns.gapBlocks(0), []);
});

test("the window reaches 32,767 numbers ahead", () => {
  const tsns = new ReceivedTsns(toTsn(1));
  assert.equal(tsns.placeOf(toTsn(0x7fff)), "new");
  assert.equal(tsns.placeOf(toTsn(0x8000)), "tooFar");
  tsns.record(toTsn(0x7fff));
  assert.deepEqual(tsns.gapBlocks(9), [0x7fff, 0x7fff]);
  for (let tsn = 1; tsn < 0x7fff; tsn++) tsns.record(toTsn(tsn));
  assert.equal(tsns.cumulativeTsn, 0x7fff);
  assert.equal(tsns.hasGaps, false);
});

test("duplicates are told once, and only so many", () => {
  const tsns = new ReceivedTsns(toTsn(1));
  assert.equal(tsns.hasDuplicates, false);
  for (let round = 0; round < 40; round++) tsns.noteDuplicate(toTsn(5));
  assert.equal(tsns.hasDuplicates, true);
  assert.equal(tsns.takeDuplicates().length, 16);
  assert.deepEqual(tsns.takeDuplicates(), []);
});

/** Counts how often a word of the bits is read or written; `fill` touches them all. */
function countWords(work: () => void): number {
  let words = 0;
  const touch = { get: count, set: count };
  function count(target: Uint32Array, key: string, ...rest: unknown[]): unknown {
    if (key === "fill") {
      words += target.length;
      return target.fill.bind(target);
    }
    words++;
    if (rest.length < 2) return Reflect.get(target, key);
    return Reflect.set(target, key, rest[0]);
  }
  const Real = Uint32Array;
  vi.stubGlobal("Uint32Array", function (length: number) {
    return new Proxy(new Real(length), touch as ProxyHandler<Uint32Array>);
  });
  try {
    work();
    return words;
  } finally {
    vi.unstubAllGlobals();
  }
}

test("skipping over a whole window touches each word of it once or twice, not each bit", () => {
  const words = countWords(() => {
    const tsns = new ReceivedTsns(toTsn(0));
    tsns.record(toTsn(0x7ffe));
    assert.equal(tsns.skipTo(toTsn(0x7ffc)), true);
    assert.deepEqual(tsns.gapBlocks(9), [2, 2]);
  });
  assert.ok(words > 1_000 && words < 2_100, `${words} words`);
});

test("a skip clears exactly what it passes, wherever in a word it begins and ends", () => {
  fc.assert(
    fc.property(
      fc.nat(0xffff_ffff),
      fc.array(fc.integer({ min: 1, max: 32_766 }), { minLength: 1, maxLength: 60 }),
      fc.nat(32_766),
      (start, indices, skip) => {
        const initialTsn = toTsn(start);
        const tsns = new ReceivedTsns(initialTsn);
        const model = new Model();
        for (const index of new Set(indices)) {
          tsns.record(addToTsn(initialTsn, index));
          model.record(index);
        }
        tsns.skipTo(addToTsn(initialTsn, skip));
        model.skipTo(skip);
        assert.equal(tsns.cumulativeTsn, addToTsn(initialTsn, model.cumulative));
        if (tsns.hasGaps) assert.deepEqual(tsns.gapBlocks(1_000), model.gaps());
        // What was left behind would turn up a window later.
        for (let index = model.cumulative + 1; index < model.cumulative + 32_767; index += 97) {
          const isSeen = model.has(index);
          assert.equal(tsns.placeOf(addToTsn(initialTsn, index)), isSeen ? "duplicate" : "new");
        }
      },
    ),
    { numRuns: 60 },
  );
});
