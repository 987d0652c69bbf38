import { writeUint16 } from "../base/bytes.ts";
import type { CryptoPort, HashName } from "../crypto/crypto-port.ts";
import { STUN_HEADER_BYTES } from "./stun-header.ts";

/** MESSAGE-INTEGRITY (RFC 8489 §14.5) or MESSAGE-INTEGRITY-SHA256 (§14.6). */
export type IntegrityKind = "sha1" | "sha256";

/** An integrity attribute as found in a message. */
export type IntegrityAttribute = {
  /** Where its header begins. */
  readonly offset: number;
  /** The value: a view. */
  readonly digest: Uint8Array;
};

const ATTRIBUTE_HEADER_BYTES = 4;

/** What differs between the two. SHA-256 may be cut to 16 bytes or more, in steps of four. */
export const INTEGRITY_KINDS: {
  readonly [Kind in IntegrityKind]: {
    readonly type: number;
    readonly hash: HashName;
    readonly digestBytes: number;
    readonly minDigestBytes: number;
  };
} = {
  sha1: { type: 0x0008, hash: "sha-1", digestBytes: 20, minDigestBytes: 20 },
  sha256: { type: 0x001c, hash: "sha-256", digestBytes: 32, minDigestBytes: 16 },
};

/**
 * The HMAC over `message` up to `offset`, where the attribute's header begins. What follows the
 * attribute does not count, so the length field is taken as if the message ended with it.
 */
export function integrityDigest(
  crypto: CryptoPort,
  kind: IntegrityKind,
  key: Uint8Array,
  message: Uint8Array,
  offset: number,
  digestBytes: number = INTEGRITY_KINDS[kind].digestBytes,
): Uint8Array {
  const header = message.slice(0, STUN_HEADER_BYTES);
  writeUint16(header, 2, offset + ATTRIBUTE_HEADER_BYTES + digestBytes - STUN_HEADER_BYTES);
  const body = message.subarray(STUN_HEADER_BYTES, offset);
  const digest = crypto.hmac(INTEGRITY_KINDS[kind].hash, key, [header, body]);
  return digest.subarray(0, digestBytes);
}

/** True if `attribute`, found in `message`, was made with `key`. Compares in constant time. */
export function isIntegrityValid(
  crypto: CryptoPort,
  kind: IntegrityKind,
  key: Uint8Array,
  message: Uint8Array,
  attribute: IntegrityAttribute,
): boolean {
  const { digest, offset } = attribute;
  const expected = integrityDigest(crypto, kind, key, message, offset, digest.byteLength);
  return crypto.equalInConstantTime(expected, digest);
}
