import type { StunAttributes } from "./attribute-table.ts";
import type { IntegrityAttribute, IntegrityKind } from "./message-integrity.ts";
import { isIntegrityValid } from "./message-integrity.ts";
import type { StunClass } from "./stun-header.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";

/** A STUN message without its protection (RFC 8489 §5). */
export type StunMessage = {
  readonly class: StunClass;
  /** 12 bits; `BINDING_METHOD` in ICE. */
  readonly method: number;
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
  readonly attributes: StunAttributes;
};

/** A message that came from the wire, with what is needed to judge it. */
export type ReceivedStunMessage = StunMessage & {
  /** The whole message. Transaction id and attributes may be views into it. */
  readonly bytes: Uint8Array;
  /** A FINGERPRINT was there, and it was right; a wrong one does not decode. */
  readonly hasFingerprint: boolean;
  /** Types below 0x8000 that are not known here: a request is answered with 420 (RFC 8489 §6.3.1). */
  readonly unknownRequiredTypes: readonly number[];
  /** The integrity attributes, unverified: see {@link checkIntegrity}. */
  readonly integrity: { readonly [Kind in IntegrityKind]?: IntegrityAttribute };
};

/** What {@link checkIntegrity} found. */
export type IntegrityVerdict = "valid" | "invalid" | "absent";

/**
 * Verifies the strongest integrity attribute of a message (RFC 8489 §9.1.3, §9.1.4), in constant time.
 * Until it says "valid", nothing in the message can be believed.
 */
export function checkIntegrity(
  message: ReceivedStunMessage,
  key: Uint8Array,
  crypto: CryptoPort,
): IntegrityVerdict {
  for (const kind of ["sha256", "sha1"] as const) {
    const attribute = message.integrity[kind];
    if (attribute === undefined) continue;
    return isIntegrityValid(crypto, kind, key, message.bytes, attribute) ? "valid" : "invalid";
  }
  return "absent";
}
