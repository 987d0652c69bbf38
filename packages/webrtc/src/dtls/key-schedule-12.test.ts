import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex, toHex } from "../base/bytes.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { CIPHER_SUITES } from "./cipher-suite.ts";
import {
  exportKeyingMaterial12,
  extendedMasterSecret,
  prf12,
  trafficKeys,
  verifyData,
  type MasterSecret,
} from "./key-schedule-12.ts";

const crypto = createNodeCrypto();
const [aes128] = CIPHER_SUITES;
const aes256 = CIPHER_SUITES.find(({ aead }) => aead === "aes-256-gcm")!;
const chacha = CIPHER_SUITES.find(({ aead }) => aead === "chacha20-poly1305")!;
const master: MasterSecret = {
  suite: aes128!,
  secret: new Uint8Array(48).fill(1),
  clientRandom: new Uint8Array(32).fill(2),
  serverRandom: new Uint8Array(32).fill(3),
};

test("the PRF with SHA-256 yields the vector posted to the TLS working group (RFC 5246 §5)", () => {
  // https://mailarchive.ietf.org/arch/msg/tls/fzVCzk-z3FShgGJ6DOXqM1ydxms/
  const output = prf12(
    crypto,
    "sha-256",
    fromHex("9bbe436ba940f017b17652849a71db35"),
    "test label",
    fromHex("a0ba9f936cda311827a6f796ffd5198c"),
    100,
  );
  assert.equal(
    toHex(output),
    "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66",
  );
});

test("the PRF with SHA-384 yields the vector posted to the TLS working group (RFC 5246 §5)", () => {
  const output = prf12(
    crypto,
    "sha-384",
    fromHex("b80b733d6ceefcdc71566ea48e5567df"),
    "test label",
    fromHex("cd665cf6a8447dd6ff8b27555edb7465"),
    148,
  );
  assert.equal(
    toHex(output),
    "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f",
  );
});

test("the master secret has 48 bytes and depends on everything in the session hash (RFC 7627 §4)", () => {
  const premaster = new Uint8Array(32).fill(9);
  const first = extendedMasterSecret(crypto, aes128!, premaster, new Uint8Array(32).fill(1));
  const other = extendedMasterSecret(crypto, aes128!, premaster, new Uint8Array(32).fill(2));
  assert.equal(first.byteLength, 48);
  assert.notDeepEqual(first, other);
  const label = "extended master secret";
  assert.deepEqual(
    first,
    prf12(crypto, "sha-256", premaster, label, new Uint8Array(32).fill(1), 48),
  );
});

test("the key block is cut in the order of RFC 5246 §6.3, without MAC keys", () => {
  for (const suite of [aes128!, aes256, chacha]) {
    const { keyBytes, fixedIvBytes, hash } = suite;
    const seed = fromHex("03".repeat(32) + "02".repeat(32)); // The server's random first.
    const block = prf12(
      crypto,
      hash,
      master.secret,
      "key expansion",
      seed,
      2 * (keyBytes + fixedIvBytes),
    );
    const { client, server } = trafficKeys(crypto, { ...master, suite });
    const joined = [client.key, server.key, client.iv, server.iv].map(toHex).join("");
    assert.equal(joined, toHex(block));
    assert.equal(client.key.byteLength, keyBytes);
    assert.equal(server.iv.byteLength, fixedIvBytes);
  }
});

test("Finished has 12 bytes that differ by sender and by transcript (RFC 5246 §7.4.9)", () => {
  const hash = new Uint8Array(32);
  const client = verifyData(crypto, master, "client", hash);
  assert.equal(client.byteLength, 12);
  assert.notDeepEqual(client, verifyData(crypto, master, "server", hash));
  assert.notDeepEqual(client, verifyData(crypto, master, "client", new Uint8Array(32).fill(1)));
});

test("exporting without a context differs from exporting with an empty one (RFC 5705 §4)", () => {
  const without = exportKeyingMaterial12(crypto, master, "EXPERIMENTAL x", undefined, 40);
  const empty = exportKeyingMaterial12(crypto, master, "EXPERIMENTAL x", new Uint8Array(0), 40);
  assert.equal(without.byteLength, 40);
  assert.notDeepEqual(without, empty);
  const seed = fromHex("02".repeat(32) + "03".repeat(32)); // The client's random first.
  assert.deepEqual(without, prf12(crypto, "sha-256", master.secret, "EXPERIMENTAL x", seed, 40));
});

test("a shorter export is the beginning of a longer one, whatever the hash's size", () => {
  for (const suite of [aes128!, aes256]) {
    const secret = { ...master, suite };
    const long = exportKeyingMaterial12(crypto, secret, "l", undefined, 200);
    for (const byteCount of [0, 1, 31, 32, 33, 47, 48, 49, 100]) {
      const short = exportKeyingMaterial12(crypto, secret, "l", undefined, byteCount);
      assert.deepEqual(short, long.slice(0, byteCount));
    }
  }
});

test("an export out of range is the caller's bug", () => {
  for (const byteCount of [-1, 1.5, 65_536, Number.NaN]) {
    assert.throws(() => exportKeyingMaterial12(crypto, master, "l", undefined, byteCount), {
      code: "ERR_RANGE",
    });
  }
  const context = new Uint8Array(65_536);
  assert.throws(() => exportKeyingMaterial12(crypto, master, "l", context, 1), {
    code: "ERR_RANGE",
  });
});
