// The vectors of RFC 5769 §2 and of RFC 8489 Appendix B.1 (with erratum 6268), byte for byte.
import assert from "node:assert/strict";
import { test } from "vitest";
import { decodeUtf8, fromHex, toHex } from "../base/bytes.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { longTermKey, shortTermKey, userhashOf } from "./credentials.ts";
import { PASSWORD_ALGORITHM_SHA256 } from "./password-algorithm-attribute.ts";
import { decodeStunMessage } from "./stun-decoder.ts";
import { encodeStunMessage } from "./stun-encoder.ts";
import { BINDING_METHOD, isStunDatagram } from "./stun-header.ts";
import { checkIntegrity } from "./stun-message.ts";

const crypto = createNodeCrypto();
const PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt";
const USERNAME = "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9";

const SAMPLE_REQUEST = fromHex(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae
  80220010 5354554e 20746573 7420636c 69656e74
  00240004 6e0001ff
  80290008 932ff9b1 51263b36
  00060009 6576746a 3a683676 59202020
  00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
  80280004 e57a3bcf`);

const SAMPLE_IPV4_RESPONSE = fromHex(`
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220
  00200008 0001a147 e112a643
  00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
  80280004 c07d4c96`);

const SAMPLE_IPV6_RESPONSE = fromHex(`
  01010048 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220
  00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
  00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
  80280004 c8fb0b4c`);

const LONG_TERM_REQUEST = fromHex(`
  00010060 2112a442 78ad3433 c6ad72c0 29da412e
  00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000
  0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341
  0014000b 6578616d 706c652e 6f726700
  00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666`);

const SHA256_REQUEST = fromHex(`
  00010090 2112a442 78ad3433 c6ad72c0 29da412e
  001e0020 4a3cf38f ef6992bd a952c678 0417da0f 24819415 569e60b2 05c46e41 407f1704
  00150029 6f624d61 744a6f73 32414141 43662f2f 3439396b 39353464 364f4c33 346f4c39
           46535476 79363473 41000000
  0014000b 6578616d 706c652e 6f726700
  001d0004 00020000
  001c0020 b5c7bf00 5b6c52a2 1c51c5e8 92f81924 136296cb 927c4314 9309278c c6518e65`);

test("the sample request decodes and verifies (RFC 5769 §2.1)", () => {
  assert.ok(isStunDatagram(SAMPLE_REQUEST));
  const message = decodeStunMessage(SAMPLE_REQUEST);
  assert.equal(message.class, "request");
  assert.equal(message.method, BINDING_METHOD);
  assert.equal(toHex(message.transactionId), "b7e7a701bc34d686fa87dfae");
  assert.deepEqual(message.attributes, {
    software: "STUN test client",
    priority: 0x6e00_01ff,
    iceControlled: 0x932f_f9b1_5126_3b36n,
    username: "evtj:h6vY",
  });
  assert.ok(message.hasFingerprint);
  assert.deepEqual(message.unknownRequiredTypes, []);
  assert.equal(checkIntegrity(message, shortTermKey(PASSWORD), crypto), "valid");
  assert.equal(checkIntegrity(message, shortTermKey("another"), crypto), "invalid");
});

test("the IPv4 response decodes and verifies (RFC 5769 §2.2)", () => {
  const message = decodeStunMessage(SAMPLE_IPV4_RESPONSE);
  assert.equal(message.class, "success");
  assert.deepEqual(message.attributes, {
    software: "test vector",
    xorMappedAddress: { address: "192.0.2.1", port: 32853 },
  });
  assert.equal(checkIntegrity(message, shortTermKey(PASSWORD), crypto), "valid");
});

test("the IPv6 response decodes and verifies (RFC 5769 §2.3)", () => {
  const message = decodeStunMessage(SAMPLE_IPV6_RESPONSE);
  assert.deepEqual(message.attributes.xorMappedAddress, {
    address: "2001:db8:1234:5678:11:2233:4455:6677",
    port: 32853,
  });
  assert.equal(checkIntegrity(message, shortTermKey(PASSWORD), crypto), "valid");
});

test("the request with long-term credentials verifies and is rebuilt (RFC 5769 §2.4)", () => {
  const message = decodeStunMessage(LONG_TERM_REQUEST);
  assert.deepEqual(message.attributes, {
    username: USERNAME,
    nonce: "f//499k954d6OL34oL9FSTvy64sA",
    realm: "example.org",
  });
  const key = longTermKey(crypto, {
    username: USERNAME,
    realm: "example.org",
    password: "TheMatrIX",
  });
  assert.equal(checkIntegrity(message, key, crypto), "valid");
  const rebuilt = encodeStunMessage(message, { integrity: { crypto, key } });
  assert.equal(toHex(rebuilt), toHex(LONG_TERM_REQUEST));
});

test("the SHA-256 request verifies and is rebuilt (RFC 8489 Appendix B.1, erratum 6268)", () => {
  const message = decodeStunMessage(SHA256_REQUEST);
  const user = { username: USERNAME, realm: "example.org" };
  assert.equal(message.attributes.passwordAlgorithm?.algorithm, PASSWORD_ALGORITHM_SHA256);
  assert.equal(toHex(message.attributes.userhash!), toHex(userhashOf(crypto, user)));
  const key = longTermKey(crypto, { ...user, password: "TheMatrIX" }, "sha-256");
  assert.equal(checkIntegrity(message, key, crypto), "valid");
  const rebuilt = encodeStunMessage(message, { integrity: { crypto, key, kind: "sha256" } });
  assert.equal(toHex(rebuilt), toHex(SHA256_REQUEST));
});

test("one flipped bit anywhere breaks the fingerprint or the header (RFC 8489 §14.7)", () => {
  for (let bit = 0; bit < SAMPLE_REQUEST.byteLength * 8; bit++) {
    const bytes = Uint8Array.from(SAMPLE_REQUEST);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const isCaught = ((): boolean => {
      try {
        return !decodeStunMessage(bytes).hasFingerprint;
      } catch {
        return true;
      }
    })();
    assert.ok(isCaught, `bit ${bit}`);
  }
  assert.equal(decodeUtf8(SAMPLE_REQUEST.subarray(24, 40)), "STUN test client");
});
