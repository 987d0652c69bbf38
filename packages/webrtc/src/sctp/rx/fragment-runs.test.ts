import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { createDataFields } from "../packet/data-chunk.ts";
import { FragmentRuns, assembleRun } from "./fragment-runs.ts";

type Piece = { key: number; flags: number; sequence: number; payload: Uint8Array };

/** `count` fragments of one message whose keys begin at `firstKey`. */
function pieces(firstKey: number, count: number, sequence: number): Piece[] {
  return Array.from({ length: count }, (_, index) => ({
    key: (firstKey + index) >>> 0,
    flags: (index === 0 ? 2 : 0) | (index === count - 1 ? 1 : 0),
    sequence,
    payload: Uint8Array.of(sequence, index),
  }));
}

function insert(runs: FragmentRuns, piece: Piece) {
  const { flags, sequence } = piece;
  const fields = { ...createDataFields(), flags, sequence, ppid: (flags & 2) === 0 ? 0 : 51 };
  return runs.insert(piece.key, fields, piece.payload);
}

test("fragments in order complete with the last one", () => {
  const runs = new FragmentRuns();
  const all = pieces(10, 4, 1);
  for (const piece of all.slice(0, 3)) assert.equal(insert(runs, piece), undefined);
  assert.equal(runs.has(12), true);
  assert.equal(runs.has(13), false);
  const run = insert(runs, all[3]!);
  assert.deepEqual(assembleRun(run!), Uint8Array.of(1, 0, 1, 1, 1, 2, 1, 3));
  assert.equal(run!.ppid, 51);
  assert.equal(runs.isEmpty, true);
});

test("in any order, across the wrap of the numbers, every message completes once and whole", () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(
      fc.nat(0xffff_ffff),
      shapes,
      fc.infiniteStream(fc.nat()),
      (start, counts, random) => {
        let key = start;
        const all = counts.flatMap((count, sequence) => {
          const message = pieces(key, count, sequence);
          key += count;
          return message;
        });
        const shuffled = all
          .map((piece) => ({ piece, rank: random.next().value as number }))
          .toSorted((a, b) => a.rank - b.rank);
        const runs = new FragmentRuns();
        const complete = new Map<number, Uint8Array>();
        for (const { piece } of shuffled) {
          assert.equal(runs.has(piece.key), false);
          const run = insert(runs, piece);
          if (run) complete.set(run.sequence, assembleRun(run));
        }
        assert.equal(complete.size, counts.length);
        counts.forEach((count, sequence) => {
          const expected = Array.from({ length: count }, (_, index) => [sequence, index]).flat();
          assert.deepEqual(complete.get(sequence), Uint8Array.from(expected));
        });
        assert.equal(runs.isEmpty, true);
      },
    ),
  );
});

test("fragments that do not belong together are not joined, in either direction", () => {
  const runs = new FragmentRuns();
  const [firstOfA] = pieces(1, 2, 1);
  const [, lastOfB] = pieces(1, 2, 2);
  assert.equal(insert(runs, firstOfA!), undefined);
  assert.equal(insert(runs, lastOfB!), undefined);
  const other = new FragmentRuns();
  assert.equal(insert(other, lastOfB!), undefined);
  assert.equal(insert(other, firstOfA!), undefined);
});

test("dropThrough takes what begins at or before a key, and leaves the rest", () => {
  const runs = new FragmentRuns();
  insert(runs, pieces(5, 3, 1)[0]!);
  insert(runs, pieces(8, 3, 2)[0]!);
  insert(runs, pieces(8, 3, 2)[1]!);
  insert(runs, pieces(20, 3, 3)[0]!);
  assert.deepEqual(runs.dropThrough(4), []);
  assert.deepEqual(
    runs.dropThrough(9).map(({ sequence }) => sequence),
    [1, 2],
  );
  assert.equal(runs.has(20), true);
  assert.deepEqual(runs.dropAll().length, 1);
  assert.equal(runs.isEmpty, true);
});

test("thousands of holes exhaust the room", () => {
  const runs = new FragmentRuns();
  for (let hole = 0; hole < 4_096; hole++) {
    assert.equal(runs.hasRoom, true);
    insert(runs, { key: hole * 2, flags: 0, sequence: 0, payload: Uint8Array.of(1) });
  }
  assert.equal(runs.hasRoom, false);
});

/** How many elements `work` makes arrays copy or shift: what a walk over the fragments would cost. */
function countCopies(work: () => void): number {
  let copies = 0;
  const { concat, splice, push } = Array.prototype;
  const counting = {
    concat(this: unknown[], ...others: unknown[]) {
      const joined = concat.apply(this, others);
      copies += joined.length;
      return joined;
    },
    splice(this: unknown[], ...edit: [number, number]) {
      copies += this.length - edit[0];
      return splice.apply(this, edit);
    },
    push(this: unknown[], ...items: unknown[]) {
      copies += items.length;
      return push.apply(this, items);
    },
  };
  Object.assign(Array.prototype, counting);
  try {
    work();
    return copies;
  } finally {
    Object.assign(Array.prototype, { concat, splice, push });
  }
}

test("no order of arrival makes fragments be copied before the message is whole", () => {
  const count = 2_000;
  const inward = Array.from(
    { length: count },
    (_, at) => (at % 2 === 0 ? at : 2 * count - at) >> 1,
  );
  const outward = inward.toReversed();
  const orders = {
    ascending: Array.from({ length: count }, (_, at) => at),
    descending: Array.from({ length: count }, (_, at) => count - at),
    inward,
    outward,
  };
  for (const [name, keys] of Object.entries(orders)) {
    const runs = new FragmentRuns();
    const payload = Uint8Array.of(1);
    const copies = countCopies(() => {
      for (const key of keys) insert(runs, { key, flags: 0, sequence: 1, payload });
    });
    const held = runs.dropAll();
    assert.equal(
      held.reduce((sum, { fragmentCount }) => sum + fragmentCount, 0),
      count,
    );
    assert.ok(copies < 10, `${name}: ${copies} copies`);
  }
});
