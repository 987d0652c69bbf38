import { encodeUtf8 } from "../base/bytes.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";

/** A user of a STUN or TURN server. The texts have been through OpaqueString (RFC 8265) already. */
export type LongTermCredentials = {
  readonly username: string;
  readonly realm: string;
  readonly password: string;
};

/** The integrity key of ICE checks: the password itself (RFC 8489 §9.1.1). */
export function shortTermKey(password: string): Uint8Array {
  return encodeUtf8(password);
}

/** The integrity key of a long-term credential (RFC 8489 §9.2.2). */
export function longTermKey(
  crypto: CryptoPort,
  { username, realm, password }: LongTermCredentials,
  algorithm: "md5" | "sha-256" = "md5",
): Uint8Array {
  return crypto.hash(algorithm, encodeUtf8(`${username}:${realm}:${password}`));
}

/** The value of USERHASH (RFC 8489 §14.4). */
export function userhashOf(
  crypto: CryptoPort,
  { username, realm }: Omit<LongTermCredentials, "password">,
): Uint8Array {
  return crypto.hash("sha-256", encodeUtf8(`${username}:${realm}`));
}
