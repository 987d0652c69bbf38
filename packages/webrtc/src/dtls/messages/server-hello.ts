import { concatBytes } from "../../base/bytes.ts";
import { decodeExtensions, encodeExtensions, type Extensions } from "../extensions/extension.ts";
import { WireReader, uint16Bytes, uint8Bytes, vector8 } from "../wire.ts";
import { RANDOM_BYTES } from "./client-hello.ts";

/** ServerHello (RFC 5246 §7.4.1.3). */
export type ServerHello = {
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensions: Extensions;
};

/** Reads the body. Throws `WireFormatError`. */
export function decodeServerHello(body: Uint8Array): ServerHello {
  const reader = new WireReader(body, "RFC 5246 §7.4.1.3");
  const version = reader.uint16();
  const random = reader.bytes(RANDOM_BYTES);
  const sessionId = reader.vector8(0, 32);
  const cipherSuite = reader.uint16();
  const compressionMethod = reader.uint8();
  const extensions = decodeExtensions(reader);
  reader.expectEnd();
  return { version, random, sessionId, cipherSuite, compressionMethod, extensions };
}

/** The body. */
export function encodeServerHello(hello: ServerHello): Uint8Array {
  return concatBytes([
    uint16Bytes(hello.version),
    hello.random,
    vector8(hello.sessionId),
    uint16Bytes(hello.cipherSuite),
    uint8Bytes(hello.compressionMethod),
    encodeExtensions(hello.extensions),
  ]);
}
