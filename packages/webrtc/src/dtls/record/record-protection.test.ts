import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { toHex } from "../../base/bytes.ts";
import type { Aead, CryptoPort } from "../../crypto/crypto-port.ts";
import { createNodeCrypto } from "../../crypto/node-crypto.ts";
import { CIPHER_SUITES, type CipherSuite } from "../cipher-suite.ts";
import { CONTENT_TYPE, readRecordSequence } from "./record-header.ts";
import { RecordOpener, recordOverheadBytesOf, RecordSealer } from "./record-protection.ts";

const crypto = createNodeCrypto();
const SUITES = CIPHER_SUITES.filter(({ authentication }) => authentication === "ecdsa");
const PLAINTEXT = Uint8Array.of(1, 2, 3, 4, 5);

function keyOf(suite: CipherSuite): { key: Uint8Array; iv: Uint8Array } {
  return {
    key: new Uint8Array(suite.keyBytes).fill(0x11),
    iv: Uint8Array.from({ length: suite.fixedIvBytes }, (_, index) => 0xa0 + index),
  };
}

function sealerAndOpener(suite: CipherSuite): { sealer: RecordSealer; opener: RecordOpener } {
  const key = keyOf(suite);
  return {
    sealer: new RecordSealer(crypto, suite, key, 2 ** 48),
    opener: new RecordOpener(crypto, suite, key),
  };
}

/** A port whose cipher writes down what it is given, and does nothing. */
function spyingCrypto(seen: { nonce: string; additionalData: string }[]): CryptoPort {
  const aead: Aead = {
    tagBytes: 16,
    sealInto(nonce, additionalData) {
      seen.push({ nonce: toHex(nonce), additionalData: toHex(additionalData) });
    },
    open(nonce, additionalData, sealed) {
      seen.push({ nonce: toHex(nonce), additionalData: toHex(additionalData) });
      return sealed;
    },
  };
  return new Proxy(crypto, {
    get: (target, name) => (name === "aead" ? () => aead : Reflect.get(target, name)),
  });
}

for (const suite of SUITES) {
  test(`${suite.aead}: what is sealed is opened, and is larger by exactly the overhead`, () => {
    const { sealer, opener } = sealerAndOpener(suite);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (plaintext) => {
        const record = sealer.seal(CONTENT_TYPE.applicationData, plaintext);
        assert.equal(record.byteLength, plaintext.byteLength + recordOverheadBytesOf(suite));
        assert.deepEqual(opener.open(record, 0, record.byteLength), plaintext);
      }),
      { numRuns: 50 },
    );
  });

  test(`${suite.aead}: a record is opened inside a larger datagram, too`, () => {
    const { sealer, opener } = sealerAndOpener(suite);
    const record = sealer.seal(CONTENT_TYPE.applicationData, PLAINTEXT);
    const datagram = new Uint8Array(record.byteLength + 20).fill(0xee);
    datagram.set(record, 7);
    assert.deepEqual(opener.open(datagram, 7, 7 + record.byteLength), PLAINTEXT);
  });

  test(`${suite.aead}: no record is opened twice (RFC 6347 §4.1.2.6)`, () => {
    const { sealer, opener } = sealerAndOpener(suite);
    const record = sealer.seal(CONTENT_TYPE.applicationData, PLAINTEXT);
    assert.deepEqual(opener.open(record, 0, record.byteLength), PLAINTEXT);
    assert.equal(opener.open(record, 0, record.byteLength), "replayed");
  });

  test(`${suite.aead}: a forged record does not use up its number`, () => {
    const { sealer, opener } = sealerAndOpener(suite);
    const record = sealer.seal(CONTENT_TYPE.applicationData, PLAINTEXT);
    const forged = record.slice();
    forged[forged.byteLength - 1]! ^= 1;
    assert.equal(opener.open(forged, 0, forged.byteLength), "unauthenticated");
    assert.deepEqual(opener.open(record, 0, record.byteLength), PLAINTEXT);
  });

  test(`${suite.aead}: no bit of header, nonce, ciphertext or tag can be changed`, () => {
    const { sealer, opener } = sealerAndOpener(suite);
    const record = sealer.seal(CONTENT_TYPE.applicationData, PLAINTEXT);
    for (let bit = 0; bit < record.byteLength * 8; bit++) {
      if (bit >= 11 * 8 && bit < 13 * 8) continue; // The length, which says where the record ends.
      const forged = record.slice();
      forged[bit >> 3]! ^= 0x80 >> (bit & 7);
      assert.equal(opener.open(forged, 0, forged.byteLength), "unauthenticated", `bit ${bit}`);
    }
  });

  test(`${suite.aead}: a record too short for nonce and tag is not opened`, () => {
    const { sealer, opener } = sealerAndOpener(suite);
    const record = sealer.seal(CONTENT_TYPE.applicationData, PLAINTEXT);
    for (let end = 13; end < recordOverheadBytesOf(suite); end++) {
      assert.equal(opener.open(record, 0, end), "unauthenticated");
    }
  });

  test(`${suite.aead}: additional data is epoch, number, type, version and plaintext length (RFC 5246 §6.2.3.3)`, () => {
    const seen: { nonce: string; additionalData: string }[] = [];
    const sealer = new RecordSealer(spyingCrypto(seen), suite, keyOf(suite), 10);
    sealer.seal(CONTENT_TYPE.alert, PLAINTEXT);
    sealer.seal(CONTENT_TYPE.applicationData, new Uint8Array(0x0102));
    assert.equal(seen[0]?.additionalData, "000100000000000015fefd0005");
    assert.equal(seen[1]?.additionalData, "000100000000000117fefd0102");
  });
}

test("the nonce of GCM is salt, epoch and number; the latter two travel (RFC 5288 §3)", () => {
  const suite = SUITES.find(({ aead }) => aead === "aes-128-gcm")!;
  const seen: { nonce: string; additionalData: string }[] = [];
  const sealer = new RecordSealer(spyingCrypto(seen), suite, keyOf(suite), 10);
  for (let index = 0; index < 3; index++) {
    const record = sealer.seal(CONTENT_TYPE.applicationData, PLAINTEXT);
    assert.equal(toHex(record.subarray(13, 21)), `000100000000000${index}`);
    assert.equal(seen[index]?.nonce, `a0a1a2a3000100000000000${index}`);
  }
});

test("the explicit nonce is the sender's choice: the opener takes it from the record (RFC 5246 §6.2.3.3)", () => {
  const suite = SUITES.find(({ aead }) => aead === "aes-128-gcm")!;
  const seen: { nonce: string; additionalData: string }[] = [];
  const sealer = new RecordSealer(crypto, suite, keyOf(suite), 10);
  const record = sealer.seal(CONTENT_TYPE.applicationData, PLAINTEXT);
  record.fill(0x77, 13, 21);
  new RecordOpener(spyingCrypto(seen), suite, keyOf(suite)).open(record, 0, record.byteLength);
  assert.equal(seen[0]?.nonce, "a0a1a2a37777777777777777");
});

test("the nonce of ChaCha20 is the derived one xor epoch and number; nothing travels (RFC 7905 §2)", () => {
  const suite = SUITES.find(({ aead }) => aead === "chacha20-poly1305")!;
  const seen: { nonce: string; additionalData: string }[] = [];
  const sealer = new RecordSealer(spyingCrypto(seen), suite, keyOf(suite), 10);
  sealer.seal(CONTENT_TYPE.applicationData, PLAINTEXT);
  sealer.seal(CONTENT_TYPE.applicationData, PLAINTEXT);
  assert.equal(seen[0]?.nonce, "a0a1a2a3a4a4a6a7a8a9aaab");
  assert.equal(seen[1]?.nonce, "a0a1a2a3a4a4a6a7a8a9aaaa");
});

test("no two records have one nonce, and the key is exhausted after its last number (RFC 6347 §4.1)", () => {
  const sealer = new RecordSealer(crypto, SUITES[0]!, keyOf(SUITES[0]!), 3);
  const sequences: number[] = [];
  while (!sealer.isExhausted) {
    sequences.push(readRecordSequence(sealer.seal(CONTENT_TYPE.applicationData, PLAINTEXT), 0));
  }
  assert.deepEqual(sequences, [0, 1, 2]);
});

test("a plaintext over 2^14 bytes is refused (RFC 5246 §6.2.3)", () => {
  const { sealer, opener } = sealerAndOpener(SUITES[0]!);
  const record = sealer.seal(CONTENT_TYPE.applicationData, new Uint8Array(16_385));
  assert.equal(opener.open(record, 0, record.byteLength), "oversized");
});
