import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { fromHex } from "../base/bytes.ts";
import type { StunClass } from "./stun-header.ts";
import { classOf, encodeMessageType, isStunDatagram, methodOf } from "./stun-header.ts";

test("the types that RFC 8489 §5 spells out", () => {
  assert.equal(encodeMessageType(1, "request"), 0x0001);
  assert.equal(encodeMessageType(1, "indication"), 0x0011);
  assert.equal(encodeMessageType(1, "success"), 0x0101);
  assert.equal(encodeMessageType(1, "error"), 0x0111);
});

test("method and class survive the interleaving of their bits (RFC 8489 §5)", () => {
  const classes = fc.constantFrom<StunClass>("request", "indication", "success", "error");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xfff }), classes, (method, messageClass) => {
      const type = encodeMessageType(method, messageClass);
      assert.ok(type <= 0x3fff);
      assert.equal(methodOf(type), method);
      assert.equal(classOf(type), messageClass);
    }),
  );
});

test("only what has cookie, length and leading zero bits is taken for STUN (RFC 8489 §5)", () => {
  const good = fromHex("00010000 2112a442 000102030405060708090a0b");
  assert.ok(isStunDatagram(good));
  assert.ok(!isStunDatagram(good.subarray(0, 19)));
  assert.ok(!isStunDatagram(new Uint8Array(0)));
  for (const [index, value] of [
    [0, 0x16],
    [0, 0x80],
    [3, 4],
    [5, 0x13],
  ] as const) {
    const bad = Uint8Array.from(good);
    bad[index] = value;
    assert.ok(!isStunDatagram(bad), `byte ${index}`);
  }
});
