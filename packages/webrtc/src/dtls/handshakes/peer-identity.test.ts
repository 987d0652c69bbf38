import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { test } from "vitest";
import { testCertificate } from "../../../test/support/dtls-pair.ts";
import { SeededRandom } from "../../base/random.ts";
import { fingerprintOf, type FingerprintHash } from "../../crypto/fingerprint.ts";
import { createNodeCrypto } from "../../crypto/node-crypto.ts";
import { selfSignedCertificate } from "../../crypto/self-signed-certificate.ts";
import { CIPHER_SUITES } from "../cipher-suite.ts";
import { ALERT } from "../messages/alert.ts";
import { GROUPS } from "../named-group.ts";
import { signatureCode } from "../signature-scheme.ts";
import type { HandshakeConfig } from "./handshake.ts";
import { checkSignature, identifyPeer } from "./peer-identity.ts";

const peer = testCertificate("peer");
const [peerDer] = peer.chain;
const other = testCertificate("other");

type Line = { readonly algorithm: string; readonly value: string };

function configWith(remoteFingerprints: readonly Line[]): HandshakeConfig {
  return {
    crypto: createNodeCrypto(),
    certificate: testCertificate("us"),
    remoteFingerprints,
    cipherSuites: CIPHER_SUITES,
    groups: GROUPS,
    srtpProfiles: [],
    isCookieExchangeRequired: false,
  };
}

function line(algorithm: FingerprintHash, der = peerDer!): Line {
  return { algorithm, value: fingerprintOf(der, algorithm) };
}

const identify = (...lines: Line[]): unknown => identifyPeer(configWith(lines), peer.chain);

test("a certificate whose fingerprint was promised is the peer's (RFC 8122 §5)", () => {
  const { publicKey, chain } = identifyPeer(configWith([line("sha-256")]), peer.chain);
  assert.equal(publicKey.algorithm, "ecdsa");
  assert.deepEqual(chain, peer.chain);
});

test("one of several lines with the same hash is enough: the peer may have several certificates (RFC 8122 §5)", () => {
  identify(line("sha-256", other.chain[0]), line("sha-256"));
});

test("of several hashes the strongest decides, even if a weaker one would match (RFC 8122 §5)", () => {
  identify(line("sha-256", other.chain[0]), line("sha-512"));
  identify(line("sha-224", other.chain[0]), line("sha-384"), line("sha-256", other.chain[0]));
  assert.throws(() => identify(line("sha-256"), line("sha-512", other.chain[0])), {
    code: "ERR_FINGERPRINT_MISMATCH",
  });
});

test("hashes that are unknown here do not count, and do not harm", () => {
  identify({ algorithm: "sha3-512", value: "AB:CD" }, line("sha-256"));
});

test("names and digits are compared without regard to case (RFC 8122 §5)", () => {
  const { value } = line("sha-256");
  identify({ algorithm: "SHA-256", value: value.toLowerCase() });
});

test("a mismatch names what was expected and what came, and sends bad_certificate", () => {
  const promised = line("sha-256", other.chain[0]);
  assert.throws(
    () => identify(promised),
    (error: Error & { detail: { sentAlert: number } }) => {
      assert.ok(error.message.includes(promised.value));
      assert.ok(error.message.includes(line("sha-256").value));
      return error.detail.sentAlert === ALERT.bad_certificate;
    },
  );
});

test("SHA-1 alone identifies nobody, and the reason says what was offered and what is accepted (RFC 8122 §5)", () => {
  const digest = createHash("sha1").update(peerDer!).digest("hex");
  const value = digest.toUpperCase().replace(/..(?=.)/g, "$&:");
  const promised = { algorithm: "sha-1", value };
  assert.throws(() => identify(promised, promised), {
    code: "ERR_FINGERPRINT_MISMATCH",
    message: /it gave \["sha-1"\], accepted are sha-512, sha-384, sha-256, sha-224/,
  });
  identify(promised, line("sha-256"));
});

test("without any line that can be checked nobody is the peer (RFC 8827 §5)", () => {
  const unusable: Line[][] = [
    [],
    [{ algorithm: "md5", value: "AB:CD" }],
    [{ algorithm: "sha3-256", value: "AB" }],
    [{ algorithm: "constructor", value: "AB" }],
  ];
  for (const lines of unusable) {
    assert.throws(() => identify(...lines), { code: "ERR_FINGERPRINT_MISMATCH" });
  }
});

test("an empty or a cut value matches nothing", () => {
  const { value } = line("sha-256");
  for (const bad of ["", value.slice(0, -3), `${value}:00`, value.replaceAll(":", "")]) {
    assert.throws(() => identify({ algorithm: "sha-256", value: bad }), {
      code: "ERR_FINGERPRINT_MISMATCH",
    });
  }
});

test("a peer without a certificate is refused (RFC 8827 §6.5)", () => {
  assert.throws(() => identifyPeer(configWith([line("sha-256")]), []), {
    detail: { sentAlert: ALERT.handshake_failure },
  });
});

test("only the first certificate of a chain is the peer's", () => {
  const config = configWith([line("sha-256")]);
  assert.throws(() => identifyPeer(config, [other.chain[0]!, peerDer!]), {
    code: "ERR_FINGERPRINT_MISMATCH",
  });
  identifyPeer(config, [peerDer!, other.chain[0]!]);
});

test("keys that are too weak or of another kind are refused although the fingerprint matches (RFC 8827 §6.5)", () => {
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const foreign = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  const alerts = [weak, foreign].map(({ privateKey, publicKey }) => {
    const der = selfSignedCertificate({
      subjectPublicKeyInfo: publicKey.export({ format: "der", type: "spki" }),
      privateKey,
      random: new SeededRandom(1),
      notBeforeEpochMs: 0,
      notAfterEpochMs: 1e12,
    });
    try {
      identifyPeer(configWith([line("sha-256", der)]), [der]);
      return undefined;
    } catch (error) {
      return (error as { detail?: { sentAlert: number } }).detail?.sentAlert;
    }
  });
  assert.deepEqual(alerts, [ALERT.insufficient_security, ALERT.unsupported_certificate]);
});

test("a signature counts only if we offered its scheme and it verifies (RFC 5246 §7.4.3)", () => {
  const identity = identifyPeer(configWith([line("sha-256")]), peer.chain);
  const message = new Uint8Array(40).fill(5);
  const signature = peer.sign("ecdsa-sha256", message);
  const scheme = signatureCode("ecdsa-sha256");
  const spec = "RFC 5246 §7.4.8";
  assert.equal(checkSignature(identity, { scheme, signature }, message, spec), "ecdsa-sha256");
  assert.throws(() => checkSignature(identity, { scheme, signature }, message.subarray(1), spec), {
    detail: { sentAlert: ALERT.decrypt_error },
  });
  assert.throws(() => checkSignature(identity, { scheme: 0x0203, signature }, message, spec), {
    detail: { sentAlert: ALERT.illegal_parameter },
  });
  const rsaScheme = signatureCode("rsa-pss-sha256");
  assert.throws(() => checkSignature(identity, { scheme: rsaScheme, signature }, message, spec), {
    detail: { sentAlert: ALERT.decrypt_error },
  });
});

test("of any number of promised fingerprints the reason names four", () => {
  const promised = Array.from({ length: 2_000 }, (_, index) => ({
    algorithm: "sha-256",
    value: `${index}:`.repeat(4_000),
  }));
  const unknown = promised.map(({ value }) => ({ algorithm: value, value }));
  for (const lines of [promised, unknown]) {
    assert.throws(
      () => identify(...lines),
      (error: Error) => error.message.length < 1_300 && /1996 others|0:0:/.test(error.message),
    );
  }
});
