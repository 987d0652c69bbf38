import { sign as signMessage, type KeyObject } from "node:crypto";
import type { Random } from "../base/random.ts";
import { formatUtc } from "./calendar.ts";
import {
  derBitString,
  derExplicit,
  derInteger,
  derNull,
  derObjectIdentifier,
  derSequence,
  derSet,
  derTime,
  derUtf8String,
} from "./der.ts";

const SERIAL_BYTES = 16;
const X509_VERSION_3 = 2;
const OID_COMMON_NAME = "2.5.4.3";
const OID_ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const OID_SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
/** The same for all, so that a name tells nothing about who made it. */
const COMMON_NAME = "WebRTC";

/** What goes into {@link selfSignedCertificate}. */
export type SelfSignedRequest = {
  /** The public key in DER. */
  readonly subjectPublicKeyInfo: Uint8Array;
  /** ECDSA or RSA. */
  readonly privateKey: KeyObject;
  readonly random: Random;
  readonly notBeforeEpochMs: number;
  readonly notAfterEpochMs: number;
};

/** An X.509 v3 certificate in DER, issued by its own subject (RFC 5280 §4.1). */
export function selfSignedCertificate(request: SelfSignedRequest): Uint8Array {
  const signatureAlgorithm =
    request.privateKey.asymmetricKeyType === "rsa"
      ? derSequence(derObjectIdentifier(OID_SHA256_WITH_RSA), derNull())
      : derSequence(derObjectIdentifier(OID_ECDSA_WITH_SHA256));
  const name = derSequence(
    derSet(derSequence(derObjectIdentifier(OID_COMMON_NAME), derUtf8String(COMMON_NAME))),
  );
  const toBeSigned = derSequence(
    derExplicit(0, derInteger(new Uint8Array([X509_VERSION_3]))),
    derInteger(serialNumber(request.random)),
    signatureAlgorithm,
    name,
    derSequence(
      derTime(formatUtc(request.notBeforeEpochMs)),
      derTime(formatUtc(request.notAfterEpochMs)),
    ),
    name,
    request.subjectPublicKeyInfo,
  );
  const signature = signMessage("sha256", toBeSigned, request.privateKey);
  return derSequence(toBeSigned, signatureAlgorithm, derBitString(signature));
}

/** Positive, at most 20 bytes, never short (RFC 5280 §4.1.2.2): Firefox refuses what is not. */
function serialNumber(random: Random): Uint8Array {
  const serial = random.bytes(SERIAL_BYTES);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return serial;
}
