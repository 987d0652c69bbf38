import type { AeadName, HashName } from "../crypto/crypto-port.ts";

/** A cipher suite of TLS 1.2 with forward secrecy and authenticated encryption. */
export type CipherSuite = {
  readonly id: number;
  /** IANA's name. */
  readonly name: string;
  /** Which kind of server certificate it needs. */
  readonly authentication: "ecdsa" | "rsa";
  readonly aead: AeadName;
  readonly keyBytes: number;
  /** The part of the nonce that comes from the key block. */
  readonly fixedIvBytes: number;
  /** The part of the nonce that travels in each record. */
  readonly explicitNonceBytes: number;
  /** Of the pseudo-random function and the transcript. */
  readonly hash: HashName;
};

/** RFC 5288 §3: four bytes of salt, eight on the wire. */
const GCM_NONCE = { fixedIvBytes: 4, explicitNonceBytes: 8 } as const;
/** RFC 7905 §2: the whole nonce comes from the key block and the sequence number. */
const CHACHA_NONCE = { fixedIvBytes: 12, explicitNonceBytes: 0 } as const;

/** Behind all suites: "I know RFC 5746, and this is no renegotiation" (RFC 5746 §3.3). */
export const EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff;

/**
 * All suites of this stack, best first. AES-128 leads since it is what RFC 8827 §6.5 requires of
 * everybody, and the fastest here.
 */
export const CIPHER_SUITES: readonly CipherSuite[] = [
  suite(0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ecdsa", "aes-128-gcm"),
  suite(0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "rsa", "aes-128-gcm"),
  suite(0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ecdsa", "chacha20-poly1305"),
  suite(0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "rsa", "chacha20-poly1305"),
  suite(0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ecdsa", "aes-256-gcm"),
  suite(0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "rsa", "aes-256-gcm"),
];

function suite(
  id: number,
  name: string,
  authentication: CipherSuite["authentication"],
  aead: AeadName,
): CipherSuite {
  const nonce = aead === "chacha20-poly1305" ? CHACHA_NONCE : GCM_NONCE;
  const keyBytes = aead === "aes-128-gcm" ? 16 : 32;
  const hash = aead === "aes-256-gcm" ? "sha-384" : "sha-256";
  return { id, name, authentication, aead, keyBytes, hash, ...nonce };
}
