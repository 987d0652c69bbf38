import { concatBytes, encodeUtf8 } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";
import type { CryptoPort, HashName } from "../crypto/crypto-port.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import { uint16Bytes } from "./wire.ts";

const MASTER_SECRET_BYTES = 48;
const VERIFY_DATA_BYTES = 12;
const MAX_EXPORT_BYTES = 0xffff;

/** What both sides hold when the handshake is over, and everything else is derived from. */
export type MasterSecret = {
  readonly suite: CipherSuite;
  readonly secret: Uint8Array;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
};

/** Keys of one direction. */
export type TrafficKey = {
  readonly key: Uint8Array;
  /** The part of the nonce that never travels. */
  readonly iv: Uint8Array;
};

/** The pseudo-random function of TLS 1.2: P_hash over label and seed (RFC 5246 §5). */
export function prf12(
  crypto: CryptoPort,
  hash: HashName,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  byteCount: number,
): Uint8Array {
  const labelAndSeed = concatBytes([encodeUtf8(label), seed]);
  const output = new Uint8Array(byteCount);
  let chained = labelAndSeed as Uint8Array;
  for (let offset = 0; offset < byteCount;) {
    chained = crypto.hmac(hash, secret, [chained]);
    const block = crypto.hmac(hash, secret, [chained, labelAndSeed]);
    output.set(block.subarray(0, byteCount - offset), offset);
    offset += block.byteLength;
  }
  return output;
}

/** The master secret, bound to the handshake by `sessionHash` (RFC 7627 §4). */
export function extendedMasterSecret(
  crypto: CryptoPort,
  suite: CipherSuite,
  premasterSecret: Uint8Array,
  sessionHash: Uint8Array,
): Uint8Array {
  const label = "extended master secret";
  return prf12(crypto, suite.hash, premasterSecret, label, sessionHash, MASTER_SECRET_BYTES);
}

/** Keys and salts of both directions (RFC 5246 §6.3; AEAD suites have no MAC keys). */
export function trafficKeys(
  crypto: CryptoPort,
  master: MasterSecret,
): { readonly client: TrafficKey; readonly server: TrafficKey } {
  const { keyBytes, fixedIvBytes, hash } = master.suite;
  const seed = concatBytes([master.serverRandom, master.clientRandom]);
  const block = prf12(
    crypto,
    hash,
    master.secret,
    "key expansion",
    seed,
    2 * (keyBytes + fixedIvBytes),
  );
  const ivStart = 2 * keyBytes;
  return {
    client: { key: block.slice(0, keyBytes), iv: block.slice(ivStart, ivStart + fixedIvBytes) },
    server: { key: block.slice(keyBytes, ivStart), iv: block.slice(ivStart + fixedIvBytes) },
  };
}

/** The content of Finished (RFC 5246 §7.4.9). */
export function verifyData(
  crypto: CryptoPort,
  master: MasterSecret,
  sender: "client" | "server",
  transcriptHash: Uint8Array,
): Uint8Array {
  const label = `${sender} finished`;
  return prf12(crypto, master.suite.hash, master.secret, label, transcriptHash, VERIFY_DATA_BYTES);
}

/**
 * Key material for another protocol (RFC 5705 §4); an empty context differs from none. Throws
 * {@link UsageError} on a context or a length over 65,535 bytes.
 */
export function exportKeyingMaterial12(
  crypto: CryptoPort,
  master: MasterSecret,
  label: string,
  context: Uint8Array | undefined,
  byteCount: number,
): Uint8Array {
  if (!Number.isInteger(byteCount) || byteCount < 0 || byteCount > MAX_EXPORT_BYTES) {
    throw new UsageError("ERR_RANGE", `cannot export ${byteCount} bytes`);
  }
  if (context !== undefined && context.byteLength > 0xffff) {
    throw new UsageError("ERR_RANGE", "the context of an export has at most 65,535 bytes");
  }
  const seed = [master.clientRandom, master.serverRandom];
  if (context) seed.push(uint16Bytes(context.byteLength), context);
  return prf12(crypto, master.suite.hash, master.secret, label, concatBytes(seed), byteCount);
}
