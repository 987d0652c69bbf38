import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  sign as signMessage,
  X509Certificate,
  type KeyObject,
} from "node:crypto";
import { UsageError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import { parseOpensslTime } from "./calendar.ts";
import type { SignatureName } from "./crypto-port.ts";
import { fingerprintOf, type Fingerprint } from "./fingerprint.ts";
import { NodeRandom } from "./node-random.ts";
import { describeKey, keyInputFor, signatureParameters } from "./public-key.ts";
import { selfSignedCertificate } from "./self-signed-certificate.ts";

export { fingerprintOf, parseFingerprint, type Fingerprint } from "./fingerprint.ts";
export { publicKeyOf } from "./public-key.ts";

const DAY_MS = 86_400_000;
const DEFAULT_LIFETIME_MS = 30 * DAY_MS;
const DEFAULT_MODULUS_BITS = 2048;
const MAX_MODULUS_BITS = 8192;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Which key a certificate holds. */
export type CertificateAlgorithm = "ecdsa-p256" | "ecdsa-p384" | "rsa";

/** A certificate and its private key as text, as other programs store them. */
export type PemCertificate = {
  /** One or more `CERTIFICATE` blocks, the own one first. */
  readonly certificatePem: string;
  /** PKCS #8, SEC 1 or PKCS #1, not encrypted. */
  readonly privateKeyPem: string;
};

/** What {@link generateCertificate} makes. */
export type CertificateOptions = {
  /** The wall clock: the core has none. */
  readonly nowEpochMs: number;
  /** From now to the end of validity; 30 days if not given. Validity starts a day back (skewed clocks). */
  readonly lifetimeMs?: number;
  readonly algorithm?: "ecdsa-p256" | "rsa";
  /** RSA only: 2048 to 8192; 2048 if not given. */
  readonly modulusBits?: number;
  /** Source of the serial number; the operating system's if not given. */
  readonly random?: Random;
};

/** A certificate with its private key, ready to authenticate this side. Share it between connections freely. */
export class LocalCertificate {
  readonly algorithm: CertificateAlgorithm;
  /** The chain in DER, the own certificate first. */
  readonly chain: readonly Uint8Array[];
  /** What to say in `a=fingerprint`: SHA-256 (RFC 8122 §5, RFC 8827 §6.5). */
  readonly fingerprints: readonly Fingerprint[];
  /** End of validity on the wall clock. */
  readonly expiresEpochMs: number;
  readonly #privateKey: KeyObject;

  /** Throws {@link UsageError} if the parts do not belong together or the key's kind is not supported. */
  constructor(chain: readonly Uint8Array[], privateKey: KeyObject) {
    const own = parseCertificate(chain[0]);
    if (!own.checkPrivateKey(privateKey)) {
      throw new UsageError("ERR_RANGE", "the private key does not belong to the certificate");
    }
    this.algorithm = algorithmOf(privateKey);
    this.chain = chain;
    this.fingerprints = [{ algorithm: "sha-256", value: fingerprintOf(own.raw, "sha-256") }];
    this.expiresEpochMs = parseOpensslTime(own.validTo) ?? 0;
    this.#privateKey = privateKey;
  }

  /** The signatures that this key can make, best first. */
  get signatureNames(): readonly SignatureName[] {
    return SIGNATURE_NAMES[this.algorithm];
  }

  /** Signs `message` (hashing it first). Throws {@link UsageError} if `name` is for another kind of key. */
  sign(name: SignatureName, message: Uint8Array): Uint8Array {
    if (!this.signatureNames.includes(name)) {
      throw new UsageError("ERR_UNSUPPORTED", `a key of ${this.algorithm} cannot sign ${name}`);
    }
    const { hash } = signatureParameters(name);
    return new Uint8Array(signMessage(hash, message, keyInputFor(name, this.#privateKey)));
  }

  /** The certificate and its secret key as text. Whoever has it can impersonate this side. */
  exportPem(): PemCertificate {
    return {
      certificatePem: this.chain.map((der) => new X509Certificate(der).toString()).join(""),
      privateKeyPem: this.#privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    };
  }
}

const SIGNATURE_NAMES: Readonly<Record<CertificateAlgorithm, readonly SignatureName[]>> = {
  "ecdsa-p256": ["ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512"],
  "ecdsa-p384": ["ecdsa-sha384", "ecdsa-sha256", "ecdsa-sha512"],
  rsa: [
    "rsa-pss-sha256",
    "rsa-pkcs1-sha256",
    "rsa-pss-sha384",
    "rsa-pkcs1-sha384",
    "rsa-pss-sha512",
    "rsa-pkcs1-sha512",
  ],
};

/**
 * A new key with a self-signed X.509 v3 certificate (RFC 8827 §6.5). ECDSA takes well under a
 * millisecond; RSA blocks for 50 ms and more: see {@link generateCertificateInBackground}.
 * Throws {@link UsageError} on a modulus outside 2048 to 8192 bits or a lifetime that is not positive.
 */
export function generateCertificate(options: CertificateOptions): LocalCertificate {
  if (options.algorithm === "rsa") {
    const pair = generateKeyPairSync("rsa", { modulusLength: modulusBitsOf(options) });
    return certify(pair.privateKey, options);
  }
  return certify(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey, options);
}

/**
 * Like {@link generateCertificate}, with the key found on another thread. `onDone` is called later
 * with the certificate, or with what went wrong. Throws {@link UsageError} on bad options at once.
 */
export function generateCertificateInBackground(
  options: CertificateOptions,
  onDone: (result: { certificate: LocalCertificate } | { error: unknown }) => void,
): void {
  checkLifetime(options);
  const finish = (error: Error | null, _publicKey: KeyObject, privateKey: KeyObject): void => {
    if (error) onDone({ error });
    else onDone({ certificate: certify(privateKey, options) });
  };
  if (options.algorithm === "rsa") {
    generateKeyPair("rsa", { modulusLength: modulusBitsOf(options) }, finish);
  } else {
    generateKeyPair("ec", { namedCurve: "P-256" }, finish);
  }
}

/**
 * A certificate made elsewhere or stored by {@link LocalCertificate.exportPem}. Throws
 * {@link UsageError} if a part does not parse, they do not match, or the key's kind is not supported.
 */
export function importCertificate(pem: PemCertificate): LocalCertificate {
  const blocks = pem.certificatePem.match(PEM_CERTIFICATE) ?? [];
  const chain = blocks.map((block) => new Uint8Array(parseCertificate(block).raw));
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem.privateKeyPem);
  } catch {
    throw new UsageError(
      "ERR_RANGE",
      "the private key is not readable PEM (encrypted keys are not)",
    );
  }
  return new LocalCertificate(chain, privateKey);
}

function certify(privateKey: KeyObject, options: CertificateOptions): LocalCertificate {
  checkLifetime(options);
  const der = selfSignedCertificate({
    subjectPublicKeyInfo: createPublicKey(privateKey).export({ format: "der", type: "spki" }),
    privateKey,
    random: options.random ?? new NodeRandom(),
    notBeforeEpochMs: options.nowEpochMs - DAY_MS,
    notAfterEpochMs: options.nowEpochMs + (options.lifetimeMs ?? DEFAULT_LIFETIME_MS),
  });
  return new LocalCertificate([der], privateKey);
}

function checkLifetime(options: CertificateOptions): void {
  if (!((options.lifetimeMs ?? DEFAULT_LIFETIME_MS) > 0)) {
    throw new UsageError("ERR_RANGE", `not a lifetime: ${options.lifetimeMs} ms`);
  }
}

function modulusBitsOf(options: CertificateOptions): number {
  const bits = options.modulusBits ?? DEFAULT_MODULUS_BITS;
  if (!Number.isInteger(bits) || bits < DEFAULT_MODULUS_BITS || bits > MAX_MODULUS_BITS) {
    throw new UsageError("ERR_RANGE", `an RSA modulus has 2048 to 8192 bits here, not ${bits}`);
  }
  return bits;
}

function parseCertificate(source: Uint8Array | string | undefined): X509Certificate {
  if (source === undefined) throw new UsageError("ERR_RANGE", "there is no certificate");
  try {
    return new X509Certificate(source);
  } catch {
    throw new UsageError("ERR_RANGE", "the certificate is not readable X.509");
  }
}

function algorithmOf(privateKey: KeyObject): CertificateAlgorithm {
  const { algorithm, bits } = describeKey(privateKey);
  if (algorithm === "rsa" && bits >= DEFAULT_MODULUS_BITS) return "rsa";
  if (algorithm === "ecdsa") return bits === 256 ? "ecdsa-p256" : "ecdsa-p384";
  throw new UsageError(
    "ERR_UNSUPPORTED",
    "the key is neither ECDSA on P-256 or P-384 nor RSA of 2048 bits or more",
  );
}
