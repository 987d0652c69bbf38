import { readUint16, readUint32, writeUint16, writeUint32 } from "../base/bytes.ts";
import { toTsn } from "../base/serial-number.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";
import type { LocalHalf, PeerHalf } from "./handshake.ts";

const SECRET_BYTES = 32;
const BODY_BYTES = 40;
const MAC_BYTES = 32;
const HASH = "sha-256";

/** All that is needed to set up an association: nothing is kept between INIT ACK and COOKIE ECHO. */
export type CookieContent = {
  readonly createdAtMs: number;
  readonly local: LocalHalf;
  readonly peer: PeerHalf;
  /** Tags of the association that existed when the cookie was made, else zero (RFC 9260 §5.2.2). */
  readonly localTieTag: number;
  readonly peerTieTag: number;
};

/** What came of looking at a cookie. */
export type CookieVerdict =
  | { readonly kind: "valid"; readonly content: CookieContent }
  | { readonly kind: "stale"; readonly content: CookieContent; readonly lateByMs: number }
  | { readonly kind: "forged" };

/**
 * Makes and checks state cookies (RFC 9260 §5.1.3, §5.1.5): the content in the clear, then an
 * HMAC-SHA-256 under a secret that never leaves this object.
 */
export class StateCookies {
  readonly #crypto: CryptoPort;
  readonly #lifetimeMs: number;
  #secret: Uint8Array | undefined;

  constructor(crypto: CryptoPort, lifetimeMs: number) {
    this.#crypto = crypto;
    this.#lifetimeMs = lifetimeMs;
  }

  /** The cookie for an INIT ACK. */
  seal(content: CookieContent): Uint8Array {
    const cookie = new Uint8Array(BODY_BYTES + MAC_BYTES);
    const { local, peer } = content;
    writeUint32(cookie, 0, toStamp(content.createdAtMs));
    writeUint32(cookie, 4, local.verificationTag);
    writeUint32(cookie, 8, local.initialTsn);
    writeUint32(cookie, 12, peer.verificationTag);
    writeUint32(cookie, 16, peer.initialTsn);
    writeUint32(cookie, 20, peer.windowBytes);
    writeUint16(cookie, 24, peer.outgoingStreams);
    writeUint16(cookie, 26, peer.incomingStreams);
    writeUint32(cookie, 28, content.localTieTag);
    writeUint32(cookie, 32, content.peerTieTag);
    cookie[36] =
      (peer.supportsForwardTsn ? 1 : 0) |
      (peer.supportsReset ? 2 : 0) |
      (peer.supportsInterleaving ? 4 : 0) |
      (peer.acceptsZeroChecksum ? 8 : 0);
    cookie.set(this.#mac(cookie.subarray(0, BODY_BYTES)), BODY_BYTES);
    return cookie;
  }

  /** Whether the cookie was made here, and not too long ago. */
  open(cookie: Uint8Array, nowMs: number): CookieVerdict {
    if (cookie.byteLength !== BODY_BYTES + MAC_BYTES) return { kind: "forged" };
    const mac = this.#mac(cookie.subarray(0, BODY_BYTES));
    if (!this.#crypto.equalInConstantTime(mac, cookie.subarray(BODY_BYTES))) {
      return { kind: "forged" };
    }
    const content = decodeContent(cookie, nowMs);
    const lateByMs = nowMs - content.createdAtMs - this.#lifetimeMs;
    return lateByMs > 0 ? { kind: "stale", content, lateByMs } : { kind: "valid", content };
  }

  #mac(body: Uint8Array): Uint8Array {
    this.#secret ??= this.#crypto.random.bytes(SECRET_BYTES);
    return this.#crypto.hmac(HASH, this.#secret, [body]);
  }
}

function decodeContent(cookie: Uint8Array, nowMs: number): CookieContent {
  const flags = cookie[36]!;
  const ageMs = (toStamp(nowMs) - readUint32(cookie, 0)) >>> 0;
  return {
    createdAtMs: nowMs - ageMs,
    local: { verificationTag: readUint32(cookie, 4), initialTsn: toTsn(readUint32(cookie, 8)) },
    peer: {
      verificationTag: readUint32(cookie, 12),
      initialTsn: toTsn(readUint32(cookie, 16)),
      windowBytes: readUint32(cookie, 20),
      outgoingStreams: readUint16(cookie, 24),
      incomingStreams: readUint16(cookie, 26),
      supportsForwardTsn: (flags & 1) !== 0,
      supportsReset: (flags & 2) !== 0,
      supportsInterleaving: (flags & 4) !== 0,
      acceptsZeroChecksum: (flags & 8) !== 0,
    },
    localTieTag: readUint32(cookie, 28),
    peerTieTag: readUint32(cookie, 32),
  };
}

/** Milliseconds on a circle of 49 days: ages are all that counts. */
function toStamp(atMs: number): number {
  return Math.floor(atMs) % 0x1_0000_0000;
}
