import type { SignatureName } from "../crypto/crypto-port.ts";

/**
 * Hash and signature in TLS 1.2's two bytes (RFC 5246 §7.4.1.4.1); RSA-PSS has numbers of its own
 * (RFC 8446 §4.2.3). Unlike in TLS 1.3, an ECDSA number does not fix the curve.
 */
const CODES: Readonly<Record<SignatureName, number>> = {
  "ecdsa-sha256": 0x0403,
  "ecdsa-sha384": 0x0503,
  "ecdsa-sha512": 0x0603,
  "rsa-pss-sha256": 0x0804,
  "rsa-pss-sha384": 0x0805,
  "rsa-pss-sha512": 0x0806,
  "rsa-pkcs1-sha256": 0x0401,
  "rsa-pkcs1-sha384": 0x0501,
  "rsa-pkcs1-sha512": 0x0601,
};

const NAMES = Object.keys(CODES) as SignatureName[];

/** What we accept from the peer, best first. SHA-1 is not among them (RFC 9155). */
export const SIGNATURE_CODES: readonly number[] = NAMES.map((name) => CODES[name]);

/** The signature's number on the wire. */
export function signatureCode(name: SignatureName): number {
  return CODES[name];
}

/** The signature with this number, or `undefined` if we do not accept it. */
export function signatureFromCode(code: number): SignatureName | undefined {
  return NAMES.find((name) => CODES[name] === code);
}

/** The first of our `names` that the peer's list of codes has. */
export function chooseSignature(
  names: readonly SignatureName[],
  peerCodes: readonly number[],
): SignatureName | undefined {
  return names.find((name) => peerCodes.includes(CODES[name]));
}
