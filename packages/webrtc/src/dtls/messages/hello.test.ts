import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { fromHex, toHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { EXTENSION } from "../extensions/extension.ts";
import { DTLS_1_2 } from "../protocol-version.ts";
import { decodeClientHello, encodeClientHello } from "./client-hello.ts";
import { decodeHelloVerifyRequest, encodeHelloVerifyRequest } from "./hello-verify-request.ts";
import { decodeServerHello, encodeServerHello } from "./server-hello.ts";

/**
 * The ClientHello of `openssl s_client -dtls1_2 -use_srtp SRTP_AES128_CM_SHA1_80 -cipher
 * ECDHE-ECDSA-AES128-GCM-SHA256 -groups X25519:P-256` (OpenSSL 3.0.19), without record and message header.
 */
const OPENSSL_HELLO = fromHex(
  "fefd208d2f780f23aaa436bf1afc38ecc4de9b3d2b1b14a46efea68187ebc2984ea300000004c02b00ff01000055000b000403000102000a00060004001d001700230000000e000500020001000016000000170000000d002a0028040305030603080708080809080a080b080408050806040105010601030303010302040205020602",
);

test("a hello of OpenSSL is read, and written again byte for byte (RFC 6347 §4.2.1)", () => {
  const hello = decodeClientHello(OPENSSL_HELLO);
  assert.equal(hello.version, DTLS_1_2);
  assert.equal(hello.cookie.byteLength, 0);
  assert.deepEqual(hello.cipherSuites, [0xc02b, 0x00ff]);
  assert.deepEqual(hello.compressionMethods, Uint8Array.of(0));
  assert.equal(toHex(hello.extensions.get(EXTENSION.useSrtp)!), "0002000100");
  assert.equal(toHex(hello.extensions.get(EXTENSION.supportedGroups)!), "0004001d0017");
  assert.equal(hello.extensions.get(EXTENSION.extendedMasterSecret)?.byteLength, 0);
  assert.equal(toHex(encodeClientHello(hello)), toHex(OPENSSL_HELLO));
});

test("every prefix of a hello is line noise, save the one that ends before the extensions", () => {
  const { cipherSuites, compressionMethods } = decodeClientHello(OPENSSL_HELLO);
  const fixedBytes =
    2 + 32 + 1 + 1 + 2 + 2 * cipherSuites.length + 1 + compressionMethods.byteLength;
  for (let length = 0; length < OPENSSL_HELLO.byteLength; length++) {
    if (length === fixedBytes) continue;
    assert.throws(() => decodeClientHello(OPENSSL_HELLO.subarray(0, length)), WireFormatError);
  }
  assert.equal(decodeClientHello(OPENSSL_HELLO.subarray(0, fixedBytes)).extensions.size, 0);
});

test("a hello with bytes behind it is line noise", () => {
  const longer = new Uint8Array(OPENSSL_HELLO.byteLength + 1);
  longer.set(OPENSSL_HELLO);
  assert.throws(() => decodeClientHello(longer), WireFormatError);
});

const anyExtensions = fc
  .uniqueArray(fc.tuple(fc.nat(0xffff), fc.uint8Array({ maxLength: 40 })), {
    maxLength: 20,
    selector: ([type]) => type,
  })
  .map((entries) => new Map(entries));
const anyRandom = fc.uint8Array({ minLength: 32, maxLength: 32 });

test("any ClientHello is read back as it was written", () => {
  const anyHello = fc.record(
    {
      version: fc.nat(0xffff),
      random: anyRandom,
      sessionId: fc.uint8Array({ maxLength: 32 }),
      cookie: fc.uint8Array({ maxLength: 255 }),
      cipherSuites: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 50 }),
      compressionMethods: fc.uint8Array({ minLength: 1, maxLength: 5 }),
      extensions: anyExtensions,
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(anyHello, (hello) => {
      assert.deepEqual(decodeClientHello(encodeClientHello(hello)), hello);
    }),
  );
});

test("any ServerHello is read back as it was written (RFC 5246 §7.4.1.3)", () => {
  const anyHello = fc.record(
    {
      version: fc.nat(0xffff),
      random: anyRandom,
      sessionId: fc.uint8Array({ maxLength: 32 }),
      cipherSuite: fc.nat(0xffff),
      compressionMethod: fc.nat(0xff),
      extensions: anyExtensions,
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(anyHello, (hello) => {
      assert.deepEqual(decodeServerHello(encodeServerHello(hello)), hello);
    }),
  );
});

test("a session id over 32 bytes is line noise (RFC 5246 §7.4.1.2)", () => {
  const hello = decodeClientHello(OPENSSL_HELLO);
  const bad = encodeClientHello({ ...hello, sessionId: new Uint8Array(33) });
  assert.throws(() => decodeClientHello(bad), WireFormatError);
});

test("an extension that stands twice is line noise (RFC 5246 §7.4.1.4)", () => {
  const start = encodeClientHello({ ...decodeClientHello(OPENSSL_HELLO), extensions: new Map() });
  const twice = fromHex(`${toHex(start)} 0008 00170000 00170000`);
  assert.throws(() => decodeClientHello(twice), WireFormatError);
});

test("more than 64 extensions are line noise", () => {
  const hello = decodeClientHello(OPENSSL_HELLO);
  const many = (count: number): Map<number, Uint8Array> =>
    new Map(Array.from({ length: count }, (_, index) => [1000 + index, new Uint8Array(0)]));
  assert.equal(
    decodeClientHello(encodeClientHello({ ...hello, extensions: many(64) })).extensions.size,
    64,
  );
  const bytes = encodeClientHello({ ...hello, extensions: many(65) });
  assert.throws(() => decodeClientHello(bytes), WireFormatError);
});

test("a HelloVerifyRequest carries a cookie, under version 1.0 (RFC 6347 §4.2.1)", () => {
  assert.equal(toHex(encodeHelloVerifyRequest(fromHex("aabb"))), "feff02aabb");
  assert.equal(toHex(decodeHelloVerifyRequest(fromHex("feff02aabb"))), "aabb");
  assert.equal(toHex(decodeHelloVerifyRequest(fromHex("fefd00"))), "");
  assert.throws(() => decodeHelloVerifyRequest(fromHex("feff02aa")), WireFormatError);
  assert.throws(() => decodeHelloVerifyRequest(fromHex("feff01aabb")), WireFormatError);
});
