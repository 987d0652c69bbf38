import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
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
