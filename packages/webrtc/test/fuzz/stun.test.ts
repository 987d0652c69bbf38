import assert from "node:assert/strict";
import { test } from "vitest";
import { WireFormatError } from "../../src/base/errors.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { createNodeCrypto } from "../../src/crypto/node-crypto.ts";
import { decodeStunMessage } from "../../src/stun/stun-decoder.ts";
import { encodeStunMessage } from "../../src/stun/stun-encoder.ts";
import { isStunDatagram } from "../../src/stun/stun-header.ts";
import { checkIntegrity } from "../../src/stun/stun-message.ts";

const SEED = 20_261_123;
const random = new SeededRandom(SEED);
const crypto = createNodeCrypto(new SeededRandom(SEED));
const KEY = new Uint8Array(24).fill(7);

function decodeOrRefuse(bytes: Uint8Array): void {
  try {
    const message = decodeStunMessage(bytes);
    checkIntegrity(message, KEY, crypto);
    // What decodes can be sent again: no value is out of range.
    encodeStunMessage(message);
  } catch (error) {
    assert.ok(error instanceof WireFormatError, `seed ${SEED}: ${String(error)}`);
  }
}

const VALID = [
  encodeStunMessage(
    {
      class: "request",
      method: 1,
      transactionId: random.bytes(12),
      attributes: {
        username: "abcd:efgh",
        priority: 0x7eff_ffff,
        iceControlling: 1n,
        useCandidate: true,
        nomination: 3,
        software: "x",
      },
    },
    { integrity: { crypto, key: KEY }, hasFingerprint: false },
  ),
  encodeStunMessage(
    {
      class: "error",
      method: 1,
      transactionId: random.bytes(12),
      attributes: {
        errorCode: { code: 420, reason: "Unknown Attribute" },
        unknownAttributes: [1, 2, 3],
        xorMappedAddress: { address: "2001:db8::1", port: 9 },
        passwordAlgorithms: [{ algorithm: 1, parameters: new Uint8Array(3) }],
      },
    },
    { integrity: { crypto, key: KEY, kind: "sha256" } },
  ),
];

test(`random bytes behind a right header never do harm (seed ${SEED})`, () => {
  for (let run = 0; run < 4_000; run++) {
    const bytes = random.bytes(20 + 4 * (random.uint32() % 40));
    bytes.set([0, 1, (bytes.byteLength - 20) >> 8, (bytes.byteLength - 20) & 0xff], 0);
    bytes.set([0x21, 0x12, 0xa4, 0x42], 4);
    decodeOrRefuse(bytes);
  }
});

test(`random bytes never do harm (seed ${SEED})`, () => {
  for (let run = 0; run < 2_000; run++) {
    const bytes = random.bytes(random.uint32() % 200);
    isStunDatagram(bytes);
    decodeOrRefuse(bytes);
  }
});

test(`mutated valid messages never do harm (seed ${SEED})`, () => {
  for (let run = 0; run < 6_000; run++) {
    const bytes = Uint8Array.from(VALID[run % VALID.length]!);
    for (let change = 0; change <= random.uint32() % 4; change++) {
      bytes[random.uint32() % bytes.byteLength] = random.uint32() & 0xff;
    }
    const end = random.uint32() % 3 === 0 ? random.uint32() % bytes.byteLength : undefined;
    decodeOrRefuse(bytes.subarray(0, end));
  }
});

test("the largest message of the smallest attributes is bounded work", () => {
  const bytes = new Uint8Array(20 + 65_532);
  bytes.set([0, 1, 0xff, 0xfc, 0x21, 0x12, 0xa4, 0x42], 0);
  assert.throws(() => decodeStunMessage(bytes), WireFormatError);
});
