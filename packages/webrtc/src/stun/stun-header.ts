import { readUint16, readUint32 } from "../base/bytes.ts";

/** Bytes of the fixed header (RFC 8489 §5). */
export const STUN_HEADER_BYTES = 20;

/** Bytes of a transaction id; it stands behind the magic cookie. */
export const TRANSACTION_ID_BYTES = 12;

/** Where the transaction id begins. */
export const TRANSACTION_ID_OFFSET = 8;

/** The fixed value of bytes 4 to 7. */
export const MAGIC_COOKIE = 0x2112_a442;

/** The one method that ICE uses (RFC 8489 §18.2). */
export const BINDING_METHOD = 0x001;

/** What a message is: half of its type field (RFC 8489 §5). */
export type StunClass = "request" | "indication" | "success" | "error";

const CLASSES: readonly StunClass[] = ["request", "indication", "success", "error"];

/**
 * The 16-bit message type. Its two class bits lie scattered among the method's (RFC 8489 §5):
 *
 *  0                 1
 *  2  3  4 5 6 7 8 9 0 1 2 3 4 5
 * +--+--+-+-+-+-+-+-+-+-+-+-+-+-+
 * |M |M |M|M|M|C|M|M|M|C|M|M|M|M|
 * |11|10|9|8|7|1|6|5|4|0|3|2|1|0|
 * +--+--+-+-+-+-+-+-+-+-+-+-+-+-+
 */
export function encodeMessageType(method: number, messageClass: StunClass): number {
  const classBits = CLASSES.indexOf(messageClass);
  return (
    ((method & 0xf80) << 2) |
    ((method & 0x070) << 1) |
    (method & 0x00f) |
    ((classBits & 2) << 7) |
    ((classBits & 1) << 4)
  );
}

/** The method of a message type. */
export function methodOf(messageType: number): number {
  return ((messageType & 0x3e00) >> 2) | ((messageType & 0x00e0) >> 1) | (messageType & 0x000f);
}

/** The class of a message type. */
export function classOf(messageType: number): StunClass {
  return CLASSES[((messageType & 0x0100) >> 7) | ((messageType & 0x0010) >> 4)]!;
}

/**
 * True if a datagram looks like STUN: the first byte is 0 to 3 (RFC 7983 §7), the cookie is there and
 * the length fits. Reads a few bytes and allocates nothing; it proves nothing about the sender.
 */
export function isStunDatagram(bytes: Uint8Array): boolean {
  return (
    bytes.byteLength >= STUN_HEADER_BYTES &&
    bytes[0]! <= 3 &&
    readUint32(bytes, 4) === MAGIC_COOKIE &&
    readUint16(bytes, 2) + STUN_HEADER_BYTES === bytes.byteLength
  );
}
