import assert from "node:assert/strict";
import { test } from "vitest";
import { makeContext, EPOCH_MS } from "../../../test/support/stats-fixtures.ts";
import { generateCertificate } from "../../crypto/certificate.ts";
import { certificateIdOf, certificateStats } from "./certificate-stats.ts";

test("a certificate is shown with its fingerprint and its DER in base 64 (webrtc-stats, RTCCertificateStats)", () => {
  const certificate = generateCertificate({ nowEpochMs: EPOCH_MS });
  const der = certificate.chain[0]!;
  const context = makeContext();
  const [stats, ...others] = certificateStats(certificate.chain, context);
  assert.equal(others.length, 0);
  assert.deepEqual(stats, {
    id: certificateIdOf(der, context),
    timestamp: EPOCH_MS,
    type: "certificate",
    fingerprint: certificate.fingerprints[0]!.value,
    fingerprintAlgorithm: "sha-256",
    base64Certificate: Buffer.from(der).toString("base64"),
  });
});

test("each certificate of a chain points to the next (webrtc-stats, issuerCertificateId)", () => {
  const context = makeContext();
  const [own, issuer, root] = certificateStats(
    [1, 2, 3].map((n) => Uint8Array.of(n)),
    context,
  );
  assert.equal(own?.issuerCertificateId, issuer?.id);
  assert.equal(issuer?.issuerCertificateId, root?.id);
  assert.equal(root && "issuerCertificateId" in root, false);
});

test("the same certificate has one id, whoever holds a copy (webrtc-pc, RTCStats.id)", () => {
  const context = makeContext();
  assert.equal(
    certificateIdOf(Uint8Array.of(7), context),
    certificateIdOf(Uint8Array.of(7), context),
  );
});
