import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type ECDH,
  type KeyObject,
} from "node:crypto";
import { concatBytes, fromHex } from "../base/bytes.ts";
import { WireFormatError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import type { GroupName, KeyAgreement } from "./crypto-port.ts";

const X25519_BYTES = 32;
/** What comes before the raw private key in DER (RFC 8410 §7). */
const X25519_PKCS8_PREFIX = fromHex("302e020100300506032b656e04220420");
const UNCOMPRESSED_POINT = 4;

type NistCurve = Exclude<GroupName, "x25519">;

const NIST_CURVES: Readonly<Record<NistCurve, { opensslName: string; fieldBytes: number }>> = {
  secp256r1: { opensslName: "prime256v1", fieldBytes: 32 },
  secp384r1: { opensslName: "secp384r1", fieldBytes: 48 },
};

/**
 * X25519 (RFC 7748). The private key comes from the given randomness, so that a simulation replays.
 */
export class X25519KeyAgreement implements KeyAgreement {
  readonly publicKey: Uint8Array;
  readonly #privateKey: KeyObject;

  constructor(random: Random) {
    this.#privateKey = importX25519(random.bytes(X25519_BYTES));
    const { x } = createPublicKey(this.#privateKey).export({ format: "jwk" });
    this.publicKey = new Uint8Array(Buffer.from(x ?? "", "base64url"));
  }

  agree(peerPublicKey: Uint8Array): Uint8Array {
    if (peerPublicKey.byteLength !== X25519_BYTES) {
      throw new WireFormatError(
        "RFC 8422 §5.11",
        `an X25519 key has 32 bytes, got ${peerPublicKey.byteLength}`,
      );
    }
    const key = { kty: "OKP", crv: "X25519", x: Buffer.from(peerPublicKey).toString("base64url") };
    const publicKey = createPublicKey({ key, format: "jwk" });
    const secret = agreeOrUndefined(() =>
      diffieHellman({ privateKey: this.#privateKey, publicKey }),
    );
    if (secret === undefined || secret.every((byte) => byte === 0)) {
      throw new WireFormatError("RFC 8422 §5.11", "the peer's X25519 key has small order");
    }
    return secret;
  }
}

/**
 * A raw private key as a key object. JWK (RFC 8037 §2) is ten times as fast to read as PKCS #8. It
 * also holds the public key, not known yet, which Node reads over; should a version of it mind, the
 * slow way remains.
 */
function importX25519(privateKey: Uint8Array): KeyObject {
  const d = Buffer.from(privateKey).toString("base64url");
  const x = Buffer.alloc(X25519_BYTES).toString("base64url");
  try {
    return createPrivateKey({ key: { kty: "OKP", crv: "X25519", d, x }, format: "jwk" });
  } catch {
    const key = Buffer.from(concatBytes([X25519_PKCS8_PREFIX, privateKey]));
    return createPrivateKey({ key, format: "der", type: "pkcs8" });
  }
}

/** ECDH on a NIST curve with uncompressed points (RFC 8422 §5.4, §5.10). */
export class NistKeyAgreement implements KeyAgreement {
  readonly publicKey: Uint8Array;
  readonly #ecdh: ECDH;
  readonly #curve: NistCurve;

  constructor(group: NistCurve, random: Random) {
    const { opensslName, fieldBytes } = NIST_CURVES[group];
    this.#curve = group;
    this.#ecdh = createECDH(opensslName);
    let isKeySet = false;
    // A number outside the group's order is refused; the chance is 2^-32 a draw.
    while (!isKeySet) isKeySet = trySetPrivateKey(this.#ecdh, random.bytes(fieldBytes));
    this.publicKey = new Uint8Array(this.#ecdh.getPublicKey());
  }

  agree(peerPublicKey: Uint8Array): Uint8Array {
    const pointBytes = 1 + 2 * NIST_CURVES[this.#curve].fieldBytes;
    if (peerPublicKey.byteLength !== pointBytes || peerPublicKey[0] !== UNCOMPRESSED_POINT) {
      throw new WireFormatError("RFC 8422 §5.4.1", `not an uncompressed point of ${this.#curve}`);
    }
    const secret = agreeOrUndefined(() => this.#ecdh.computeSecret(peerPublicKey));
    if (secret === undefined) {
      throw new WireFormatError("RFC 8422 §5.10", `the peer's point is not on ${this.#curve}`);
    }
    return secret;
  }
}

function trySetPrivateKey(ecdh: ECDH, privateKey: Uint8Array): boolean {
  try {
    ecdh.setPrivateKey(privateKey);
    return true;
  } catch {
    return false;
  }
}

function agreeOrUndefined(agree: () => Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(agree());
  } catch {
    return undefined; // Node throws whatever OpenSSL says; here it can only be the peer's key.
  }
}
