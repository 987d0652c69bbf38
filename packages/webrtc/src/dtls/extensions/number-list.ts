import { WireFormatError, type SpecRef } from "../../base/errors.ts";
import { WireReader, uint16Bytes, uint8Bytes, vector16, vector8 } from "../wire.ts";

const UNCOMPRESSED = 0;

/** `supported_groups` (RFC 8422 §5.1.1) and `signature_algorithms` (RFC 5246 §7.4.1.4.1): 16-bit numbers, best first. */
export function decodeNumberList(content: Uint8Array, spec: SpecRef): number[] {
  const reader = new WireReader(content, spec);
  const numbers = reader.uint16Vector16(2);
  reader.expectEnd();
  return numbers;
}

/** See {@link decodeNumberList}. */
export function encodeNumberList(numbers: readonly number[]): Uint8Array {
  return vector16(uint16Bytes(...numbers));
}

/** `supported_versions` of a client (RFC 8446 §4.2.1). */
export function decodeSupportedVersions(content: Uint8Array): number[] {
  const reader = new WireReader(content, "RFC 8446 §4.2.1");
  const versions = reader.uint16Vector8(2);
  reader.expectEnd();
  return versions;
}

/** `ec_point_formats` with the one format that is left (RFC 8422 §5.1.2). */
export function encodePointFormats(): Uint8Array {
  return vector8(uint8Bytes(UNCOMPRESSED));
}

/** Throws {@link WireFormatError} if uncompressed points are not among the formats (RFC 8422 §5.1.2). */
export function checkPointFormats(content: Uint8Array): void {
  const reader = new WireReader(content, "RFC 8422 §5.1.2");
  const formats = reader.vector8(1);
  reader.expectEnd();
  if (!formats.includes(UNCOMPRESSED)) {
    throw new WireFormatError("RFC 8422 §5.1.2", "uncompressed points are not offered");
  }
}

/** `renegotiation_info` of a first handshake: an empty vector (RFC 5746 §3.4). */
export function encodeRenegotiationInfo(): Uint8Array {
  return vector8();
}

/** Throws {@link WireFormatError} unless it is that of a first handshake (RFC 5746 §3.4, §3.6). */
export function checkRenegotiationInfo(content: Uint8Array): void {
  const reader = new WireReader(content, "RFC 5746 §3.4");
  reader.vector8(0, 0);
  reader.expectEnd();
}
