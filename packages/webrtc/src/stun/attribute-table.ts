import type { TransportAddress } from "../base/datagram.ts";
import { addressCodec, xorAddressCodec } from "./address-attribute.ts";
import type { AttributeCodec } from "./attribute-codec.ts";
import type { StunErrorCode } from "./error-code-attribute.ts";
import { ERROR_CODE_CODEC } from "./error-code-attribute.ts";
import type { PasswordAlgorithm } from "./password-algorithm-attribute.ts";
import {
  PASSWORD_ALGORITHM_CODEC,
  PASSWORD_ALGORITHMS_CODEC,
} from "./password-algorithm-attribute.ts";
import { flagCodec, opaqueCodec, textCodec, uint32Codec, uint64Codec } from "./scalar-attribute.ts";
import { UNKNOWN_ATTRIBUTES_CODEC } from "./unknown-attributes-attribute.ts";

const MAX_USERNAME_BYTES = 513; // RFC 5389's limit; RFC 8489 §14.3 has 508, old peers may send more.
const MAX_TEXT_BYTES = 763; // RFC 8489 §14.9, §14.10, §14.14: under 128 characters of UTF-8.
const USERHASH_BYTES = 32;

/** Every attribute known here with the type of its value. Integrity and fingerprint stand apart. */
export type StunAttributeValues = {
  mappedAddress: TransportAddress;
  username: string;
  errorCode: StunErrorCode;
  unknownAttributes: readonly number[];
  realm: string;
  nonce: string;
  passwordAlgorithm: PasswordAlgorithm;
  /** SHA-256 of user name and realm, sent in place of the user name (RFC 8489 §14.4). */
  userhash: Uint8Array;
  xorMappedAddress: TransportAddress;
  /** ICE: what a peer-reflexive candidate learned from this check would weigh (RFC 8445 §7.1.1). */
  priority: number;
  /** ICE: the controlling side nominates the pair (RFC 8445 §7.1.2). */
  useCandidate: true;
  passwordAlgorithms: readonly PasswordAlgorithm[];
  software: string;
  alternateServer: TransportAddress;
  /** ICE: the sender is controlled; its tie-breaker (RFC 8445 §7.1.3). */
  iceControlled: bigint;
  /** ICE: the sender is controlling; its tie-breaker (RFC 8445 §7.1.3). */
  iceControlling: bigint;
  /** ICE: counts nominations, so that a later one wins (draft-thatcher-ice-renomination-01). */
  nomination: number;
};

/** The name of an attribute known here. */
export type StunAttributeName = keyof StunAttributeValues;

/** The attributes of one message, in the order in which they are sent. */
export type StunAttributes = { readonly [Name in StunAttributeName]?: StunAttributeValues[Name] };

/** The one table that encoder and decoder use. A new attribute is a line here and a type above. */
export const ATTRIBUTE_CODECS: {
  readonly [Name in StunAttributeName]: AttributeCodec<StunAttributeValues[Name]>;
} = {
  mappedAddress: addressCodec(0x0001),
  username: textCodec(0x0006, MAX_USERNAME_BYTES),
  errorCode: ERROR_CODE_CODEC,
  unknownAttributes: UNKNOWN_ATTRIBUTES_CODEC,
  realm: textCodec(0x0014, MAX_TEXT_BYTES),
  nonce: textCodec(0x0015, MAX_TEXT_BYTES),
  passwordAlgorithm: PASSWORD_ALGORITHM_CODEC,
  userhash: opaqueCodec(0x001e, USERHASH_BYTES),
  xorMappedAddress: xorAddressCodec(0x0020),
  priority: uint32Codec(0x0024),
  useCandidate: flagCodec(0x0025),
  passwordAlgorithms: PASSWORD_ALGORITHMS_CODEC,
  software: textCodec(0x8022, MAX_TEXT_BYTES),
  alternateServer: addressCodec(0x8023),
  iceControlled: uint64Codec(0x8029),
  iceControlling: uint64Codec(0x802a),
  nomination: uint32Codec(0xc001),
};

const NAMES = Object.keys(ATTRIBUTE_CODECS) as StunAttributeName[];
const NAME_OF_TYPE = new Map(NAMES.map((name) => [ATTRIBUTE_CODECS[name].type, name]));

/** The name of the attribute with this type on the wire; `undefined` if it is not known here. */
export function attributeNameOf(type: number): StunAttributeName | undefined {
  return NAME_OF_TYPE.get(type);
}
