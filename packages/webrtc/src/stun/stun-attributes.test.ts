// Single attributes bit by bit; the diagrams are those of RFC 8489 §14 and RFC 8445 §16.1.
import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex, toHex } from "../base/bytes.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { addressCodec, xorAddressCodec } from "./address-attribute.ts";
import { ATTRIBUTE_CODECS } from "./attribute-table.ts";
import { longTermKey, shortTermKey } from "./credentials.ts";
import { ERROR_CODE_CODEC } from "./error-code-attribute.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { integrityDigest, isIntegrityValid } from "./message-integrity.ts";
import { PASSWORD_ALGORITHMS_CODEC } from "./password-algorithm-attribute.ts";
import { encodeStunMessage } from "./stun-encoder.ts";
import { UNKNOWN_ATTRIBUTES_CODEC } from "./unknown-attributes-attribute.ts";

const crypto = createNodeCrypto();
const TRANSACTION_ID = fromHex("b7e7a701bc34d686fa87dfae");

test("MAPPED-ADDRESS is family, port, address (RFC 8489 §14.1)", () => {
  const codec = addressCodec(0x0001);
  const ipv4 = { address: "192.0.2.1", port: 0x1234 };
  assert.equal(toHex(codec.encode(ipv4, TRANSACTION_ID)), "00011234c0000201");
  assert.deepEqual(codec.decode(fromHex("00011234c0000201"), TRANSACTION_ID), ipv4);
  // The first byte is to be ignored on receipt.
  assert.deepEqual(codec.decode(fromHex("ff011234c0000201"), TRANSACTION_ID), ipv4);
  const ipv6 = { address: "2001:db8::1", port: 1 };
  const wire = "0002000120010db8000000000000000000000001";
  assert.equal(toHex(codec.encode(ipv6, TRANSACTION_ID)), wire);
});

test("XOR-MAPPED-ADDRESS hides port and address (RFC 8489 §14.2, vectors of RFC 5769)", () => {
  const codec = xorAddressCodec(0x0020);
  const ipv4 = { address: "192.0.2.1", port: 32_853 };
  assert.equal(toHex(codec.encode(ipv4, TRANSACTION_ID)), "0001a147e112a643");
  const ipv6 = { address: "2001:db8:1234:5678:11:2233:4455:6677", port: 32_853 };
  const wire = "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9";
  assert.equal(toHex(codec.encode(ipv6, TRANSACTION_ID)), wire);
  assert.deepEqual(codec.decode(fromHex(wire), TRANSACTION_ID), ipv6);
});

test("ERROR-CODE splits the code into hundreds and rest (RFC 8489 §14.8)", () => {
  const wire = ERROR_CODE_CODEC.encode({ code: 487, reason: "RC" }, TRANSACTION_ID);
  assert.equal(toHex(wire), "000004575243");
  const decode = (hex: string): unknown => ERROR_CODE_CODEC.decode(fromHex(hex), TRANSACTION_ID);
  assert.deepEqual(decode("00000401"), { code: 401, reason: "" });
  // The 21 reserved bits are ignored.
  assert.deepEqual(decode("fffffc01"), { code: 401, reason: "" });
});

test("UNKNOWN-ATTRIBUTES lists types (RFC 8489 §14.13)", () => {
  const wire = UNKNOWN_ATTRIBUTES_CODEC.encode([0x7abc, 0x0001], TRANSACTION_ID);
  assert.equal(toHex(wire), "7abc0001");
});

test("PASSWORD-ALGORITHMS lists numbers with padded parameters (RFC 8489 §14.11)", () => {
  const algorithms = [
    { algorithm: 2, parameters: new Uint8Array(0) },
    { algorithm: 1, parameters: Uint8Array.of(9) },
  ];
  const wire = PASSWORD_ALGORITHMS_CODEC.encode(algorithms, TRANSACTION_ID);
  assert.equal(toHex(wire), "000200000001000109000000");
  assert.deepEqual(PASSWORD_ALGORITHMS_CODEC.decode(wire, TRANSACTION_ID), algorithms);
});

test("ICE's attributes have the types and lengths of RFC 8445 §16.1", () => {
  const { priority, useCandidate, iceControlled, iceControlling } = ATTRIBUTE_CODECS;
  assert.equal(priority.type, 0x0024);
  assert.equal(toHex(priority.encode(0x6e00_01ff, TRANSACTION_ID)), "6e0001ff");
  assert.equal(useCandidate.type, 0x0025);
  assert.equal(useCandidate.encode(true, TRANSACTION_ID).byteLength, 0);
  assert.equal(iceControlled.type, 0x8029);
  assert.equal(iceControlling.type, 0x802a);
  const tieBreaker = 0x932f_f9b1_5126_3b36n;
  assert.equal(toHex(iceControlling.encode(tieBreaker, TRANSACTION_ID)), "932ff9b151263b36");
});

test("the fingerprint is a CRC-32 XORed with 'STUN' (RFC 8489 §14.7)", () => {
  const message = encodeStunMessage(
    { class: "request", method: 1, transactionId: TRANSACTION_ID, attributes: {} },
    { hasFingerprint: true },
  );
  const value = fingerprintOf(message, message.byteLength - 8);
  assert.equal(toHex(message.subarray(-8)), `80280004${value.toString(16).padStart(8, "0")}`);
});

test("integrity covers the header with the length up to itself (RFC 8489 §14.5)", () => {
  const key = shortTermKey("secret");
  const bare = {
    class: "request",
    method: 1,
    transactionId: TRANSACTION_ID,
    attributes: {},
  } as const;
  const alone = encodeStunMessage(bare, { integrity: { crypto, key } });
  const withFingerprint = encodeStunMessage(bare, {
    integrity: { crypto, key },
    hasFingerprint: true,
  });
  // A fingerprint behind it changes the length field, not the digest.
  assert.equal(toHex(alone.subarray(20, 44)), toHex(withFingerprint.subarray(20, 44)));
  const digest = alone.subarray(24, 44);
  assert.equal(toHex(integrityDigest(crypto, "sha1", key, withFingerprint, 20)), toHex(digest));
  assert.ok(isIntegrityValid(crypto, "sha1", key, withFingerprint, { offset: 20, digest }));
  const other = shortTermKey("secreu");
  assert.ok(!isIntegrityValid(crypto, "sha1", other, withFingerprint, { offset: 20, digest }));
});

test("long-term keys hash user, realm and password (RFC 8489 §9.2.2)", () => {
  const credentials = { username: "user", realm: "realm", password: "pass" };
  // The RFC's own example, from RFC 5389 §15.4.
  assert.equal(toHex(longTermKey(crypto, credentials)), "8493fbc53ba582fb4c044c456bdc40eb");
  assert.equal(longTermKey(crypto, credentials, "sha-256").byteLength, 32);
});
