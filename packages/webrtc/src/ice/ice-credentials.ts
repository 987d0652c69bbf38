import { UsageError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import type { IceParameters } from "./ice-options.ts";

/** RFC 8839 §5.4: `ice-char`. 64 of them, so a character carries six bits. */
const ICE_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** 48 bits. The RFC asks for 24; more keeps agents on one shared port apart. */
const UFRAG_LENGTH = 8;

/** 144 bits; the RFC asks for 128 in at least 22 characters. */
const PASSWORD_LENGTH = 24;

/** ice-chars, and the four that some stacks use and libwebrtc takes; the SDP parser lets the same pass. */
const UFRAG_PATTERN = /^[A-Za-z0-9+/\-_=#]{4,256}$/;
const PASSWORD_PATTERN = /^[A-Za-z0-9+/\-_=#]{22,256}$/;

/** New credentials for one agent (RFC 8445 §5.3). */
export function createIceParameters(random: Random): IceParameters {
  return { ufrag: iceText(random, UFRAG_LENGTH), password: iceText(random, PASSWORD_LENGTH) };
}

/** Throws `UsageError` if the peer's credentials are not of the form of RFC 8839 §5.4. */
export function checkIceParameters(parameters: IceParameters): void {
  if (!UFRAG_PATTERN.test(parameters.ufrag)) {
    throw new UsageError(
      "ERR_RANGE",
      "ice-ufrag must be 4 to 256 ice-chars: letters, digits, + and /",
    );
  }
  if (!PASSWORD_PATTERN.test(parameters.password)) {
    throw new UsageError(
      "ERR_RANGE",
      "ice-pwd must be 22 to 256 ice-chars: letters, digits, + and /",
    );
  }
}

function iceText(random: Random, length: number): string {
  let text = "";
  for (const byte of random.bytes(length)) text += ICE_CHARS[byte & 63]!;
  return text;
}
