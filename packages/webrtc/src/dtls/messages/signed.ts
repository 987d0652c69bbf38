import { concatBytes } from "../../base/bytes.ts";
import { WireReader, uint16Bytes, vector16 } from "../wire.ts";

/** A signature with the number of its scheme: `digitally-signed` of RFC 5246 §4.7. */
export type Signed = {
  /** See `signature-scheme.ts`. */
  readonly scheme: number;
  readonly signature: Uint8Array;
};

/** Reads it where `reader` stands. Throws `WireFormatError`. */
export function decodeSigned(reader: WireReader): Signed {
  return { scheme: reader.uint16(), signature: reader.vector16(1) };
}

/** The bytes of it. */
export function encodeSigned(signed: Signed): Uint8Array {
  return concatBytes([uint16Bytes(signed.scheme), vector16(signed.signature)]);
}

/** Reads the body of a CertificateVerify (RFC 5246 §7.4.8). Throws `WireFormatError`. */
export function decodeCertificateVerify(body: Uint8Array): Signed {
  const reader = new WireReader(body, "RFC 5246 §7.4.8");
  const signed = decodeSigned(reader);
  reader.expectEnd();
  return signed;
}
