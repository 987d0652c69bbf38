import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { formatUtc, parseOpensslTime } from "./calendar.ts";

const MS_UNTIL_9999 = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const anyEpochMs = fc.integer({ min: Date.UTC(1, 0, 1), max: MS_UNTIL_9999 });

test("known instants are written in UTC, with fractions cut off", () => {
  assert.equal(formatUtc(0), "19700101000000Z");
  assert.equal(formatUtc(999.9), "19700101000000Z");
  assert.equal(formatUtc(-1), "19691231235959Z");
  assert.equal(formatUtc(Date.UTC(2000, 1, 29, 12, 34, 56)), "20000229123456Z");
  assert.equal(formatUtc(Date.UTC(2100, 2, 1)), "21000301000000Z");
});

test("any instant is written as the platform's calendar has it", () => {
  fc.assert(
    fc.property(anyEpochMs, (epochMs) => {
      const date = new Date(0);
      date.setTime(epochMs);
      const expected = date.toISOString().replace(/\..*/, "Z").replace(/[-:T]/g, "");
      assert.equal(formatUtc(epochMs), expected);
    }),
  );
});

test("OpenSSL's way to write an instant is read back, to the second", () => {
  assert.equal(parseOpensslTime("Nov 23 07:46:19 2026 GMT"), Date.UTC(2026, 10, 23, 7, 46, 19));
  assert.equal(parseOpensslTime("Jan  1 00:00:00 1970 GMT"), 0);
  fc.assert(
    fc.property(anyEpochMs, (epochMs) => {
      const seconds = Math.floor(epochMs / 1000) * 1000;
      const [, day, month, year, time] = new Date(epochMs).toUTCString().split(" ");
      assert.equal(parseOpensslTime(`${month} ${Number(day)} ${time} ${year} GMT`), seconds);
    }),
  );
});

test("other texts are no instants", () => {
  for (const text of ["", "2026-11-23", "Foo 23 07:46:19 2026 GMT", "Nov 23 2026"]) {
    assert.equal(parseOpensslTime(text), undefined);
  }
});
