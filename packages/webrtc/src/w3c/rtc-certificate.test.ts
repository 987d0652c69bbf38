import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "vitest";

import type { Runtime } from "../runtime/runtime.ts";
import { VirtualWorld } from "../testing/index.ts";
import {
  generateRtcCertificate,
  localCertificateOf,
  RTCCertificate,
  type KeygenAlgorithm,
} from "./rtc-certificate.ts";

const NOW_EPOCH_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const world = new VirtualWorld({ seed: 1, startEpochMs: NOW_EPOCH_MS });
const { runtime }: { runtime: Runtime } = world.createHost("host", {
  network: world.internet,
  addresses: ["192.0.2.1"],
});

const ECDSA = { name: "ECDSA", namedCurve: "P-256" };
const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};
const generate = (algorithm: unknown): Promise<RTCCertificate> =>
  generateRtcCertificate(runtime, algorithm as KeygenAlgorithm);

test("both algorithms that everybody must have give a certificate (webrtc-pc §4.11.1)", async () => {
  for (const [algorithm, keyType] of [
    [ECDSA, "ec"],
    [{ ...ECDSA, name: "ecdsa" }, "ec"],
    [RSA, "rsa"],
    [{ ...RSA, hash: { name: "sha-256" } }, "rsa"],
  ] as const) {
    const certificate = await generate(algorithm);
    assert.ok(certificate instanceof RTCCertificate);
    const parsed = new X509Certificate(localCertificateOf(certificate).chain[0]!);
    assert.equal(parsed.publicKey.asymmetricKeyType, keyType);
  }
});

test("it expires after 30 days, after what was asked for, and after 365 days at the latest (webrtc-pc §4.11.1)", async () => {
  for (const [expires, days] of [
    [undefined, 30],
    [DAY_MS, 1],
    [0, 0],
    [400 * DAY_MS, 365],
    [Number.MAX_SAFE_INTEGER, 365],
    [`${2 * DAY_MS}`, 2],
  ] as const) {
    const certificate = await generate({ ...ECDSA, expires });
    assert.equal(certificate.expires, NOW_EPOCH_MS + days * DAY_MS);
  }
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 5n, "soon", null])(
  "an expiry of %s is a TypeError, but for null, which is 0 (Web IDL, [EnforceRange])",
  async (expires) => {
    if (expires === null)
      assert.equal((await generate({ ...ECDSA, expires })).expires, NOW_EPOCH_MS);
    else await assert.rejects(generate({ ...ECDSA, expires }), TypeError);
  },
);

test.each([
  [{}, /Algorithm\.name: required/],
  [null, undefined],
  ["ECDSA", /namedCurve: required/],
  [{ name: "ECDSA" }, /namedCurve: required/],
  [{ ...RSA, modulusLength: undefined }, /modulusLength: required/],
  [{ ...RSA, modulusLength: -1 }, /modulusLength/],
  [{ ...RSA, publicExponent: [1, 0, 1] }, /publicExponent.*Uint8Array/],
  [{ ...RSA, hash: undefined }, /hash: required/],
])(
  "%j is refused by the name of what is missing (WebCrypto §18.4.4)",
  async (algorithm, message) => {
    if (message === undefined)
      await assert.rejects(generate(algorithm), { name: "NotSupportedError" });
    else await assert.rejects(generate(algorithm), { name: "TypeError", message });
  },
);

test.each([
  "HMAC",
  { name: "ECDH", namedCurve: "P-256" },
  { name: "ECDSA", namedCurve: "P-521" },
  { ...RSA, modulusLength: 1024 },
  { ...RSA, modulusLength: 16_384 },
  { ...RSA, publicExponent: new Uint8Array([3]) },
  { ...RSA, hash: "SHA-1" },
])(
  "%j is a NotSupportedError: DTLS cannot or should not use it (webrtc-pc §4.11.1, step 7)",
  async (algorithm) => {
    await assert.rejects(generate(algorithm), { name: "NotSupportedError" });
  },
);

test("fingerprints are SHA-256 in lower case, of the certificate itself (webrtc-pc §4.11.2)", async () => {
  const certificate = await generate(ECDSA);
  const [fingerprint, ...others] = certificate.getFingerprints();
  const parsed = new X509Certificate(localCertificateOf(certificate).chain[0]!);
  assert.deepEqual(others, []);
  assert.deepEqual(fingerprint, {
    algorithm: "sha-256",
    value: parsed.fingerprint256.toLowerCase(),
  });
  fingerprint!.value = "changed";
  assert.notEqual(certificate.getFingerprints()[0]!.value, "changed");
});

test("a certificate that was stored as text comes back whole; other text is a TypeError", async () => {
  const certificate = await generate(ECDSA);
  const restored = RTCCertificate.fromPem(certificate.toPem());
  assert.deepEqual(restored.getFingerprints(), certificate.getFingerprints());
  assert.equal(restored.expires, certificate.expires);
  assert.throws(() => RTCCertificate.fromPem({ certificatePem: "", privateKeyPem: "" }), {
    name: "TypeError",
    message: /^RTCCertificate\.fromPem: /,
  });
});

test("nobody else can construct one, and its private key is not among its members", async () => {
  assert.throws(() => Reflect.construct(RTCCertificate, []), { message: "Illegal constructor" });
  const members = [];
  for (const name in await generate(ECDSA)) members.push(name);
  assert.deepEqual(members.toSorted(), ["expires", "getFingerprints"]);
});
