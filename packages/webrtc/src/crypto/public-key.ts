import { constants, X509Certificate, verify as verifySignature, type KeyObject } from "node:crypto";
import { WireFormatError } from "../base/errors.ts";
import type { PublicKey, SignatureName } from "./crypto-port.ts";

/** What `node:crypto` wants to hear for each signature of TLS. */
type SignatureParameters = {
  readonly hash: "sha256" | "sha384" | "sha512";
  readonly algorithm: "ecdsa" | "rsa";
  readonly isPss: boolean;
};

const SIGNATURES: Readonly<Record<SignatureName, SignatureParameters>> = {
  "ecdsa-sha256": { hash: "sha256", algorithm: "ecdsa", isPss: false },
  "ecdsa-sha384": { hash: "sha384", algorithm: "ecdsa", isPss: false },
  "ecdsa-sha512": { hash: "sha512", algorithm: "ecdsa", isPss: false },
  "rsa-pkcs1-sha256": { hash: "sha256", algorithm: "rsa", isPss: false },
  "rsa-pkcs1-sha384": { hash: "sha384", algorithm: "rsa", isPss: false },
  "rsa-pkcs1-sha512": { hash: "sha512", algorithm: "rsa", isPss: false },
  "rsa-pss-sha256": { hash: "sha256", algorithm: "rsa", isPss: true },
  "rsa-pss-sha384": { hash: "sha384", algorithm: "rsa", isPss: true },
  "rsa-pss-sha512": { hash: "sha512", algorithm: "rsa", isPss: true },
};

/** Which kind of key makes this signature, and how `node:crypto` spells it. */
export function signatureParameters(name: SignatureName): SignatureParameters {
  return SIGNATURES[name];
}

/** A key with the padding that `name` asks for (RSA-PSS: salt as long as the hash, RFC 8446 §4.2.3). */
export function keyInputFor(
  name: SignatureName,
  key: KeyObject,
): { key: KeyObject; padding?: number; saltLength?: number } {
  const { algorithm, isPss } = SIGNATURES[name];
  if (algorithm === "ecdsa") return { key };
  if (!isPss) return { key, padding: constants.RSA_PKCS1_PADDING };
  return {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
}

/** Kind and size of a key object. */
export function describeKey(key: KeyObject): Pick<PublicKey, "algorithm" | "bits"> {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === "rsa") {
    return { algorithm: "rsa", bits: details?.modulusLength ?? 0 };
  }
  if (key.asymmetricKeyType === "ec") {
    if (details?.namedCurve === "prime256v1") return { algorithm: "ecdsa", bits: 256 };
    if (details?.namedCurve === "secp384r1") return { algorithm: "ecdsa", bits: 384 };
  }
  return { algorithm: "unsupported", bits: 0 };
}

class NodePublicKey implements PublicKey {
  readonly algorithm: PublicKey["algorithm"];
  readonly bits: number;
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    const { algorithm, bits } = describeKey(key);
    this.algorithm = algorithm;
    this.bits = bits;
    this.#key = key;
  }

  verify(name: SignatureName, message: Uint8Array, signature: Uint8Array): boolean {
    const { hash, algorithm } = SIGNATURES[name];
    if (algorithm !== this.algorithm) return false;
    // RFC 8017 §8.1.2, step 1. OpenSSL takes a PSS signature without its leading zero bytes as well.
    if (algorithm === "rsa" && signature.byteLength !== Math.ceil(this.bits / 8)) return false;
    try {
      return verifySignature(hash, message, keyInputFor(name, this.#key), signature);
    } catch {
      return false; // OpenSSL refuses some malformed signatures loudly.
    }
  }
}

/**
 * The public key of an X.509 certificate in DER. Throws {@link WireFormatError} if `certificateDer`
 * is no certificate or its key cannot be read.
 */
export function publicKeyOf(certificateDer: Uint8Array): PublicKey {
  try {
    return new NodePublicKey(new X509Certificate(certificateDer).publicKey);
  } catch {
    throw new WireFormatError("RFC 5280 §4.1", "not a readable X.509 certificate");
  }
}
