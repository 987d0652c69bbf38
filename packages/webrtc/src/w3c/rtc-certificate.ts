import {
  generateCertificateInBackground,
  importCertificate,
  type LocalCertificate,
  type PemCertificate,
} from "../crypto/certificate.ts";
import type { Runtime } from "../runtime/runtime.ts";
import {
  CONSTRUCTION_TOKEN,
  defineInterface,
  describe,
  isObject,
  requireConstructionToken,
  type ConstructionToken,
} from "./webidl/index.ts";

const DEFAULT_LIFETIME_MS = 30 * 24 * 3_600_000;
const MAX_LIFETIME_MS = 365 * 24 * 3_600_000;

/** https://w3c.github.io/webrtc-pc/#dom-rtcdtlsfingerprint */
export interface RTCDtlsFingerprint {
  algorithm?: string;
  /** Lower-case hexadecimal pairs with colons between them. */
  value?: string;
}

/** WebCrypto's way to name an algorithm, as far as `generateCertificate` reads it. */
export type KeygenAlgorithm =
  | string
  | {
      readonly name: string;
      readonly namedCurve?: string;
      readonly modulusLength?: number;
      readonly publicExponent?: Uint8Array;
      readonly hash?: string | { readonly name: string };
      /** Milliseconds from now; at most 365 days. */
      readonly expires?: number;
    };

const certificates = new WeakMap<RTCCertificate, LocalCertificate>();

/** https://w3c.github.io/webrtc-pc/#rtccertificate-interface */
export class RTCCertificate {
  readonly #certificate: LocalCertificate;

  /** @internal Made by `RTCPeerConnection.generateCertificate` and {@link RTCCertificate.fromPem}. */
  constructor(token: ConstructionToken, certificate: LocalCertificate) {
    requireConstructionToken(token);
    this.#certificate = certificate;
    certificates.set(this, certificate);
  }

  /** Milliseconds since 1970. */
  get expires(): number {
    return this.#certificate.expiresEpochMs;
  }

  getFingerprints(): RTCDtlsFingerprint[] {
    return this.#certificate.fingerprints.map(({ algorithm, value }) => ({
      algorithm,
      value: value.toLowerCase(),
    }));
  }

  /**
   * Not in the W3C's API, where a certificate is stored by structured clone: the certificate and its
   * private key as text. Whoever has it can impersonate this side.
   */
  toPem(): PemCertificate {
    return this.#certificate.exportPem();
  }

  /** Not in the W3C's API: a certificate that {@link RTCCertificate.toPem} or another program stored. Throws `TypeError`. */
  static fromPem(pem: PemCertificate): RTCCertificate {
    try {
      return new RTCCertificate(CONSTRUCTION_TOKEN, importCertificate(pem));
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw new TypeError(`RTCCertificate.fromPem: ${problem}`, { cause });
    }
  }
}

defineInterface(RTCCertificate, "RTCCertificate", ["toPem"]);

/** @internal The key pair behind `certificate`. */
export function localCertificateOf(certificate: RTCCertificate): LocalCertificate {
  return certificates.get(certificate)!;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-generatecertificate */
export async function generateRtcCertificate(
  runtime: Runtime,
  keygenAlgorithm: KeygenAlgorithm,
): Promise<RTCCertificate> {
  // Steps 2 and 3
  const lifetimeMs = lifetimeOf(keygenAlgorithm);
  // Steps 4 to 6
  const key = normalizeAlgorithm(keygenAlgorithm);
  // Step 8
  const options = {
    ...key,
    lifetimeMs,
    nowEpochMs: runtime.epochMs(),
    random: runtime.crypto.random,
  };
  return new Promise((resolve, reject) => {
    generateCertificateInBackground(options, (result) => {
      if ("error" in result) {
        reject(new DOMException("the key could not be generated", "OperationError"));
      } else {
        resolve(new RTCCertificate(CONSTRUCTION_TOKEN, result.certificate));
      }
    });
  });
}

function lifetimeOf(keygenAlgorithm: KeygenAlgorithm): number {
  const expires: unknown = isObject(keygenAlgorithm) ? keygenAlgorithm.expires : undefined;
  if (expires === undefined) return DEFAULT_LIFETIME_MS;
  const lifetimeMs = Math.trunc(Number(expires));
  if (!(lifetimeMs >= 0 && lifetimeMs <= Number.MAX_SAFE_INTEGER)) {
    throw new TypeError(`generateCertificate: expires: ${describe(expires)} is out of range`);
  }
  return Math.min(lifetimeMs, MAX_LIFETIME_MS);
}

type KeyOptions =
  | { readonly algorithm: "ecdsa-p256" }
  | { readonly algorithm: "rsa"; readonly modulusBits: number };

function normalizeAlgorithm(keygenAlgorithm: KeygenAlgorithm): KeyOptions {
  const algorithm =
    typeof keygenAlgorithm === "string" ? { name: keygenAlgorithm } : keygenAlgorithm;
  if (!isObject(algorithm) || typeof algorithm.name !== "string") {
    throw new TypeError("generateCertificate: the algorithm needs a name");
  }
  switch (algorithm.name.toUpperCase()) {
    case "ECDSA":
      return normalizeEcdsa(algorithm.namedCurve);
    case "RSASSA-PKCS1-V1_5":
      return normalizeRsa(algorithm);
    default:
      throw unsupported(`"${algorithm.name}" is neither "ECDSA" nor "RSASSA-PKCS1-v1_5"`);
  }
}

function normalizeEcdsa(namedCurve: string | undefined): KeyOptions {
  if (namedCurve === undefined) {
    throw new TypeError("generateCertificate: ECDSA needs a namedCurve");
  }
  if (namedCurve !== "P-256") throw unsupported(`the curve "${namedCurve}" is not "P-256"`);
  return { algorithm: "ecdsa-p256" };
}

function normalizeRsa(algorithm: Exclude<KeygenAlgorithm, string>): KeyOptions {
  const { modulusLength, publicExponent, hash } = algorithm;
  if (modulusLength === undefined || publicExponent === undefined || hash === undefined) {
    throw new TypeError("generateCertificate: RSA needs modulusLength, publicExponent and hash");
  }
  const exponent = publicExponent.reduce((sum, byte) => sum * 256 + byte, 0);
  if (exponent !== 65_537) throw unsupported(`the public exponent ${exponent} is not 65537`);
  if (!(modulusLength >= 2048 && modulusLength <= 8192)) {
    throw unsupported(`a modulus of ${modulusLength} bits is not between 2048 and 8192`);
  }
  const hashName = typeof hash === "string" ? hash : hash.name;
  if (hashName.toUpperCase() !== "SHA-256")
    throw unsupported(`the hash "${hashName}" is not "SHA-256"`);
  return { algorithm: "rsa", modulusBits: modulusLength };
}

function unsupported(problem: string): DOMException {
  return new DOMException(`generateCertificate: ${problem}`, "NotSupportedError");
}
