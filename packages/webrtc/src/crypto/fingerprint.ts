import { createHash } from "node:crypto";
import { WireFormatError } from "../base/errors.ts";

/**
 * Hashes that may stand in `a=fingerprint` and are accepted here, strongest first (RFC 8122 §5).
 * Not MD2 and MD5, which §5 forbids, and not SHA-1: two certificates with one SHA-1 can be made, and
 * every WebRTC peer has SHA-256 (RFC 8827 §6.5).
 */
export const FINGERPRINT_HASHES = ["sha-512", "sha-384", "sha-256", "sha-224"] as const;

/** A hash function of {@link FINGERPRINT_HASHES}. */
export type FingerprintHash = (typeof FINGERPRINT_HASHES)[number];

/** The hash of a certificate as SDP carries it: `sha-256` and `AB:CD:…` (RFC 8122 §5). */
export type Fingerprint = {
  /** As written; may be a hash that is not supported here. */
  readonly algorithm: string;
  /** Pairs of upper-case hexadecimal digits with colons between them. */
  readonly value: string;
};

const HASH_BYTES: Readonly<Record<FingerprintHash, number>> = {
  "sha-512": 64,
  "sha-384": 48,
  "sha-256": 32,
  "sha-224": 28,
};
const FINGERPRINT_PATTERN = /^([A-Za-z0-9-]{1,32})[ ]+([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){0,127})$/;

/** True if a fingerprint with `algorithm`, in lower case, identifies a peer here. */
export function isFingerprintHash(algorithm: string): algorithm is FingerprintHash {
  return Object.hasOwn(HASH_BYTES, algorithm);
}

/** The fingerprint's value for a certificate in DER: `AB:CD:…` (RFC 8122 §5). */
export function fingerprintOf(
  certificateDer: Uint8Array,
  algorithm: FingerprintHash = "sha-256",
): string {
  const digest = createHash(algorithm.replace("-", "")).update(certificateDer).digest("hex");
  return digest.toUpperCase().replace(/..(?=.)/g, "$&:");
}

/**
 * Reads `sha-256 AB:CD:…`, the value of `a=fingerprint`. The name is folded to lower case and the
 * digits to upper case. Throws {@link WireFormatError} on another form, or on a known hash whose
 * value has the wrong length.
 */
export function parseFingerprint(text: string): Fingerprint {
  const match = FINGERPRINT_PATTERN.exec(text.trim());
  if (!match) throw new WireFormatError("RFC 8122 §5", "not a hash name and colon-separated bytes");
  const algorithm = match[1]!.toLowerCase();
  const value = match[2]!.toUpperCase();
  const valueBytes = (value.length + 1) / 3;
  if (isFingerprintHash(algorithm) && HASH_BYTES[algorithm] !== valueBytes) {
    throw new WireFormatError("RFC 8122 §5", `${algorithm} cannot have ${valueBytes} bytes`);
  }
  return { algorithm, value };
}
