import { crc32 } from "./crc32.ts";

/** The attribute's type on the wire. */
export const FINGERPRINT_TYPE = 0x8028;

/** Header and value of the attribute. */
export const FINGERPRINT_ATTRIBUTE_BYTES = 8;

/** "STUN" in ASCII: tells STUN from protocols that end in a CRC-32 of their own. */
const XOR_VALUE = 0x5354_554e;

/**
 * The value of FINGERPRINT over the first `end` bytes of a message, whose length field already
 * counts the attribute (RFC 8489 §14.7).
 */
export function fingerprintOf(message: Uint8Array, end: number): number {
  return (crc32(message, end) ^ XOR_VALUE) >>> 0;
}
