import { concatBytes } from "../base/bytes.ts";
import type { CryptoPort, HashName } from "../crypto/crypto-port.ts";

/**
 * All handshake messages of both sides so far, each with the header of an unfragmented message
 * (RFC 6347 §4.2.6). Kept as bytes and not as a hash: CertificateVerify signs them with a hash that
 * is agreed on only at the end (RFC 5246 §7.4.8).
 */
export class Transcript {
  #messages: Uint8Array[] = [];

  add(message: Uint8Array): void {
    this.#messages.push(message);
  }

  /** Everything so far in one array. */
  bytes(): Uint8Array {
    return concatBytes(this.#messages);
  }

  /** The digest of everything so far. */
  hash(crypto: CryptoPort, name: HashName): Uint8Array {
    return crypto.hash(name, this.bytes());
  }

  /** Starts over: a hello that was answered with a cookie does not count (RFC 6347 §4.2.1). */
  clear(): void {
    this.#messages = [];
  }
}
