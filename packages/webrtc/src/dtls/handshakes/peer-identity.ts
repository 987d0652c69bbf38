import type { SpecRef } from "../../base/errors.ts";
import { fingerprintOf, FINGERPRINT_HASHES } from "../../crypto/fingerprint.ts";
import type { PublicKey, SignatureName } from "../../crypto/crypto-port.ts";
import { ALERT } from "../messages/alert.ts";
import type { Signed } from "../messages/signed.ts";
import { signatureFromCode } from "../signature-scheme.ts";
import { refusal, type HandshakeConfig } from "./handshake.ts";

/** RFC 8827 §6.5 asks for 2,048 bits and more. */
const MIN_RSA_BITS = 2048;
/** How much of what signaling gave an error repeats. */
const MAX_LISTED = 4;
const MAX_LISTED_LENGTH = 200;

/** A peer whose certificate is the one that signaling promised. */
export type PeerIdentity = {
  readonly chain: readonly Uint8Array[];
  readonly publicKey: PublicKey;
};

/**
 * Ties the peer's certificate to its `a=fingerprint` lines before anything that it signs or sends is
 * believed (RFC 8122 §5, RFC 8827 §6.5). Validity, names and issuers mean nothing here.
 *
 * Of the lines, those with the strongest hash that is supported here count, and one of them must
 * match (RFC 8122 §5: a set per hash function, the most preferred is checked). Throws
 * `ProtocolFailure`: no certificate, no usable line, no match, or a key that cannot sign.
 */
export function identifyPeer(config: HandshakeConfig, chain: readonly Uint8Array[]): PeerIdentity {
  const [own] = chain;
  if (own === undefined) {
    throw refusal(ALERT.handshake_failure, "RFC 8827 §6.5", "the peer presents no certificate");
  }
  checkFingerprint(config, own);
  const publicKey = config.crypto.publicKeyOf(own);
  if (publicKey.algorithm === "unsupported") {
    const message = "the peer's key is neither ECDSA on P-256 or P-384 nor RSA";
    throw refusal(ALERT.unsupported_certificate, "RFC 8827 §6.5", message);
  }
  if (publicKey.algorithm === "rsa" && publicKey.bits < MIN_RSA_BITS) {
    const message = `the peer's RSA key has ${publicKey.bits} bits, fewer than ${MIN_RSA_BITS}`;
    throw refusal(ALERT.insufficient_security, "RFC 8827 §6.5", message);
  }
  return { chain, publicKey };
}

function checkFingerprint(config: HandshakeConfig, certificate: Uint8Array): void {
  const offered = config.remoteFingerprints;
  const hash = FINGERPRINT_HASHES.find((name) =>
    offered.some((line) => line.algorithm.toLowerCase() === name),
  );
  if (hash === undefined) {
    const names = [...new Set(offered.map((line) => line.algorithm))];
    const message = `signaling gave no fingerprint that can be relied on: it gave ${JSON.stringify(names.slice(0, MAX_LISTED).map(shorten))}, accepted are ${FINGERPRINT_HASHES.join(", ")}`;
    throw refusal(ALERT.bad_certificate, "RFC 8122 §5", message, "ERR_FINGERPRINT_MISMATCH");
  }
  const expected = offered
    .filter((line) => line.algorithm.toLowerCase() === hash)
    .map((line) => line.value.toUpperCase());
  const actual = fingerprintOf(certificate, hash);
  if (expected.includes(actual)) return;
  const message = `the peer's certificate is not the one that signaling promised: expected ${hash} ${listOf(expected)}, got ${actual}`;
  throw refusal(ALERT.bad_certificate, "RFC 8122 §5", message, "ERR_FINGERPRINT_MISMATCH");
}

/** The first of what signaling gave, for people: it may be any number of texts of any length. */
function listOf(texts: readonly string[]): string {
  const shown = texts.slice(0, MAX_LISTED).map(shorten);
  const others = texts.length > MAX_LISTED ? ` or ${texts.length - MAX_LISTED} others` : "";
  return `${shown.join(" or ")}${others}`;
}

function shorten(text: string): string {
  return text.slice(0, MAX_LISTED_LENGTH);
}

/** Throws `ProtocolFailure` unless the peer signed `message`, with a signature that we accept. */
export function checkSignature(
  peer: PeerIdentity,
  signed: Signed,
  message: Uint8Array,
  spec: SpecRef,
): SignatureName {
  const name = signatureFromCode(signed.scheme);
  if (name === undefined) {
    const number = `0x${signed.scheme.toString(16).padStart(4, "0")}`;
    throw refusal(
      ALERT.illegal_parameter,
      spec,
      `the peer signs with ${number}, which we did not offer`,
    );
  }
  if (!peer.publicKey.verify(name, message, signed.signature)) {
    throw refusal(ALERT.decrypt_error, spec, `the peer's signature (${name}) does not verify`);
  }
  return name;
}
