import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { answerProfileLevelId, h264ProfileOf } from "./h264-profile.ts";

/** One profile-level-id for each row of RFC 6184 §8.1, table 5, with the free bits one way and the other. */
const TABLE: readonly (readonly [string, readonly string[]])[] = [
  ["constrained-baseline", ["42400a", "42e01f", "42f00b", "4d800a", "4df01f", "58c00a", "58f01f"]],
  ["baseline", ["42000a", "42801f", "42b01f", "58800a", "58b01f"]],
  ["main", ["4d001f", "4d401f", "4d501f"]],
  ["extended", ["58001f", "58301f"]],
  ["high", ["64001f", "640034"]],
  ["constrained-high", ["640c1f"]],
  ["high-10", ["6e001f"]],
  ["high-4:2:2", ["7a001f"]],
  ["high-4:4:4", ["f4001f"]],
  ["high-10-intra", ["6e101f"]],
  ["high-4:2:2-intra", ["7a101f"]],
  ["high-4:4:4-intra", ["f4101f"]],
  ["cavlc-4:4:4-intra", ["2c101f"]],
];

test("the constraint flags decide between profiles (RFC 6184 §8.1, table 5)", () => {
  for (const [profile, ids] of TABLE) {
    for (const id of ids) assert.equal(h264ProfileOf(id), profile, id);
  }
});

test("a profile-level-id is base 16 without case (RFC 6184 §8.1)", () => {
  assert.equal(h264ProfileOf("42E01F"), "constrained-baseline");
  assert.equal(h264ProfileOf("4D001f"), "main");
});

test("what is not six digits, or no profile of the table, is none", () => {
  for (const id of ["", "42e01", "42e01f0", "42e01g", "+2e01f", "0x42e0", " 42e01f", "64101f"]) {
    assert.equal(h264ProfileOf(id), undefined, id);
  }
  assert.equal(h264ProfileOf("42011f"), undefined, "the last four flags are reserved");
});

test("the answer has our level where both sides allow asymmetry (RFC 6184 §8.2.2)", () => {
  assert.equal(answerProfileLevelId("42e034", "42e01f", true), "42e01f");
  assert.equal(answerProfileLevelId("42e00a", "42e01f", true), "42e01f");
});

test("else it has the lower of both levels (RFC 6184 §8.2.2)", () => {
  assert.equal(answerProfileLevelId("42e034", "42e01f", false), "42e01f");
  assert.equal(answerProfileLevelId("42e00a", "42e01f", false), "42e00a");
  assert.equal(answerProfileLevelId("42e01f", "42e01f", false), "42e01f");
});

test("the answer spells the profile as the offer does: it is used symmetrically (RFC 6184 §8.2.2)", () => {
  assert.equal(answerProfileLevelId("4D8034", "42e01f", true), "4d801f");
  assert.equal(answerProfileLevelId("58C00A", "42e01f", false), "58c00a");
});

test("level 1b lies between 1 and 1.1, and its flag goes with it (RFC 6184 §8.1)", () => {
  assert.equal(answerProfileLevelId("42f00b", "42e00b", false), "42f00b");
  assert.equal(answerProfileLevelId("42e00b", "42f00b", false), "42f00b");
  assert.equal(answerProfileLevelId("42f01f", "42e00b", false), "42e00b");
  assert.equal(answerProfileLevelId("42f00b", "42e00a", false), "42e00a");
  assert.equal(answerProfileLevelId("42f00b", "42e01f", true), "42e01f");
  assert.equal(answerProfileLevelId("640009", "64000b", false), "640009");
  assert.equal(answerProfileLevelId("64000b", "640009", false), "640009");
});

test("an answer never has another profile than the offer", () => {
  const ids = fc.constantFrom(...TABLE.flatMap(([, list]) => list));
  fc.assert(
    fc.property(ids, ids, fc.boolean(), (offered, own, mayLevelsDiffer) => {
      const answer = answerProfileLevelId(offered, own, mayLevelsDiffer);
      assert.equal(h264ProfileOf(answer), h264ProfileOf(offered));
    }),
  );
});
