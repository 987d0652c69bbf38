import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex, toHex } from "../base/bytes.ts";
import {
  derBitString,
  derExplicit,
  derInteger,
  derNull,
  derObjectIdentifier,
  derSequence,
  derSet,
  derTime,
  derUtf8String,
} from "./der.ts";

test("lengths take the short form up to 127 and the shortest long form above (X.690 §8.1.3, §10.1)", () => {
  const lengthOf = (byteCount: number): string =>
    toHex(derBitString(new Uint8Array(byteCount - 1)).subarray(1, 5));
  assert.equal(lengthOf(1), "0100".slice(0, 4));
  assert.equal(lengthOf(127).slice(0, 2), "7f");
  assert.equal(lengthOf(128).slice(0, 4), "8180");
  assert.equal(lengthOf(255).slice(0, 4), "81ff");
  assert.equal(lengthOf(256).slice(0, 6), "820100");
  assert.equal(lengthOf(65_536), "83010000");
});

test("integers are positive and as short as can be (X.690 §8.3)", () => {
  const integer = (hex: string): string => toHex(derInteger(fromHex(hex)));
  assert.equal(integer("02"), "020102");
  assert.equal(integer("7f"), "02017f");
  assert.equal(integer("80"), "02020080");
  assert.equal(integer("000001"), "020101");
  assert.equal(integer("000080"), "02020080");
  assert.equal(integer("00"), "020100");
  assert.equal(integer(""), "020100");
});

test("object identifiers pack their arcs in groups of seven bits (X.690 §8.19)", () => {
  assert.equal(toHex(derObjectIdentifier("2.5.4.3")), "0603550403");
  assert.equal(toHex(derObjectIdentifier("1.2.840.10045.4.3.2")), "06082a8648ce3d040302");
  assert.equal(toHex(derObjectIdentifier("1.2.840.113549.1.1.11")), "06092a864886f70d01010b");
});

test("times have two digits for the year until 2049 and four from 2050 (RFC 5280 §4.1.2.5)", () => {
  assert.equal(toHex(derTime("20491231235959Z")), `170d${toHexText("491231235959Z")}`);
  assert.equal(toHex(derTime("20500101000000Z")), `180f${toHexText("20500101000000Z")}`);
});

test("constructed values hold their parts in order", () => {
  assert.equal(toHex(derSequence(derNull(), derInteger(fromHex("05")))), "30050500020105");
  assert.equal(toHex(derSet(derUtf8String("x"))), "31030c0178");
  assert.equal(toHex(derExplicit(0, derNull())), "a0020500");
  assert.equal(toHex(derBitString(fromHex("ff"))), "030200ff");
});

function toHexText(text: string): string {
  return Buffer.from(text).toString("hex");
}
