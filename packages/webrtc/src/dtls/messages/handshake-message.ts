import { readUint16, readUint24, writeUint16, writeUint24 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";

const SPEC = "RFC 6347 §4.2.2";

/** Bytes in front of each handshake message or fragment. */
export const HANDSHAKE_HEADER_BYTES = 12;

/** Handshake messages of DTLS 1.2 that have a place here (RFC 5246 §7.4, RFC 6347 §4.3.2). */
export const HANDSHAKE_TYPE = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(HANDSHAKE_TYPE));

/**
 * A piece of a handshake message (RFC 6347 §4.2.2).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+-----------------------------------------------+
 * |     type      |           length of the whole message         |
 * +---------------+---------------+-------------------------------+
 * |      message sequence         |        fragment offset        |
 * +---------------+---------------+---------------+---------------+
 * |    ...        |            fragment length                    |
 * +---------------+-----------------------------------------------+
 */
export type HandshakeFragment = {
  readonly type: number;
  /** Length of the whole message without header. */
  readonly messageBytes: number;
  readonly sequence: number;
  readonly fragmentOffset: number;
  /** A view into the record. */
  readonly fragment: Uint8Array;
};

/** A whole handshake message. */
export type HandshakeMessage = {
  readonly type: number;
  readonly sequence: number;
  /** With the header of an unfragmented message, as the transcript wants it (RFC 6347 §4.2.6). */
  readonly bytes: Uint8Array;
  /** `bytes` without the header. */
  readonly body: Uint8Array;
};

/** Reads the fragment at `offset`. Throws {@link WireFormatError}. The next one starts behind it. */
export function decodeHandshakeFragment(bytes: Uint8Array, offset: number): HandshakeFragment {
  if (bytes.byteLength - offset < HANDSHAKE_HEADER_BYTES) {
    throw new WireFormatError(SPEC, "a handshake header is cut off");
  }
  const type = bytes[offset]!;
  const messageBytes = readUint24(bytes, offset + 1);
  const fragmentOffset = readUint24(bytes, offset + 6);
  const fragmentBytes = readUint24(bytes, offset + 9);
  const start = offset + HANDSHAKE_HEADER_BYTES;
  if (!KNOWN_TYPES.has(type)) {
    throw new WireFormatError("RFC 5246 §7.4", `unknown handshake type ${type}`);
  }
  if (fragmentOffset + fragmentBytes > messageBytes) {
    throw new WireFormatError(SPEC, "a fragment reaches over the end of its message");
  }
  if (start + fragmentBytes > bytes.byteLength) {
    throw new WireFormatError(SPEC, "a fragment reaches over the end of its record");
  }
  return {
    type,
    messageBytes,
    sequence: readUint16(bytes, offset + 4),
    fragmentOffset,
    fragment: bytes.subarray(start, start + fragmentBytes),
  };
}

/** Writes the header of a fragment to the front of `target`. */
export function writeHandshakeHeader(
  target: Uint8Array,
  header: Omit<HandshakeFragment, "fragment"> & { readonly fragmentBytes: number },
): void {
  target[0] = header.type;
  writeUint24(target, 1, header.messageBytes);
  writeUint16(target, 4, header.sequence);
  writeUint24(target, 6, header.fragmentOffset);
  writeUint24(target, 9, header.fragmentBytes);
}

/** A whole message in one piece, header included. */
export function encodeHandshakeMessage(
  type: number,
  sequence: number,
  body: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(HANDSHAKE_HEADER_BYTES + body.byteLength);
  writeHandshakeHeader(bytes, {
    type,
    messageBytes: body.byteLength,
    sequence,
    fragmentOffset: 0,
    fragmentBytes: body.byteLength,
  });
  bytes.set(body, HANDSHAKE_HEADER_BYTES);
  return bytes;
}
