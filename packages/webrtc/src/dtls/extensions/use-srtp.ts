import { WireReader, uint16Bytes, vector16, vector8 } from "../wire.ts";

/** `use_srtp` (RFC 5764 §4.1.1). */
export type UseSrtp = {
  /** Protection profiles, best first; exactly one in a ServerHello. */
  readonly profiles: readonly number[];
  /** Master key identifier; empty when not used, which is always so in WebRTC. */
  readonly mki: Uint8Array;
};

/** Throws `WireFormatError`. */
export function decodeUseSrtp(content: Uint8Array): UseSrtp {
  const reader = new WireReader(content, "RFC 5764 §4.1.1");
  const profiles = reader.uint16Vector16(2);
  const mki = reader.vector8(0);
  reader.expectEnd();
  return { profiles, mki };
}

/** With an empty key identifier. */
export function encodeUseSrtp(profiles: readonly number[]): Uint8Array {
  return new Uint8Array([...vector16(uint16Bytes(...profiles)), ...vector8()]);
}
