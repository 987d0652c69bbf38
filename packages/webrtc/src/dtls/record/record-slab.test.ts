import assert from "node:assert/strict";
import { test } from "vitest";
import { takeRecordBytes } from "./record-slab.ts";

test("no byte is handed out twice, over the end of a slab and for large records", () => {
  const pieces = Array.from({ length: 500 }, (_, index) => takeRecordBytes((index * 37) % 6000));
  pieces.forEach((piece, index) => piece.fill(index & 0xff));
  pieces.forEach((piece, index) => {
    assert.equal(piece.byteLength, (index * 37) % 6000);
    assert.ok(piece.every((byte) => byte === (index & 0xff)));
  });
});
