import assert from "node:assert/strict";
import { test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../base/bytes.ts";
import { PartialMessage } from "./partial-message.ts";

test("parts and the last part make one message, and nothing is left (RFC 8831 §6.6)", () => {
  const partial = new PartialMessage();
  assert.ok(partial.isEmpty);
  assert.ok(partial.add(encodeUtf8("a"), 10));
  assert.ok(partial.add(encodeUtf8("b"), 10));
  assert.ok(!partial.isEmpty);
  assert.equal(decodeUtf8(partial.finish(encodeUtf8("c"))), "abc");
  assert.ok(partial.isEmpty);
});

test("a message that grows over the limit is thrown away", () => {
  const partial = new PartialMessage();
  assert.ok(partial.add(new Uint8Array(10), 10));
  assert.ok(!partial.add(new Uint8Array(1), 10));
  assert.ok(partial.isEmpty);
});

test("a message of very many tiny parts is thrown away", () => {
  const partial = new PartialMessage();
  let count = 0;
  while (partial.add(new Uint8Array(1), 1_000_000)) count++;
  assert.equal(count, 16_384);
  assert.ok(partial.isEmpty);
});
