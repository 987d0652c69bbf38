import { WireFormatError } from "../../base/errors.ts";
import { WireReader, vector24 } from "../wire.ts";

const SPEC = "RFC 5246 §7.4.2";
const MAX_CERTIFICATES = 10;

/** The chain in a Certificate message, the peer's own first; empty if it has none. Throws {@link WireFormatError}. */
export function decodeCertificateMessage(body: Uint8Array): Uint8Array[] {
  const reader = new WireReader(body, SPEC);
  const list = new WireReader(reader.vector24(0), SPEC);
  reader.expectEnd();
  const chain: Uint8Array[] = [];
  while (!list.isAtEnd) {
    if (chain.length === MAX_CERTIFICATES) {
      throw new WireFormatError(SPEC, `more than ${MAX_CERTIFICATES} certificates`);
    }
    chain.push(list.vector24(1));
  }
  return chain;
}

/** The body that carries `chain`. */
export function encodeCertificateMessage(chain: readonly Uint8Array[]): Uint8Array {
  return vector24(...chain.map((der) => vector24(der)));
}
