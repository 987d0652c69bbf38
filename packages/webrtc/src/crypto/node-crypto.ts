import { createHash, createHmac, timingSafeEqual, type Hash } from "node:crypto";
import type { Random } from "../base/random.ts";
import type {
  Aead,
  AeadName,
  CryptoPort,
  GroupName,
  HashName,
  KeyAgreement,
  PublicKey,
  RunningHash,
} from "./crypto-port.ts";
import { NodeAead } from "./node-aead.ts";
import { NistKeyAgreement, X25519KeyAgreement } from "./node-key-agreement.ts";
import { NodeRandom } from "./node-random.ts";
import { plainView } from "./plain-view.ts";
import { publicKeyOf } from "./public-key.ts";

/** How OpenSSL spells the names of RFC 8122 and RFC 5246. */
const OPENSSL_HASH: Readonly<Record<HashName, string>> = {
  md5: "md5",
  "sha-1": "sha1",
  "sha-224": "sha224",
  "sha-256": "sha256",
  "sha-384": "sha384",
  "sha-512": "sha512",
};

/**
 * The crypto port on `node:crypto`. `random` defaults to the operating system's generator; a seeded
 * one makes nonces, identifiers and ephemeral keys repeat, which only tests may want.
 */
export function createNodeCrypto(random: Random = new NodeRandom()): CryptoPort {
  return new NodeCrypto(random);
}

class NodeCrypto implements CryptoPort {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  hash(name: HashName, bytes: Uint8Array): Uint8Array {
    return plainView(createHash(OPENSSL_HASH[name]).update(bytes).digest());
  }

  runningHash(name: HashName): RunningHash {
    return new NodeRunningHash(createHash(OPENSSL_HASH[name]));
  }

  hmac(name: HashName, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
    const hmac = createHmac(OPENSSL_HASH[name], key);
    for (const part of parts) hmac.update(part);
    return plainView(hmac.digest());
  }

  equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
    return a.byteLength === b.byteLength && timingSafeEqual(a, b);
  }

  aead(name: AeadName, key: Uint8Array): Aead {
    return new NodeAead(name, key);
  }

  keyAgreement(group: GroupName): KeyAgreement {
    return group === "x25519"
      ? new X25519KeyAgreement(this.random)
      : new NistKeyAgreement(group, this.random);
  }

  publicKeyOf(certificateDer: Uint8Array): PublicKey {
    return publicKeyOf(certificateDer);
  }
}

class NodeRunningHash implements RunningHash {
  readonly #hash: Hash;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digestSoFar(): Uint8Array {
    return plainView(this.#hash.copy().digest());
  }
}
