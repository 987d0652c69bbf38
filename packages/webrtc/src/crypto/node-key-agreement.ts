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
/** What comes before the raw key in DER (RFC 8410 §4, §7). */
const X25519_SPKI_PREFIX = fromHex("302a300506032b656e032100");
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
    this.#privateKey = createPrivateKey({
      key: Buffer.from(concatBytes([X25519_PKCS8_PREFIX, random.bytes(X25519_BYTES)])),
      format: "der",
      type: "pkcs8",
    });
    const spki = createPublicKey(this.#privateKey).export({ format: "der", type: "spki" });
    this.publicKey = new Uint8Array(spki.subarray(X25519_SPKI_PREFIX.byteLength));
  }

  agree(peerPublicKey: Uint8Array): Uint8Array {
    if (peerPublicKey.byteLength !== X25519_BYTES) {
      throw new WireFormatError(
        "RFC 8422 §5.11",
        `an X25519 key has 32 bytes, got ${peerPublicKey.byteLength}`,
      );
    }
    const publicKey = createPublicKey({
      key: Buffer.from(concatBytes([X25519_SPKI_PREFIX, peerPublicKey])),
      format: "der",
      type: "spki",
    });
    const secret = agreeOrUndefined(() =>
      diffieHellman({ privateKey: this.#privateKey, publicKey }),
    );
    if (secret === undefined || secret.every((byte) => byte === 0)) {
      throw new WireFormatError("RFC 8422 §5.11", "the peer's X25519 key has small order");
    }
    return secret;
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
