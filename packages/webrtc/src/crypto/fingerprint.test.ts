import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { encodeUtf8 } from "../base/bytes.ts";
import { WireFormatError } from "../base/errors.ts";
import {
  FINGERPRINT_HASHES,
  fingerprintOf,
  isFingerprintHash,
  parseFingerprint,
} from "./fingerprint.ts";

const BYTES = encodeUtf8("abc");
const SHA224_OF_ABC =
  "23:09:7D:22:34:05:D8:22:86:42:A4:77:BD:A2:55:B3:2A:AD:BC:E4:BD:A0:B3:F7:E3:6C:9D:A7";

test("a fingerprint is upper-case pairs with colons between (RFC 8122 §5)", () => {
  assert.equal(fingerprintOf(BYTES, "sha-224"), SHA224_OF_ABC);
  assert.match(fingerprintOf(BYTES), /^BA:78:16:BF:(?:[0-9A-F]{2}:){27}[0-9A-F]{2}$/);
});

test("what is written is read back, for every hash", () => {
  for (const algorithm of FINGERPRINT_HASHES) {
    const value = fingerprintOf(BYTES, algorithm);
    assert.deepEqual(parseFingerprint(`${algorithm} ${value}`), { algorithm, value });
  }
});

test("names and digits may be of either case, and are folded (RFC 8122 §5)", () => {
  const parsed = parseFingerprint(`  SHA-224 ${SHA224_OF_ABC.toLowerCase()} `);
  assert.deepEqual(parsed, { algorithm: "sha-224", value: SHA224_OF_ABC });
});

test("a hash that is unknown here is kept as it stands", () => {
  assert.deepEqual(parseFingerprint("sha3-256 AB:CD"), { algorithm: "sha3-256", value: "AB:CD" });
});

test("other forms are refused", () => {
  const texts = [
    "",
    "sha-256",
    "sha-256 ",
    "sha-224 ABCD",
    "sha-256 AB:C",
    "sha-256 AB:",
    `sha-256 ${SHA224_OF_ABC}`,
  ];
  for (const text of texts) assert.throws(() => parseFingerprint(text), WireFormatError, text);
});

test("any text is parsed or refused as line noise, also a long one", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseFingerprint(text);
      } catch (error) {
        assert.ok(error instanceof WireFormatError);
      }
    }),
  );
  assert.throws(() => parseFingerprint(`sha-256 ${"AB:".repeat(400_000)}AB`), WireFormatError);
});

test("SHA-1, MD5, MD2 and names of the object prototype identify nobody (RFC 8122 §5)", () => {
  for (const name of ["sha-1", "md5", "md2", "constructor", "toString", "SHA-256"]) {
    assert.ok(!isFingerprintHash(name), name);
  }
});
