import { roundUpTo4, writeUint16, writeUint32 } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";
import type { StunAttributeName, StunAttributes } from "./attribute-table.ts";
import { ATTRIBUTE_CODECS } from "./attribute-table.ts";
import { FINGERPRINT_ATTRIBUTE_BYTES, FINGERPRINT_TYPE, fingerprintOf } from "./fingerprint.ts";
import type { IntegrityKind } from "./message-integrity.ts";
import { INTEGRITY_KINDS, integrityDigest } from "./message-integrity.ts";
import {
  encodeMessageType,
  MAGIC_COOKIE,
  STUN_HEADER_BYTES,
  TRANSACTION_ID_BYTES,
  TRANSACTION_ID_OFFSET,
} from "./stun-header.ts";
import type { StunMessage } from "./stun-message.ts";

const ATTRIBUTE_HEADER_BYTES = 4;

/** How a message is protected. */
export type StunProtection = {
  /** Proof that the sender knows `key`. */
  readonly integrity?: {
    readonly crypto: CryptoPort;
    readonly key: Uint8Array;
    /** MESSAGE-INTEGRITY, which every peer knows, if left out. */
    readonly kind?: IntegrityKind;
  };
  /** A checksum that tells STUN from other traffic on the port. */
  readonly hasFingerprint?: boolean;
};

/**
 * The message on the wire: attributes in the order of the object, then integrity, then fingerprint.
 * Throws `UsageError` for a value that cannot be expressed.
 */
export function encodeStunMessage(
  message: StunMessage,
  protection: StunProtection = {},
): Uint8Array<ArrayBuffer> {
  if (message.transactionId.byteLength !== TRANSACTION_ID_BYTES) {
    throw new UsageError(
      "ERR_RANGE",
      `transaction id of ${message.transactionId.byteLength} bytes`,
    );
  }
  const attributes = encodeAttributes(message.attributes, message.transactionId);
  const integrityKind = protection.integrity?.kind ?? "sha1";
  const integrityBytes =
    protection.integrity === undefined
      ? 0
      : ATTRIBUTE_HEADER_BYTES + INTEGRITY_KINDS[integrityKind].digestBytes;
  const fingerprintBytes = protection.hasFingerprint ? FINGERPRINT_ATTRIBUTE_BYTES : 0;
  const bytes = new Uint8Array(
    STUN_HEADER_BYTES + byteCountOf(attributes) + integrityBytes + fingerprintBytes,
  );
  writeUint16(bytes, 0, encodeMessageType(message.method, message.class));
  writeUint16(bytes, 2, bytes.byteLength - STUN_HEADER_BYTES);
  writeUint32(bytes, 4, MAGIC_COOKIE);
  bytes.set(message.transactionId, TRANSACTION_ID_OFFSET);

  let offset = STUN_HEADER_BYTES;
  for (const { type, value } of attributes) offset = writeAttribute(bytes, offset, type, value);
  if (protection.integrity !== undefined) {
    const { crypto, key } = protection.integrity;
    const digest = integrityDigest(crypto, integrityKind, key, bytes, offset);
    offset = writeAttribute(bytes, offset, INTEGRITY_KINDS[integrityKind].type, digest);
  }
  if (protection.hasFingerprint) {
    const value = new Uint8Array(4);
    writeUint32(value, 0, fingerprintOf(bytes, offset));
    writeAttribute(bytes, offset, FINGERPRINT_TYPE, value);
  }
  return bytes;
}

type EncodedAttribute = { readonly type: number; readonly value: Uint8Array };

function encodeAttributes(
  attributes: StunAttributes,
  transactionId: Uint8Array,
): readonly EncodedAttribute[] {
  const encoded: EncodedAttribute[] = [];
  for (const name of Object.keys(attributes) as StunAttributeName[]) {
    const attribute = encodeAttribute(name, attributes, transactionId);
    if (attribute !== undefined) encoded.push(attribute);
  }
  return encoded;
}

function encodeAttribute<Name extends StunAttributeName>(
  name: Name,
  attributes: StunAttributes,
  transactionId: Uint8Array,
): EncodedAttribute | undefined {
  const codec = ATTRIBUTE_CODECS[name];
  const value = attributes[name];
  if (value === undefined) return undefined;
  return { type: codec.type, value: codec.encode(value, transactionId) };
}

function byteCountOf(attributes: readonly EncodedAttribute[]): number {
  let byteCount = 0;
  for (const { value } of attributes) {
    byteCount += ATTRIBUTE_HEADER_BYTES + roundUpTo4(value.byteLength);
  }
  return byteCount;
}

/** Returns the offset behind the attribute and its padding, which stays zero. */
function writeAttribute(
  bytes: Uint8Array,
  offset: number,
  type: number,
  value: Uint8Array,
): number {
  writeUint16(bytes, offset, type);
  writeUint16(bytes, offset + 2, value.byteLength);
  bytes.set(value, offset + ATTRIBUTE_HEADER_BYTES);
  return offset + ATTRIBUTE_HEADER_BYTES + roundUpTo4(value.byteLength);
}
