import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { test } from "vitest";
import { equalBytes, toHex } from "../base/bytes.ts";
import { WireFormatError } from "../base/errors.ts";
import { SeededRandom } from "../base/random.ts";
import {
  fingerprintOf,
  generateCertificate,
  generateCertificateInBackground,
  importCertificate,
  LocalCertificate,
  publicKeyOf,
} from "./certificate.ts";
import { selfSignedCertificate } from "./self-signed-certificate.ts";

const NOW_EPOCH_MS = Date.UTC(2026, 10, 23, 8, 0, 0);
const DAY_MS = 86_400_000;
const ecdsa = generateCertificate({ nowEpochMs: NOW_EPOCH_MS });
const rsa = generateCertificate({ nowEpochMs: NOW_EPOCH_MS, algorithm: "rsa" });

function parsed(certificate: LocalCertificate): X509Certificate {
  return new X509Certificate(certificate.chain[0]!);
}

test("an RSA-PSS signature without its leading zero byte is none (RFC 8017 §8.1.2)", () => {
  const message = new Uint8Array(100).fill(3);
  const publicKey = publicKeyOf(rsa.chain[0]!);
  let signature = rsa.sign("rsa-pss-sha256", message);
  // The salt is random: one signature in 256 begins with zero.
  for (let count = 0; count < 10_000 && signature[0] !== 0; count++) {
    signature = rsa.sign("rsa-pss-sha256", message);
  }
  assert.equal(signature[0], 0);
  assert.ok(publicKey.verify("rsa-pss-sha256", message, signature));
  assert.ok(!publicKey.verify("rsa-pss-sha256", message, signature.subarray(1)));
});

for (const certificate of [ecdsa, rsa]) {
  test(`a certificate of ${certificate.algorithm} signs itself and is valid around now`, () => {
    const x509 = parsed(certificate);
    assert.ok(x509.verify(x509.publicKey));
    assert.equal(x509.subject, "CN=WebRTC");
    assert.equal(x509.issuer, x509.subject);
    assert.equal(Date.parse(x509.validFrom), NOW_EPOCH_MS - DAY_MS);
    assert.equal(Date.parse(x509.validTo), NOW_EPOCH_MS + 30 * DAY_MS);
    assert.equal(certificate.expiresEpochMs, NOW_EPOCH_MS + 30 * DAY_MS);
  });

  test(`a certificate of ${certificate.algorithm} makes signatures that its public half verifies`, () => {
    const message = new Uint8Array(100).fill(3);
    const publicKey = publicKeyOf(certificate.chain[0]!);
    assert.equal(publicKey.algorithm, certificate === rsa ? "rsa" : "ecdsa");
    assert.equal(publicKey.bits, certificate === rsa ? 2048 : 256);
    for (const name of certificate.signatureNames) {
      const signature = certificate.sign(name, message);
      assert.ok(publicKey.verify(name, message, signature), name);
      assert.ok(!publicKey.verify(name, message.subarray(1), signature), name);
      assert.ok(!publicKey.verify(name, message, signature.subarray(1)), name);
      assert.ok(!publicKey.verify(name, message, new Uint8Array(0)), name);
    }
  });

  test(`a certificate of ${certificate.algorithm} survives storage as PEM`, () => {
    const again = importCertificate(certificate.exportPem());
    assert.deepEqual(again.chain, certificate.chain);
    assert.deepEqual(again.fingerprints, certificate.fingerprints);
    assert.equal(again.algorithm, certificate.algorithm);
    assert.equal(again.expiresEpochMs, certificate.expiresEpochMs);
  });
}

test("the fingerprint is SHA-256 over the certificate (RFC 8122 §5, RFC 8827 §6.5)", () => {
  const [fingerprint, ...others] = ecdsa.fingerprints;
  assert.equal(fingerprint?.algorithm, "sha-256");
  assert.equal(fingerprint?.value, parsed(ecdsa).fingerprint256);
  assert.equal(fingerprint?.value, fingerprintOf(ecdsa.chain[0]!));
  assert.deepEqual(others, []);
});

test("serial numbers are positive, of 16 bytes and never alike (RFC 5280 §4.1.2.2)", () => {
  const serials = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const random = new SeededRandom(seed);
    const serial = parsed(generateCertificate({ nowEpochMs: NOW_EPOCH_MS, random })).serialNumber;
    assert.match(serial, /^[4-7][0-9A-F]{31}$/);
    serials.add(serial);
  }
  assert.equal(serials.size, 40);
});

test("a lifetime reaches over 2050, where the form of times changes (RFC 5280 §4.1.2.5)", () => {
  const lifetimeMs = 40 * 365 * DAY_MS;
  const certificate = generateCertificate({ nowEpochMs: NOW_EPOCH_MS, lifetimeMs });
  assert.equal(certificate.expiresEpochMs, NOW_EPOCH_MS + lifetimeMs);
  assert.equal(Date.parse(parsed(certificate).validTo), NOW_EPOCH_MS + lifetimeMs);
});

test("a key of another kind does not verify, and never throws", () => {
  const message = new Uint8Array(8);
  const ecdsaKey = publicKeyOf(ecdsa.chain[0]!);
  const rsaKey = publicKeyOf(rsa.chain[0]!);
  assert.ok(!ecdsaKey.verify("rsa-pkcs1-sha256", message, rsa.sign("rsa-pkcs1-sha256", message)));
  assert.ok(!rsaKey.verify("ecdsa-sha256", message, ecdsa.sign("ecdsa-sha256", message)));
  assert.ok(!rsaKey.verify("rsa-pss-sha256", message, rsa.sign("rsa-pkcs1-sha256", message)));
});

test("signing with a name of another kind of key is the caller's bug", () => {
  assert.throws(() => ecdsa.sign("rsa-pss-sha256", new Uint8Array(1)), { code: "ERR_UNSUPPORTED" });
});

test("bytes that are no certificate are line noise", () => {
  const mangled = ecdsa.chain[0]!.slice(0, 100);
  for (const bytes of [new Uint8Array(0), new Uint8Array(50), mangled]) {
    assert.throws(() => publicKeyOf(bytes), WireFormatError);
  }
});

test("keys of kinds that DTLS here cannot use are recognised as such", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  const der = selfSignedCertificate({
    subjectPublicKeyInfo: publicKey.export({ format: "der", type: "spki" }),
    privateKey,
    random: new SeededRandom(1),
    notBeforeEpochMs: NOW_EPOCH_MS,
    notAfterEpochMs: NOW_EPOCH_MS,
  });
  assert.equal(publicKeyOf(der).algorithm, "unsupported");
  assert.ok(!publicKeyOf(der).verify("ecdsa-sha256", der, der));
  assert.throws(() => new LocalCertificate([der], privateKey), { code: "ERR_UNSUPPORTED" });
});

test("a chain is kept in its order, the own certificate first", () => {
  const { certificatePem, privateKeyPem } = ecdsa.exportPem();
  const chainPem = `${certificatePem}# a comment between\n${rsa.exportPem().certificatePem}`;
  const imported = importCertificate({ certificatePem: chainPem, privateKeyPem });
  assert.equal(imported.chain.length, 2);
  assert.ok(equalBytes(imported.chain[1]!, rsa.chain[0]!));
  assert.equal(imported.exportPem().certificatePem.match(/BEGIN/g)?.length, 2);
});

test("keys of programs that write SEC 1 or PKCS #1 are read, too", () => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const der = selfSignedCertificate({
    subjectPublicKeyInfo: pair.publicKey.export({ format: "der", type: "spki" }),
    privateKey: pair.privateKey,
    random: new SeededRandom(1),
    notBeforeEpochMs: NOW_EPOCH_MS,
    notAfterEpochMs: NOW_EPOCH_MS + DAY_MS,
  });
  const privateKeyPem = pair.privateKey.export({ format: "pem", type: "pkcs1" }).toString();
  const certificatePem = new X509Certificate(der).toString();
  assert.equal(importCertificate({ certificatePem, privateKeyPem }).algorithm, "rsa");
});

test("PEM parts that do not parse or do not belong together are the caller's bug", () => {
  const { certificatePem, privateKeyPem } = ecdsa.exportPem();
  const bad = [
    { certificatePem: "", privateKeyPem },
    {
      certificatePem: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
      privateKeyPem,
    },
    { certificatePem, privateKeyPem: "" },
    { certificatePem, privateKeyPem: rsa.exportPem().privateKeyPem },
  ];
  for (const pem of bad) assert.throws(() => importCertificate(pem), { code: "ERR_RANGE" });
});

test("options out of range are the caller's bug, also in the background", () => {
  const nowEpochMs = NOW_EPOCH_MS;
  for (const lifetimeMs of [0, -1, Number.NaN]) {
    assert.throws(() => generateCertificate({ nowEpochMs, lifetimeMs }), { code: "ERR_RANGE" });
    assert.throws(() => generateCertificateInBackground({ nowEpochMs, lifetimeMs }, () => {}), {
      code: "ERR_RANGE",
    });
  }
  for (const modulusBits of [1024, 2048.5, 16_384]) {
    const options = { nowEpochMs, modulusBits, algorithm: "rsa" } as const;
    assert.throws(() => generateCertificate(options), { code: "ERR_RANGE" });
  }
});

for (const algorithm of ["ecdsa-p256", "rsa"] as const) {
  test(`a certificate of ${algorithm} can be made in the background`, async () => {
    const certificate = await new Promise<LocalCertificate>((resolve, reject) => {
      generateCertificateInBackground({ nowEpochMs: NOW_EPOCH_MS, algorithm }, (result) => {
        if ("certificate" in result) resolve(result.certificate);
        else reject(result.error as Error);
      });
    });
    assert.equal(certificate.algorithm, algorithm);
    assert.equal(toHex(certificate.chain[0]!).slice(0, 2), "30");
  });
}
