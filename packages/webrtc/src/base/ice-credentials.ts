import type { Random } from "./random.ts";

/** RFC 8839 §5.4: `ice-char`. 64 of them, so a character carries six bits. */
const ICE_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** 48 bits. The RFC asks for 24; more keeps agents on one shared port apart. */
const UFRAG_LENGTH = 8;
/** 144 bits; the RFC asks for 128 in at least 22 characters. */
const PASSWORD_LENGTH = 24;

/** Username fragment and password of one side (RFC 8445 §5.3). */
export type IceCredentials = { readonly ufrag: string; readonly password: string };

/** New credentials for one transport. */
export function drawIceCredentials(random: Random): IceCredentials {
  return { ufrag: iceText(random, UFRAG_LENGTH), password: iceText(random, PASSWORD_LENGTH) };
}

function iceText(random: Random, length: number): string {
  let text = "";
  for (const byte of random.bytes(length)) text += ICE_CHARS[byte & 63]!;
  return text;
}
