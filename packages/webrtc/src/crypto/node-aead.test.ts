import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { concatBytes, encodeUtf8, fromHex, toHex } from "../base/bytes.ts";
import type { AeadName } from "./crypto-port.ts";
import { NodeAead } from "./node-aead.ts";

type Vector = {
  readonly origin: string;
  readonly name: AeadName;
  readonly key: string;
  readonly nonce: string;
  readonly additionalData: string;
  readonly plaintext: Uint8Array;
  readonly sealed: string;
};

const GCM_PLAINTEXT = fromHex(
  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
);

const VECTORS: readonly Vector[] = [
  {
    origin: "McGrew and Viega, The Galois/Counter Mode of Operation, test case 4",
    name: "aes-128-gcm",
    key: "feffe9928665731c6d6a8f9467308308",
    nonce: "cafebabefacedbaddecaf888",
    additionalData: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plaintext: GCM_PLAINTEXT,
    sealed:
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47",
  },
  {
    origin: "McGrew and Viega, test case 16",
    name: "aes-256-gcm",
    key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    nonce: "cafebabefacedbaddecaf888",
    additionalData: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plaintext: GCM_PLAINTEXT,
    sealed:
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
  },
  {
    origin: "RFC 8439 §2.8.2",
    name: "chacha20-poly1305",
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    nonce: "070000004041424344454647",
    additionalData: "50515253c0c1c2c3c4c5c6c7",
    plaintext: encodeUtf8(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    ),
    sealed:
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691",
  },
];

function seal(vector: Vector, targetOffset: number): Uint8Array {
  const aead = new NodeAead(vector.name, fromHex(vector.key));
  const target = new Uint8Array(targetOffset + vector.plaintext.byteLength + aead.tagBytes + 3);
  aead.sealInto(
    fromHex(vector.nonce),
    fromHex(vector.additionalData),
    vector.plaintext,
    target,
    targetOffset,
  );
  return target;
}

for (const vector of VECTORS) {
  test(`${vector.name} seals what ${vector.origin} says, at the given place`, () => {
    const target = seal(vector, 5);
    assert.equal(toHex(target), `0000000000${vector.sealed}000000`);
  });

  test(`${vector.name} opens what it sealed, as a plain array that copies when sliced`, () => {
    const aead = new NodeAead(vector.name, fromHex(vector.key));
    const sealed = fromHex(vector.sealed);
    const opened = aead.open(fromHex(vector.nonce), fromHex(vector.additionalData), sealed);
    assert.deepEqual(opened, Uint8Array.from(vector.plaintext));
    assert.notEqual(opened!.slice().buffer, opened!.buffer);
  });

  test(`${vector.name} opens nothing when any bit of anything differs`, () => {
    const aead = new NodeAead(vector.name, fromHex(vector.key));
    const parts = [vector.nonce, vector.additionalData, vector.sealed].map(fromHex);
    const lengths = parts.map((part) => part.byteLength * 8);
    const anyBit = fc.nat(lengths.reduce((sum, bits) => sum + bits) - 1);
    fc.assert(
      fc.property(anyBit, (bit) => {
        const all = concatBytes(parts);
        all[bit >> 3]! ^= 1 << (bit & 7);
        const nonce = all.subarray(0, 12);
        const dataEnd = 12 + parts[1]!.byteLength;
        const opened = aead.open(nonce, all.subarray(12, dataEnd), all.subarray(dataEnd));
        assert.equal(opened, undefined);
      }),
    );
  });
}

test("an empty plaintext is sealed to a tag, and opened", () => {
  const aead = new NodeAead("aes-128-gcm", new Uint8Array(16));
  const sealed = new Uint8Array(16);
  aead.sealInto(new Uint8Array(12), new Uint8Array(0), new Uint8Array(0), sealed, 0);
  assert.equal(toHex(sealed), "58e2fccefa7e3061367f1d57a4e7455a"); // McGrew and Viega, test case 1.
  assert.deepEqual(aead.open(new Uint8Array(12), new Uint8Array(0), sealed), new Uint8Array(0));
});

test("less than a tag is not opened", () => {
  const aead = new NodeAead("aes-128-gcm", new Uint8Array(16));
  assert.equal(aead.open(new Uint8Array(12), new Uint8Array(0), new Uint8Array(15)), undefined);
});

test("a key or a nonce of the wrong length is the caller's bug", () => {
  assert.throws(() => new NodeAead("aes-256-gcm", new Uint8Array(16)), { code: "ERR_RANGE" });
  const aead = new NodeAead("chacha20-poly1305", new Uint8Array(32));
  const bytes = new Uint8Array(32);
  assert.throws(() => aead.open(new Uint8Array(8), bytes, bytes), { code: "ERR_RANGE" });
  assert.throws(() => aead.sealInto(new Uint8Array(16), bytes, bytes, bytes, 0), {
    code: "ERR_RANGE",
  });
});

test("the key is copied: wiping the caller's array changes nothing", () => {
  const key = new Uint8Array(16);
  const aead = new NodeAead("aes-128-gcm", key);
  key.fill(1);
  const sealed = fromHex("58e2fccefa7e3061367f1d57a4e7455a");
  assert.ok(aead.open(new Uint8Array(12), new Uint8Array(0), sealed));
});
