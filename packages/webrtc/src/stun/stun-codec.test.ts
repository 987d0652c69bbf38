import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { concatBytes, fromHex, toHex, writeUint16 } from "../base/bytes.ts";
import { UsageError, WireFormatError } from "../base/errors.ts";
import { formatIpAddress } from "../base/ip-address.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import type { StunAttributes } from "./attribute-table.ts";
import { ATTRIBUTE_CODECS, attributeNameOf } from "./attribute-table.ts";
import { decodeStunMessage } from "./stun-decoder.ts";
import { encodeStunMessage } from "./stun-encoder.ts";
import type { StunMessage } from "./stun-message.ts";
import { checkIntegrity } from "./stun-message.ts";

const crypto = createNodeCrypto();
const TRANSACTION_ID = fromHex("000102030405060708090a0b");

function bindingRequest(attributes: StunAttributes): StunMessage {
  return { class: "request", method: 1, transactionId: TRANSACTION_ID, attributes };
}

/** A message around attributes given as hexadecimal. */
function wrap(attributesHex: string): Uint8Array {
  const attributes = fromHex(attributesHex);
  const header = fromHex("00010000 2112a442 000102030405060708090a0b");
  writeUint16(header, 2, attributes.byteLength);
  return concatBytes([header, attributes]);
}

const ipAddress = fc
  .oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  .map((bytes) => formatIpAddress(bytes));
const port = fc.integer({ min: 0, max: 0xffff });
const transportAddress = fc.record({ address: ipAddress, port }, { noNullPrototype: true });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const uint64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const text = fc.string({ unit: "grapheme", maxLength: 40 });
const algorithm = fc.record(
  {
    algorithm: fc.integer({ min: 0, max: 0xffff }),
    parameters: fc.uint8Array({ maxLength: 9 }),
  },
  { noNullPrototype: true },
);

const anyAttributes = fc.record(
  {
    mappedAddress: transportAddress,
    username: text,
    errorCode: fc.record(
      { code: fc.integer({ min: 300, max: 699 }), reason: text },
      { noNullPrototype: true },
    ),
    unknownAttributes: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }),
    realm: text,
    nonce: text,
    passwordAlgorithm: algorithm,
    userhash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    xorMappedAddress: transportAddress,
    priority: uint32,
    useCandidate: fc.constant(true as const),
    passwordAlgorithms: fc.array(algorithm, { maxLength: 3 }),
    software: text,
    alternateServer: transportAddress,
    iceControlled: uint64,
    iceControlling: uint64,
    nomination: uint32,
  },
  { requiredKeys: [] },
);

test("every attribute survives the wire, protected or not (RFC 8489 §14)", () => {
  fc.assert(
    fc.property(
      anyAttributes,
      fc.constantFrom(undefined, "sha1" as const, "sha256" as const),
      fc.boolean(),
      (attributes, kind, hasFingerprint) => {
        const key = fromHex("0102030405");
        const bytes = encodeStunMessage(bindingRequest(attributes), {
          hasFingerprint,
          ...(kind === undefined ? {} : { integrity: { crypto, key, kind } }),
        });
        const message = decodeStunMessage(bytes);
        assert.deepEqual({ ...message.attributes }, { ...attributes });
        assert.equal(message.hasFingerprint, hasFingerprint);
        assert.equal(checkIntegrity(message, key, crypto), kind === undefined ? "absent" : "valid");
      },
    ),
    { numRuns: 300 },
  );
});

test("attribute types are found by number and are unique", () => {
  for (const [name, codec] of Object.entries(ATTRIBUTE_CODECS)) {
    assert.equal(attributeNameOf(codec.type), name);
  }
  assert.equal(attributeNameOf(0x7fff), undefined);
});

test("unknown attributes below 0x8000 are reported, others skipped (RFC 8489 §14)", () => {
  const message = decodeStunMessage(wrap("7abc0001 ff000000 c0570004 00000000"));
  assert.deepEqual(message.unknownRequiredTypes, [0x7abc]);
  assert.deepEqual({ ...message.attributes }, {});
});

test("of attributes that come twice the first counts (RFC 8489 §14)", () => {
  const message = decodeStunMessage(wrap("00240004 00000001 00240004 00000002"));
  assert.equal(message.attributes.priority, 1);
});

test("what follows MESSAGE-INTEGRITY is ignored, save SHA-256 and FINGERPRINT (RFC 8489 §14.5)", () => {
  const bytes = encodeStunMessage(bindingRequest({ priority: 7 }), {
    integrity: { crypto, key: TRANSACTION_ID },
  });
  const smuggled = concatBytes([bytes, fromHex("00250000 7abc0000")]);
  writeUint16(smuggled, 2, smuggled.byteLength - 20);
  const message = decodeStunMessage(smuggled);
  assert.equal(checkIntegrity(message, TRANSACTION_ID, crypto), "valid");
  assert.equal(message.attributes.useCandidate, undefined);
  assert.deepEqual(message.unknownRequiredTypes, []);
});

test("a SHA-256 integrity may be cut to 16 bytes, not less (RFC 8489 §14.6)", () => {
  const whole = encodeStunMessage(bindingRequest({}), {
    integrity: { crypto, key: TRANSACTION_ID, kind: "sha256" },
  });
  const cut = whole.slice(0, whole.byteLength - 16);
  writeUint16(cut, 2, cut.byteLength - 20);
  writeUint16(cut, 22, 16);
  // The length field is part of what is hashed, so the cut value differs: decodable, not valid.
  assert.equal(checkIntegrity(decodeStunMessage(cut), TRANSACTION_ID, crypto), "invalid");
  assert.throws(
    () => decodeStunMessage(wrap("001c000c 000000000000000000000000")),
    WireFormatError,
  );
});

test("malformed messages are refused", () => {
  const bad: Record<string, Uint8Array> = {
    "too short": fromHex("0001"),
    "top bits": fromHex("40010000 2112a442 000102030405060708090a0b"),
    "no cookie": fromHex("00010000 2112a443 000102030405060708090a0b"),
    "length of the wrong size": fromHex("00010004 2112a442 000102030405060708090a0b"),
    "length not a multiple of four": fromHex("00010002 2112a442 000102030405060708090a0b 0000"),
    "attribute longer than the message": wrap("00240008 00000000"),
    "PRIORITY of 3 bytes": wrap("00240003 00000000"),
    "tie-breaker of 4 bytes": wrap("802a0004 00000000"),
    "USE-CANDIDATE with a value": wrap("00250004 00000000"),
    "address of no family": wrap("00200008 0003a147 e112a643"),
    "IPv6 address of 4 bytes": wrap("00200008 0002a147 e112a643"),
    "address of 3 bytes": wrap("00200003 00010000"),
    "error class 7": wrap("00090004 00000700"),
    "error number 100": wrap("00090004 00000464"),
    "error of 2 bytes": wrap("00090002 00000000"),
    "odd list of types": wrap("000a0001 00000000"),
    "two chosen algorithms": wrap("001d0008 00010000 00020000"),
    "no chosen algorithm": wrap("001d0000"),
    "algorithm longer than its attribute": wrap("80020004 00010008"),
    "cut algorithm header": wrap("80020002 00010000"),
    "userhash of 4 bytes": wrap("001e0004 00000000"),
    "integrity of 16 bytes": wrap("00080010 00000000000000000000000000000000"),
    "wrong fingerprint": wrap("80280004 00000000"),
    "fingerprint of 8 bytes": wrap("80280008 0000000000000000"),
    "user name of 516 bytes": wrap(`00060204${"61".repeat(516)}`),
    "65 attributes": wrap("80220000".repeat(65)),
  };
  for (const [what, bytes] of Object.entries(bad)) {
    assert.throws(() => decodeStunMessage(bytes), WireFormatError, what);
  }
});

test("nothing may follow FINGERPRINT (RFC 8489 §14.7)", () => {
  const bytes = encodeStunMessage(bindingRequest({}), { hasFingerprint: true });
  const longer = concatBytes([bytes, fromHex("00250000")]);
  writeUint16(longer, 2, longer.byteLength - 20);
  assert.throws(() => decodeStunMessage(longer), WireFormatError);
});

test("values that cannot be expressed are the caller's error", () => {
  const bad: StunAttributes[] = [
    { username: "x".repeat(600) },
    { software: "x".repeat(764) },
    { xorMappedAddress: { address: "example.org", port: 1 } },
    { errorCode: { code: 299, reason: "" } },
    { errorCode: { code: 400, reason: "x".repeat(800) } },
    { userhash: new Uint8Array(3) },
  ];
  for (const attributes of bad) {
    assert.throws(() => encodeStunMessage(bindingRequest(attributes)), UsageError);
  }
  const message = { ...bindingRequest({}), transactionId: new Uint8Array(3) };
  assert.throws(() => encodeStunMessage(message), UsageError);
});

test("text is padded with zeros to 32 bits and read back without them (RFC 8489 §14)", () => {
  const bytes = encodeStunMessage(bindingRequest({ username: "abcde" }));
  assert.equal(toHex(bytes.subarray(20)), "000600056162636465000000");
  assert.equal(decodeStunMessage(bytes).attributes.username, "abcde");
});
