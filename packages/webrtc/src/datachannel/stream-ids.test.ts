import assert from "node:assert/strict";
import { test } from "vitest";
import { parityOf, StreamTable } from "./stream-ids.ts";

test("the DTLS client has the even ids, the server the odd ones (RFC 8832 §6)", () => {
  assert.equal(parityOf("client"), 0);
  assert.equal(parityOf("server"), 1);
});

test("the lowest free id of a parity is found, a released one again", () => {
  const table = new StreamTable<string>();
  assert.equal(table.findFree(0, 100), 0);
  assert.equal(table.findFree(1, 100), 1);
  for (const id of [0, 2, 4, 1]) table.occupy(id, `channel ${id}`);
  assert.equal(table.findFree(0, 100), 6);
  assert.equal(table.findFree(1, 100), 3);
  table.release(2);
  assert.equal(table.findFree(0, 100), 2);
  assert.equal(table.get(4), "channel 4");
  assert.equal(table.get(2), undefined);
});

test("no id is found at or beyond the limit", () => {
  const table = new StreamTable<number>();
  table.occupy(0, 0);
  assert.equal(table.findFree(0, 2), undefined);
  assert.equal(table.findFree(1, 1), undefined);
  assert.equal(table.findFree(0, 3), 2);
});

test("all 32768 even ids below 65535 can be in use at once", () => {
  const table = new StreamTable<number>();
  for (let count = 0; count < 32_768; count++) {
    const id = table.findFree(0, 65_535);
    assert.ok(id !== undefined);
    table.occupy(id, id);
  }
  assert.equal(table.findFree(0, 65_535), undefined);
  assert.equal(table.occupants().length, 32_768);
});
