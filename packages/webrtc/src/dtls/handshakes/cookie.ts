import { concatBytes } from "../../base/bytes.ts";
import type { CryptoPort } from "../../crypto/crypto-port.ts";
import type { ClientHello } from "../messages/client-hello.ts";
import { uint16Bytes } from "../wire.ts";

const SECRET_BYTES = 32;

/**
 * Makes and checks cookies from what a hello must say again, without keeping the hello (RFC 6347
 * §4.2.1). One jar serves one path, so that the address is not part of it.
 */
export class CookieJar {
  readonly #crypto: CryptoPort;
  readonly #secret: Uint8Array;

  constructor(crypto: CryptoPort) {
    this.#crypto = crypto;
    this.#secret = crypto.random.bytes(SECRET_BYTES);
  }

  cookieFor(hello: ClientHello): Uint8Array {
    const parameters = concatBytes([
      uint16Bytes(hello.version),
      hello.random,
      uint16Bytes(hello.sessionId.byteLength),
      hello.sessionId,
      uint16Bytes(hello.cipherSuites.length, ...hello.cipherSuites),
      hello.compressionMethods,
    ]);
    return this.#crypto.hmac("sha-256", this.#secret, [parameters]);
  }

  isValid(hello: ClientHello): boolean {
    return this.#crypto.equalInConstantTime(hello.cookie, this.cookieFor(hello));
  }
}
