import { concatBytes } from "../../base/bytes.ts";
import { WireReader, uint16Bytes, uint8Bytes, vector16, vector8 } from "../wire.ts";

const RSA_SIGN = 1;
const ECDSA_SIGN = 64;

/** What a CertificateRequest asks for (RFC 5246 §7.4.4); names of authorities mean nothing in WebRTC. */
export type CertificateRequest = {
  /** Signatures that the server can verify, by number. */
  readonly signatureSchemes: readonly number[];
};

/** Reads the body. Throws `WireFormatError`. */
export function decodeCertificateRequest(body: Uint8Array): CertificateRequest {
  const reader = new WireReader(body, "RFC 5246 §7.4.4");
  reader.vector8(1); // Certificate types repeat what the signature schemes say.
  const signatureSchemes = reader.uint16Vector16(2);
  reader.vector16(0);
  reader.expectEnd();
  return { signatureSchemes };
}

/** The body, with no authorities. */
export function encodeCertificateRequest(request: CertificateRequest): Uint8Array {
  return concatBytes([
    vector8(uint8Bytes(ECDSA_SIGN, RSA_SIGN)),
    vector16(uint16Bytes(...request.signatureSchemes)),
    vector16(),
  ]);
}
