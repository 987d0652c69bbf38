import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { sanitiseFileName } from "./file-name.ts";

const CASES: readonly (readonly [string, string])[] = [
  ["report.pdf", "report.pdf"],
  ["../../etc/passwd", "passwd"],
  ["C:\\Windows\\system32\\cmd.exe", "cmd.exe"],
  ["/", "unnamed"],
  ["", "unnamed"],
  [".", "unnamed"],
  ["..", "unnamed"],
  [".bashrc", "bashrc"],
  ["a\u0000b.txt", "ab.txt"],
  ["invoice\u202Efdp.exe", "invoicefdp.exe"],
  ["a:b|c?.txt", "a_b_c_.txt"],
  ["CON", "_CON"],
  ["nul.txt", "_nul.txt"],
  ["console.txt", "console.txt"],
  ["trailing. . ", "trailing"],
  ["résumé 数.txt", "résumé 数.txt"],
  ["-rf", "-rf"],
];

for (const [given, expected] of CASES) {
  test(`a file called ${JSON.stringify(given)} is stored as "${expected}"`, () => {
    assert.equal(sanitiseFileName(given), expected);
  });
}

test("a long name keeps its extension and fits into 200 bytes", () => {
  const name = sanitiseFileName(`${"数".repeat(500)}.tar.gz`);
  assert.ok(Buffer.byteLength(name) <= 200);
  assert.match(name, /数\.gz$/);
});

test("whatever comes in, what goes out is one visible path segment of at most 201 bytes", () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 400 }),
    fc.string({
      unit: fc.constantFrom(".", "/", "\\", " ", "\u0000", "a", "\u202E"),
      maxLength: 40,
    }),
  );
  fc.assert(
    fc.property(anything, (given) => {
      const name = sanitiseFileName(given);
      assert.ok(name.length > 0 && name !== "." && name !== "..");
      assert.doesNotMatch(name, /[/\\\p{Cc}\p{Cf}]/u);
      assert.ok(Buffer.byteLength(name) <= 201);
      assert.equal(sanitiseFileName(name), name.startsWith("_") ? sanitiseFileName(name) : name);
    }),
    { numRuns: 2000 },
  );
});
