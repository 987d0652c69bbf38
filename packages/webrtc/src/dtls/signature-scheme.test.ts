import assert from "node:assert/strict";
import { test } from "vitest";
import { CIPHER_SUITES } from "./cipher-suite.ts";
import { groupCode, groupFromCode, GROUPS } from "./named-group.ts";
import {
  chooseSignature,
  SIGNATURE_CODES,
  signatureCode,
  signatureFromCode,
} from "./signature-scheme.ts";

test("names and numbers of signatures lead to each other (RFC 5246 §7.4.1.4.1)", () => {
  for (const code of SIGNATURE_CODES) assert.equal(signatureCode(signatureFromCode(code)!), code);
  assert.equal(signatureCode("ecdsa-sha256"), 0x0403);
  assert.equal(signatureCode("rsa-pss-sha256"), 0x0804);
});

test("SHA-1 and MD5 are not accepted (RFC 9155)", () => {
  for (const code of [0x0201, 0x0203, 0x0101, 0x0202]) {
    assert.equal(signatureFromCode(code), undefined);
    assert.ok(!SIGNATURE_CODES.includes(code));
  }
});

test("our order of signatures wins", () => {
  assert.equal(chooseSignature(["ecdsa-sha256", "ecdsa-sha384"], [0x0503, 0x0403]), "ecdsa-sha256");
  assert.equal(chooseSignature(["ecdsa-sha256", "ecdsa-sha384"], [0x0a0a, 0x0503]), "ecdsa-sha384");
  assert.equal(chooseSignature(["ecdsa-sha256"], [0x0401]), undefined);
});

test("names and numbers of groups lead to each other (RFC 8422 §5.1.1)", () => {
  for (const group of GROUPS) assert.equal(groupFromCode(groupCode(group)), group);
  assert.equal(groupFromCode(0x11ec), undefined); // X25519MLKEM768: TLS 1.3 only.
});

test("all suites have forward secrecy and authenticated encryption; the required one leads (RFC 8827 §6.5)", () => {
  assert.equal(CIPHER_SUITES[0]?.name, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  for (const { name, keyBytes, fixedIvBytes, explicitNonceBytes, hash } of CIPHER_SUITES) {
    assert.match(name, /^TLS_ECDHE_(ECDSA|RSA)_WITH_(AES_(128|256)_GCM|CHACHA20_POLY1305)_SHA/);
    assert.equal(keyBytes, name.includes("128") ? 16 : 32);
    assert.equal(fixedIvBytes + explicitNonceBytes, 12);
    assert.equal(hash, name.endsWith("384") ? "sha-384" : "sha-256");
  }
});
