import { concatBytes } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { WireReader, uint16Bytes, uint8Bytes, vector8 } from "../wire.ts";
import { decodeSigned, encodeSigned, type Signed } from "./signed.ts";

const NAMED_CURVE = 3;

/** ServerKeyExchange with an ephemeral key on a named curve (RFC 8422 §5.4). */
export type ServerKeyExchange = {
  readonly group: number;
  readonly publicKey: Uint8Array;
  /** Over both randoms and {@link ecdhParameters}. */
  readonly signed: Signed;
};

/** Reads the body. Throws {@link WireFormatError}. */
export function decodeServerKeyExchange(body: Uint8Array): ServerKeyExchange {
  const reader = new WireReader(body, "RFC 8422 §5.4");
  const curveType = reader.uint8();
  if (curveType !== NAMED_CURVE) {
    throw new WireFormatError("RFC 8422 §5.4", `curve type ${curveType} is not a named curve`);
  }
  const group = reader.uint16();
  const publicKey = reader.vector8(1);
  const signed = decodeSigned(reader);
  reader.expectEnd();
  return { group, publicKey, signed };
}

/** The body. */
export function encodeServerKeyExchange(message: ServerKeyExchange): Uint8Array {
  return concatBytes([
    ecdhParameters(message.group, message.publicKey),
    encodeSigned(message.signed),
  ]);
}

/** `ServerECDHParams` (RFC 8422 §5.4): what the server signs behind the two randoms. */
export function ecdhParameters(group: number, publicKey: Uint8Array): Uint8Array {
  return concatBytes([uint8Bytes(NAMED_CURVE), uint16Bytes(group), vector8(publicKey)]);
}

/** The client's public key in a ClientKeyExchange (RFC 8422 §5.7). Throws {@link WireFormatError}. */
export function decodeClientKeyExchange(body: Uint8Array): Uint8Array {
  const reader = new WireReader(body, "RFC 8422 §5.7");
  const publicKey = reader.vector8(1);
  reader.expectEnd();
  return publicKey;
}

/** The body that carries `publicKey`. */
export function encodeClientKeyExchange(publicKey: Uint8Array): Uint8Array {
  return vector8(publicKey);
}
