import { concatBytes } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { WireReader, uint16Bytes, vector16 } from "../wire.ts";

/** Extensions that are understood here, by IANA's numbers. */
export const EXTENSION = {
  supportedGroups: 10,
  ecPointFormats: 11,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  supportedVersions: 43,
  renegotiationInfo: 0xff01,
} as const;

/** More than any client sends, GREASE included. */
const MAX_EXTENSIONS = 64;

/** The extensions of a hello: number to content. */
export type Extensions = ReadonlyMap<number, Uint8Array>;

/**
 * Reads the rest of a hello: nothing, or a list of extensions (RFC 5246 §7.4.1.4). Throws
 * {@link WireFormatError} on two of a kind.
 */
export function decodeExtensions(reader: WireReader): Extensions {
  const extensions = new Map<number, Uint8Array>();
  if (reader.isAtEnd) return extensions;
  const list = new WireReader(reader.vector16(0), "RFC 5246 §7.4.1.4");
  while (!list.isAtEnd) {
    const type = list.uint16();
    const content = list.vector16(0);
    if (extensions.has(type)) {
      throw new WireFormatError("RFC 5246 §7.4.1.4", `extension ${type} stands twice`);
    }
    if (extensions.size === MAX_EXTENSIONS) {
      throw new WireFormatError("RFC 5246 §7.4.1.4", `more than ${MAX_EXTENSIONS} extensions`);
    }
    extensions.set(type, content);
  }
  return extensions;
}

/** The list as it ends a hello; nothing at all if it is empty. */
export function encodeExtensions(extensions: Extensions): Uint8Array {
  if (extensions.size === 0) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  for (const [type, content] of extensions) parts.push(uint16Bytes(type), vector16(content));
  return vector16(concatBytes(parts));
}
