import type { Random } from "../base/random.ts";

/** Authenticated ciphers that DTLS and SRTP use here. */
export type AeadName = "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";

/** Hash functions that the protocols name. */
export type HashName = "sha-1" | "sha-224" | "sha-256" | "sha-384" | "sha-512" | "md5";

/** Groups for ephemeral key agreement. */
export type GroupName = "x25519" | "secp256r1" | "secp384r1";

/** One direction of an authenticated cipher with its key set. */
export interface Aead {
  /** Bytes that `seal` adds. */
  readonly tagBytes: number;
  /** Writes ciphertext and tag to `target` at `targetOffset` (there is room for both). */
  sealInto(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
    target: Uint8Array,
    targetOffset: number,
  ): void;
  /** The plaintext, or `undefined` if the tag does not verify. */
  open(nonce: Uint8Array, additionalData: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

/** Signatures of TLS 1.2: what signs, and the hash that goes with it (RFC 5246 §7.4.1.4.1, RFC 8446 §4.2.3). */
export type SignatureName =
  | "ecdsa-sha256"
  | "ecdsa-sha384"
  | "ecdsa-sha512"
  | "rsa-pkcs1-sha256"
  | "rsa-pkcs1-sha384"
  | "rsa-pkcs1-sha512"
  | "rsa-pss-sha256"
  | "rsa-pss-sha384"
  | "rsa-pss-sha512";

/** The key inside a certificate. */
export interface PublicKey {
  /** `unsupported`: a kind that no cipher suite here can use; `verify` is then always false. */
  readonly algorithm: "ecdsa" | "rsa" | "unsupported";
  /** Curve or modulus size in bits; 0 if unsupported. */
  readonly bits: number;
  /** True if `signature` over `message` was made with the private half. Never throws. */
  verify(name: SignatureName, message: Uint8Array, signature: Uint8Array): boolean;
}

/** Half of an ephemeral Diffie-Hellman exchange. */
export interface KeyAgreement {
  /** As it goes on the wire: 32 bytes for X25519, an uncompressed point for the curves of NIST. */
  readonly publicKey: Uint8Array;
  /**
   * The shared secret (RFC 8422 §5.10, §5.11). Throws `WireFormatError` if `peerPublicKey` is not a
   * valid point or yields the all-zero secret.
   */
  agree(peerPublicKey: Uint8Array): Uint8Array;
}

/** A hash that can be continued and read at any point: the handshake transcript. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** The digest so far; the hash can go on. */
  digestSoFar(): Uint8Array;
}

/**
 * Everything cryptographic that the core needs, synchronous. The core imports this and never
 * `node:crypto` itself; no primitive is implemented in this project.
 */
export interface CryptoPort {
  readonly random: Random;
  hash(name: HashName, bytes: Uint8Array): Uint8Array;
  runningHash(name: HashName): RunningHash;
  hmac(name: HashName, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array;
  /** Constant-time comparison; false if the lengths differ. */
  equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean;
  aead(name: AeadName, key: Uint8Array): Aead;
  keyAgreement(group: GroupName): KeyAgreement;
  /** The key of an X.509 certificate in DER. Throws `WireFormatError` if it does not parse. */
  publicKeyOf(certificateDer: Uint8Array): PublicKey;
}
