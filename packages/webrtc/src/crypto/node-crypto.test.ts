import assert from "node:assert/strict";
import { test } from "vitest";
import { encodeUtf8, fromHex, toHex } from "../base/bytes.ts";
import { SeededRandom } from "../base/random.ts";
import { createNodeCrypto } from "./node-crypto.ts";

const crypto = createNodeCrypto();
const ABC = encodeUtf8("abc");

test("hashes are those of FIPS 180-4 and RFC 1321 for `abc`", () => {
  assert.equal(toHex(crypto.hash("md5", ABC)), "900150983cd24fb0d6963f7d28e17f72");
  assert.equal(toHex(crypto.hash("sha-1", ABC)), "a9993e364706816aba3e25717850c26c9cd0d89d");
  assert.equal(
    toHex(crypto.hash("sha-256", ABC)),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  assert.equal(
    toHex(crypto.hash("sha-224", ABC)),
    "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
  );
  assert.equal(toHex(crypto.hash("sha-384", ABC)).slice(0, 16), "cb00753f45a35e8b");
  assert.equal(toHex(crypto.hash("sha-512", ABC)).slice(0, 16), "ddaf35a193617aba");
});

test("HMAC takes its message in parts (RFC 4231 §4.3, RFC 2202 §3)", () => {
  const parts = ["what do ya want ", "for ", "nothing?"].map(encodeUtf8);
  const key = encodeUtf8("Jefe");
  assert.equal(
    toHex(crypto.hmac("sha-256", key, parts)),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
  assert.equal(toHex(crypto.hmac("sha-1", key, parts)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
});

test("a running hash can be read and go on", () => {
  const running = crypto.runningHash("sha-256");
  running.update(encodeUtf8("a"));
  assert.deepEqual(running.digestSoFar(), crypto.hash("sha-256", encodeUtf8("a")));
  assert.deepEqual(running.digestSoFar(), crypto.hash("sha-256", encodeUtf8("a")));
  running.update(encodeUtf8("bc"));
  assert.deepEqual(running.digestSoFar(), crypto.hash("sha-256", ABC));
});

test("what comes out are plain arrays: `slice` copies", () => {
  for (const bytes of [crypto.hash("sha-256", ABC), crypto.hmac("sha-1", ABC, [ABC])]) {
    assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
  }
});

test("comparison in constant time tells lengths and bytes apart", () => {
  assert.ok(crypto.equalInConstantTime(fromHex("0102"), fromHex("0102")));
  assert.ok(!crypto.equalInConstantTime(fromHex("0102"), fromHex("0103")));
  assert.ok(!crypto.equalInConstantTime(fromHex("0102"), fromHex("010200")));
  assert.ok(crypto.equalInConstantTime(new Uint8Array(0), new Uint8Array(0)));
});

test("randomness is the one that was handed in", () => {
  const random = new SeededRandom(1);
  assert.equal(createNodeCrypto(random).random, random);
});
