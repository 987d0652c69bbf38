import {
  generateCertificateInBackground,
  importCertificate,
  type LocalCertificate,
  type PemCertificate,
} from "../crypto/certificate.ts";
export type { PemCertificate } from "../crypto/certificate.ts";
import type { Runtime } from "../runtime/runtime.ts";
import {
  CONSTRUCTION_TOKEN,
  conversionError,
  defineInterface,
  describe,
  dictionary,
  domString,
  enforceRange,
  interfaceType,
  isObject,
  required,
  constructionParts,
  UNSIGNED_LONG,
  withDefault,
  type ConstructionArguments,
  type Converter,
} from "./webidl/index.ts";

const DEFAULT_LIFETIME_MS = 30 * 24 * 3_600_000;
const MAX_LIFETIME_MS = 365 * 24 * 3_600_000;

/** https://w3c.github.io/webrtc-pc/#dom-rtcdtlsfingerprint */
export interface RTCDtlsFingerprint {
  algorithm?: string;
  /** Lower-case hexadecimal pairs with colons between them. */
  value?: string;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtccertificateexpiration: a member of what `generateCertificate` takes. */
export interface RTCCertificateExpiration {
  /** Milliseconds from now; at most 365 days. */
  expires?: number;
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

/** `[EnforceRange] unsigned long long` */
const toMilliseconds: Converter<number> = (value, context) => {
  const number = typeof value === "bigint" ? Number.NaN : Math.trunc(Number(value)) + 0;
  if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) return number;
  throw conversionError(context, `${describe(value)} is out of range`);
};

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

const toNamed = dictionary("Algorithm", { name: required(domString) });
/** `HashAlgorithmIdentifier` and `AlgorithmIdentifier`: the name, or an object that has it. */
const nameOf: Converter<string> = (value, context) =>
  isObject(value) ? toNamed(value, context).name : domString(value, context);

const toExpiration = dictionary("RTCCertificateExpiration", {
  expires: withDefault(toMilliseconds, () => DEFAULT_LIFETIME_MS),
});
const toEcKeyGenParams = dictionary("EcKeyGenParams", { namedCurve: required(domString) });
const toRsaHashedKeyGenParams = dictionary("RsaHashedKeyGenParams", {
  modulusLength: required(enforceRange(UNSIGNED_LONG)),
  publicExponent: required(interfaceType("Uint8Array", isBytes)),
  hash: required(nameOf),
});

const certificates = new WeakMap<RTCCertificate, LocalCertificate>();

/** https://w3c.github.io/webrtc-pc/#rtccertificate-interface */
export class RTCCertificate {
  readonly #certificate: LocalCertificate;
  readonly #expires: number;

  /**
   * @internal Made by `RTCPeerConnection.generateCertificate` and {@link RTCCertificate.fromPem}.
   * `expires` may come before the end that the certificate itself names.
   */
  constructor(...args: ConstructionArguments<[certificate: LocalCertificate, expires?: number]>) {
    const [certificate, expires] = constructionParts(args);
    this.#certificate = certificate;
    this.#expires = expires ?? certificate.expiresEpochMs;
    certificates.set(this, certificate);
  }

  /** Milliseconds since 1970; no connection can be made with the certificate after that. */
  get expires(): number {
    return this.#expires;
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

defineInterface(RTCCertificate, "RTCCertificate", ["toPem", "fromPem"]);

/** @internal The key pair behind `certificate`. */
export function localCertificateOf(certificate: RTCCertificate): LocalCertificate {
  return certificates.get(certificate)!;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-generatecertificate */
export async function generateRtcCertificate(
  runtime: Runtime,
  keygenAlgorithm: KeygenAlgorithm,
): Promise<RTCCertificate> {
  // Steps 2 to 4
  const lifetimeMs = lifetimeOf(keygenAlgorithm);
  // Steps 5 to 7
  const key = normalizeAlgorithm(keygenAlgorithm);
  // Step 9
  const nowEpochMs = runtime.epochMs();
  const options = {
    ...key,
    // X.509 counts whole seconds, and a certificate that was never valid cannot be made.
    lifetimeMs: Math.max(lifetimeMs, 1000),
    nowEpochMs,
    random: runtime.crypto.random,
  };
  return new Promise((resolve, reject) => {
    generateCertificateInBackground(options, (result) => {
      if ("error" in result) {
        reject(new DOMException("the key could not be generated", "OperationError"));
      } else {
        const expires = nowEpochMs + lifetimeMs;
        resolve(new RTCCertificate(CONSTRUCTION_TOKEN, result.certificate, expires));
      }
    });
  });
}

const CONTEXT = "RTCPeerConnection.generateCertificate: argument 1";

function lifetimeOf(keygenAlgorithm: KeygenAlgorithm): number {
  if (!isObject(keygenAlgorithm)) return DEFAULT_LIFETIME_MS;
  const { expires } = toExpiration(keygenAlgorithm, CONTEXT);
  return Math.min(expires, MAX_LIFETIME_MS);
}

type KeyOptions =
  | { readonly algorithm: "ecdsa-p256" }
  | { readonly algorithm: "rsa"; readonly modulusBits: number };

/** https://w3c.github.io/webcrypto/#dfn-normalize-an-algorithm, with those that DTLS can use here. */
function normalizeAlgorithm(keygenAlgorithm: KeygenAlgorithm): KeyOptions {
  const name = nameOf(keygenAlgorithm, CONTEXT);
  switch (name.toUpperCase()) {
    case "ECDSA":
      return normalizeEcdsa(keygenAlgorithm);
    case "RSASSA-PKCS1-V1_5":
      return normalizeRsa(keygenAlgorithm);
    default:
      throw unsupported(`"${name}" is neither "ECDSA" nor "RSASSA-PKCS1-v1_5"`);
  }
}

function normalizeEcdsa(algorithm: KeygenAlgorithm): KeyOptions {
  const { namedCurve } = toEcKeyGenParams(membersOf(algorithm), CONTEXT);
  if (namedCurve !== "P-256") throw unsupported(`the curve "${namedCurve}" is not "P-256"`);
  return { algorithm: "ecdsa-p256" };
}

function normalizeRsa(algorithm: KeygenAlgorithm): KeyOptions {
  const params = toRsaHashedKeyGenParams(membersOf(algorithm), CONTEXT);
  const { modulusLength, publicExponent, hash } = params;
  const exponent = publicExponent.reduce((sum, byte) => sum * 256 + byte, 0);
  if (exponent !== 65_537) throw unsupported(`the public exponent ${exponent} is not 65537`);
  if (modulusLength < 2048 || modulusLength > 8192) {
    throw unsupported(`a modulus of ${modulusLength} bits is not between 2048 and 8192`);
  }
  if (hash.toUpperCase() !== "SHA-256") throw unsupported(`the hash "${hash}" is not "SHA-256"`);
  return { algorithm: "rsa", modulusBits: modulusLength };
}

/** An algorithm given by its name alone has no members; each that is needed is missed by its own name then. */
function membersOf(algorithm: KeygenAlgorithm): unknown {
  return typeof algorithm === "string" ? {} : algorithm;
}

function unsupported(problem: string): DOMException {
  return new DOMException(`generateCertificate: ${problem}`, "NotSupportedError");
}
