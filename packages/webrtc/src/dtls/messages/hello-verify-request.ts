import { concatBytes } from "../../base/bytes.ts";
import { DTLS_1_0 } from "../protocol-version.ts";
import { WireReader, uint16Bytes, vector8 } from "../wire.ts";

/**
 * The cookie of a HelloVerifyRequest (RFC 6347 §4.2.1). Its version is read over: servers say 1.0
 * whatever they will choose. Throws `WireFormatError`.
 */
export function decodeHelloVerifyRequest(body: Uint8Array): Uint8Array {
  const reader = new WireReader(body, "RFC 6347 §4.2.1");
  reader.uint16();
  const cookie = reader.vector8(0);
  reader.expectEnd();
  return cookie;
}

/** The body that asks for `cookie` to be echoed. */
export function encodeHelloVerifyRequest(cookie: Uint8Array): Uint8Array {
  return concatBytes([uint16Bytes(DTLS_1_0), vector8(cookie)]);
}
