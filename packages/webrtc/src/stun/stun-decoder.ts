import { readUint16, readUint32, roundUpTo4 } from "../base/bytes.ts";
import { WireFormatError } from "../base/errors.ts";
import { FIRST_COMPREHENSION_OPTIONAL_TYPE } from "./attribute-codec.ts";
import type { StunAttributeName, StunAttributeValues } from "./attribute-table.ts";
import { ATTRIBUTE_CODECS, attributeNameOf } from "./attribute-table.ts";
import { FINGERPRINT_TYPE, fingerprintOf } from "./fingerprint.ts";
import type { IntegrityAttribute, IntegrityKind } from "./message-integrity.ts";
import { INTEGRITY_KINDS } from "./message-integrity.ts";
import type { ReceivedStunMessage } from "./stun-message.ts";
import {
  classOf,
  MAGIC_COOKIE,
  methodOf,
  STUN_HEADER_BYTES,
  TRANSACTION_ID_OFFSET,
} from "./stun-header.ts";

const SPEC = "RFC 8489 §5";
const ATTRIBUTE_HEADER_BYTES = 4;

/** Far above what any message here has; bounds the work that a datagram can cause. */
const MAX_ATTRIBUTES = 64;

/**
 * Decodes a STUN message that fills `bytes` exactly; values are views, nothing is copied. A
 * FINGERPRINT is verified, integrity is not. Of attributes that come twice the first counts
 * (RFC 8489 §14). Throws `WireFormatError`.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |0 0|     STUN Message Type     |         Message Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         Magic Cookie                          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     Transaction ID (96 bits)                  |
 */
export function decodeStunMessage(bytes: Uint8Array): ReceivedStunMessage {
  const messageType = checkHeader(bytes);
  const transactionId = bytes.subarray(TRANSACTION_ID_OFFSET, STUN_HEADER_BYTES);
  const reader = new AttributeReader(bytes, transactionId);
  reader.readAll();
  return {
    class: classOf(messageType),
    method: methodOf(messageType),
    transactionId,
    attributes: reader.attributes,
    bytes,
    hasFingerprint: reader.hasFingerprint,
    unknownRequiredTypes: reader.unknownRequiredTypes,
    integrity: reader.integrity,
  };
}

/** Returns the message type. */
function checkHeader(bytes: Uint8Array): number {
  if (bytes.byteLength < STUN_HEADER_BYTES) {
    throw new WireFormatError(SPEC, `header needs 20 bytes, got ${bytes.byteLength}`);
  }
  const messageType = readUint16(bytes, 0);
  if (messageType > 0x3fff) throw new WireFormatError(SPEC, "the two topmost bits are not zero");
  if (readUint32(bytes, 4) !== MAGIC_COOKIE) throw new WireFormatError(SPEC, "no magic cookie");
  const bodyBytes = readUint16(bytes, 2);
  if (bodyBytes % 4 !== 0 || bodyBytes + STUN_HEADER_BYTES !== bytes.byteLength) {
    throw new WireFormatError(SPEC, `length says ${bodyBytes}, message has ${bytes.byteLength}`);
  }
  return messageType;
}

class AttributeReader {
  readonly #bytes: Uint8Array;
  readonly #transactionId: Uint8Array;
  readonly attributes: Partial<StunAttributeValues> = {};
  readonly unknownRequiredTypes: number[] = [];
  readonly integrity: { [Kind in IntegrityKind]?: IntegrityAttribute } = {};
  hasFingerprint = false;

  constructor(bytes: Uint8Array, transactionId: Uint8Array) {
    this.#bytes = bytes;
    this.#transactionId = transactionId;
  }

  readAll(): void {
    let offset = STUN_HEADER_BYTES;
    for (let count = 0; offset < this.#bytes.byteLength; count++) {
      if (count === MAX_ATTRIBUTES) {
        throw new WireFormatError(SPEC, `more than ${MAX_ATTRIBUTES} attributes`);
      }
      if (this.hasFingerprint) {
        throw new WireFormatError("RFC 8489 §14.7", "FINGERPRINT is not the last attribute");
      }
      // The message is a multiple of four long, so a header always fits.
      const valueBytes = readUint16(this.#bytes, offset + 2);
      const end = offset + ATTRIBUTE_HEADER_BYTES + valueBytes;
      if (end > this.#bytes.byteLength) {
        throw new WireFormatError(
          "RFC 8489 §14",
          `attribute at ${offset} is longer than the message`,
        );
      }
      this.#read(readUint16(this.#bytes, offset), offset, end);
      offset = roundUpTo4(end);
    }
  }

  #read(type: number, offset: number, end: number): void {
    const value = this.#bytes.subarray(offset + ATTRIBUTE_HEADER_BYTES, end);
    if (type === FINGERPRINT_TYPE) return this.#readFingerprint(offset, value);
    // Behind MESSAGE-INTEGRITY-SHA256 nothing else counts, behind MESSAGE-INTEGRITY only it
    // (RFC 8489 §14.5, §14.6): such attributes are not protected.
    if (this.integrity.sha256 !== undefined) return;
    if (type === INTEGRITY_KINDS.sha256.type) return this.#readIntegrity("sha256", offset, value);
    if (this.integrity.sha1 !== undefined) return;
    if (type === INTEGRITY_KINDS.sha1.type) return this.#readIntegrity("sha1", offset, value);
    const name = attributeNameOf(type);
    if (name !== undefined) {
      this.#readKnown(name, value);
    } else if (type < FIRST_COMPREHENSION_OPTIONAL_TYPE) {
      this.unknownRequiredTypes.push(type);
    }
  }

  #readKnown<Name extends StunAttributeName>(name: Name, value: Uint8Array): void {
    if (this.attributes[name] !== undefined) return;
    this.attributes[name] = ATTRIBUTE_CODECS[name].decode(value, this.#transactionId);
  }

  #readIntegrity(kind: IntegrityKind, offset: number, digest: Uint8Array): void {
    const { minDigestBytes, digestBytes } = INTEGRITY_KINDS[kind];
    const length = digest.byteLength;
    if (length < minDigestBytes || length > digestBytes || length % 4 !== 0) {
      throw new WireFormatError("RFC 8489 §14.6", `${kind} integrity of ${length} bytes`);
    }
    this.integrity[kind] = { offset, digest };
  }

  #readFingerprint(offset: number, value: Uint8Array): void {
    const isRight =
      value.byteLength === 4 && readUint32(value, 0) === fingerprintOf(this.#bytes, offset);
    if (!isRight) throw new WireFormatError("RFC 8489 §14.7", "FINGERPRINT does not match");
    this.hasFingerprint = true;
  }
}
