import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { fromHex, toHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { decodeCertificateMessage, encodeCertificateMessage } from "./certificate-message.ts";
import { decodeCertificateRequest, encodeCertificateRequest } from "./certificate-request.ts";
import {
  decodeClientKeyExchange,
  decodeServerKeyExchange,
  ecdhParameters,
  encodeClientKeyExchange,
  encodeServerKeyExchange,
} from "./key-exchange.ts";
import { decodeCertificateVerify, encodeSigned } from "./signed.ts";

const SIGNED = { scheme: 0x0403, signature: fromHex("3001") };

test("a ServerKeyExchange is curve, key and signature (RFC 8422 §5.4)", () => {
  const message = { group: 0x001d, publicKey: fromHex("aabb"), signed: SIGNED };
  assert.equal(toHex(encodeServerKeyExchange(message)), "03001d02aabb040300023001");
  assert.deepEqual(decodeServerKeyExchange(fromHex("03001d02aabb040300023001")), message);
});

test("what the server signs is the first part of its message (RFC 8422 §5.4)", () => {
  assert.equal(toHex(ecdhParameters(0x0017, fromHex("04"))), "0300170104");
});

test("explicit curves, empty keys and empty signatures are line noise (RFC 8422 §5.4)", () => {
  for (const hex of ["01001d02aabb040300023001", "03001d00040300023001", "03001d02aabb04030000"]) {
    assert.throws(() => decodeServerKeyExchange(fromHex(hex)), WireFormatError);
  }
});

test("a ClientKeyExchange is the client's key (RFC 8422 §5.7)", () => {
  assert.equal(toHex(encodeClientKeyExchange(fromHex("aabb"))), "02aabb");
  assert.equal(toHex(decodeClientKeyExchange(fromHex("02aabb"))), "aabb");
  for (const hex of ["", "00", "02aa", "02aabbcc"]) {
    assert.throws(() => decodeClientKeyExchange(fromHex(hex)), WireFormatError);
  }
});

test("a CertificateVerify is scheme and signature (RFC 5246 §7.4.8)", () => {
  assert.equal(toHex(encodeSigned(SIGNED)), "040300023001");
  assert.deepEqual(decodeCertificateVerify(fromHex("040300023001")), SIGNED);
  for (const hex of ["", "0403", "04030000", "04030003aabb", "040300023001ff"]) {
    assert.throws(() => decodeCertificateVerify(fromHex(hex)), WireFormatError);
  }
});

test("a CertificateRequest names types, schemes and no authorities (RFC 5246 §7.4.4)", () => {
  const bytes = encodeCertificateRequest({ signatureSchemes: [0x0403, 0x0804] });
  assert.equal(toHex(bytes), "02400100040403080400" + "00");
  assert.deepEqual(decodeCertificateRequest(bytes), { signatureSchemes: [0x0403, 0x0804] });
  assert.throws(() => decodeCertificateRequest(bytes.subarray(0, -1)), WireFormatError);
});

test("authorities in a CertificateRequest are read over: they mean nothing in WebRTC", () => {
  const request = decodeCertificateRequest(fromHex("0140 0002 0403 0004 0002aabb"));
  assert.deepEqual(request.signatureSchemes, [0x0403]);
});

test("a chain is read back in its order, an empty one too (RFC 5246 §7.4.2)", () => {
  const anyChain = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 10 });
  fc.assert(
    fc.property(anyChain, (chain) => {
      assert.deepEqual(decodeCertificateMessage(encodeCertificateMessage(chain)), chain);
    }),
  );
  assert.equal(toHex(encodeCertificateMessage([])), "000000");
});

test("more than ten certificates, empty ones and wrong lengths are line noise", () => {
  const eleven = encodeCertificateMessage(Array.from({ length: 11 }, () => new Uint8Array(1)));
  for (const bytes of [
    eleven,
    fromHex("000003000000"),
    fromHex("000004000002aa"),
    fromHex("00000000"),
  ]) {
    assert.throws(() => decodeCertificateMessage(bytes), WireFormatError);
  }
});
