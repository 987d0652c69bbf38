import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex, toHex } from "../base/bytes.ts";
import { WireFormatError } from "../base/errors.ts";
import { SeededRandom, type Random } from "../base/random.ts";
import type { GroupName } from "./crypto-port.ts";
import { createNodeCrypto } from "./node-crypto.ts";
import { NistKeyAgreement, X25519KeyAgreement } from "./node-key-agreement.ts";

const GROUPS: readonly GroupName[] = ["x25519", "secp256r1", "secp384r1"];

/** A source that yields the given private keys, one after the other. */
class ScriptedRandom extends SeededRandom implements Random {
  readonly #draws: string[];

  constructor(...draws: string[]) {
    super(0);
    this.#draws = draws;
  }

  override bytes(byteCount: number): Uint8Array<ArrayBuffer> {
    const bytes = fromHex(this.#draws.shift() ?? "");
    assert.equal(bytes.byteLength, byteCount);
    return bytes;
  }
}

test("X25519 yields the shared secret of RFC 7748 §6.1", () => {
  const bob = new X25519KeyAgreement(
    new ScriptedRandom("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
  );
  const alicePublic = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
  assert.equal(
    toHex(bob.publicKey),
    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
  );
  assert.equal(
    toHex(bob.agree(fromHex(alicePublic))),
    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
  );
});

test("P-256 yields the shared secret of RFC 5903 §8.1", () => {
  const initiator = new NistKeyAgreement(
    "secp256r1",
    new ScriptedRandom("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433"),
  );
  assert.equal(
    toHex(initiator.publicKey).toUpperCase(),
    "04DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C37725811805271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3",
  );
  const responderPublic =
    "04D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF6356FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB";
  assert.equal(
    toHex(initiator.agree(fromHex(responderPublic))).toUpperCase(),
    "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE",
  );
});

for (const group of GROUPS) {
  test(`${group}: both sides arrive at the same secret, each time another one`, () => {
    const crypto = createNodeCrypto();
    const [a, b, c] = [
      crypto.keyAgreement(group),
      crypto.keyAgreement(group),
      crypto.keyAgreement(group),
    ];
    assert.deepEqual(a.agree(b.publicKey), b.agree(a.publicKey));
    assert.notDeepEqual(a.agree(b.publicKey), a.agree(c.publicKey));
  });

  test(`${group}: the same seed makes the same key, so that a simulation replays`, () => {
    const [first, again] = [7, 7].map((seed) =>
      createNodeCrypto(new SeededRandom(seed)).keyAgreement(group),
    );
    assert.deepEqual(first!.publicKey, again!.publicKey);
  });

  test(`${group}: a key of the wrong length is noise of the wire`, () => {
    const ours = createNodeCrypto().keyAgreement(group);
    for (const byteCount of [0, 1, 31, 33, 64, 66, 96, 98, 255]) {
      assert.throws(() => ours.agree(new Uint8Array(byteCount).fill(4)), WireFormatError);
    }
  });
}

test("X25519 refuses keys that yield the all-zero secret (RFC 7748 §6.1, RFC 8422 §5.11)", () => {
  const ours = createNodeCrypto().keyAgreement("x25519");
  const smallOrderPoints = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ];
  for (const point of smallOrderPoints) {
    assert.throws(() => ours.agree(fromHex(point)), WireFormatError);
  }
});

test("P-256 refuses points off the curve, at infinity and in compressed form (RFC 8422 §5.10)", () => {
  const ours = createNodeCrypto().keyAgreement("secp256r1");
  const theirs = createNodeCrypto().keyAgreement("secp256r1").publicKey;
  const offCurve = theirs.slice();
  offCurve[64]! ^= 1;
  const hybrid = theirs.slice();
  hybrid[0] = 6 + (theirs[64]! & 1);
  const compressed = theirs.slice(0, 33);
  compressed[0] = 2 + (theirs[64]! & 1);
  const zero = new Uint8Array(65);
  zero[0] = 4;
  for (const point of [offCurve, hybrid, compressed, zero, new Uint8Array(1)]) {
    assert.throws(() => ours.agree(point), WireFormatError);
  }
});

test("P-256 draws again when a number is outside the order of the group", () => {
  const random = new ScriptedRandom("ff".repeat(32), "00".repeat(32), `${"00".repeat(31)}01`);
  const generator =
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
  assert.equal(toHex(new NistKeyAgreement("secp256r1", random).publicKey), generator);
});
