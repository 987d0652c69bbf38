import { concatBytes } from "../../base/bytes.ts";
import { decodeExtensions, encodeExtensions, type Extensions } from "../extensions/extension.ts";
import { WireReader, uint16Bytes, vector16, vector8 } from "../wire.ts";

/** Length of the randoms in both hellos. */
export const RANDOM_BYTES = 32;

/** ClientHello: RFC 5246 §7.4.1.2 with the cookie of RFC 6347 §4.2.1. */
export type ClientHello = {
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cookie: Uint8Array;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: Uint8Array;
  readonly extensions: Extensions;
};

/** Reads the body. Throws `WireFormatError`. */
export function decodeClientHello(body: Uint8Array): ClientHello {
  const reader = new WireReader(body, "RFC 6347 §4.2.1");
  const version = reader.uint16();
  const random = reader.bytes(RANDOM_BYTES);
  const sessionId = reader.vector8(0, 32);
  const cookie = reader.vector8(0);
  const cipherSuites = reader.uint16Vector16(2);
  const compressionMethods = reader.vector8(1);
  const extensions = decodeExtensions(reader);
  reader.expectEnd();
  return { version, random, sessionId, cookie, cipherSuites, compressionMethods, extensions };
}

/** The body. */
export function encodeClientHello(hello: ClientHello): Uint8Array {
  return concatBytes([
    uint16Bytes(hello.version),
    hello.random,
    vector8(hello.sessionId),
    vector8(hello.cookie),
    vector16(uint16Bytes(...hello.cipherSuites)),
    vector8(hello.compressionMethods),
    encodeExtensions(hello.extensions),
  ]);
}
