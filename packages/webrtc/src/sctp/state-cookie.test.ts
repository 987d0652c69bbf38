import assert from "node:assert/strict";
import { test } from "vitest";
import { toTsn } from "../base/serial-number.ts";
import { sctpTestCrypto } from "../../test/support/sctp-pair.ts";
import { StateCookies } from "./state-cookie.ts";

const CONTENT = {
  createdAtMs: 5_000,
  local: { verificationTag: 0xf000_0001, initialTsn: toTsn(0xffff_ffff) },
  peer: {
    verificationTag: 0x8000_0002,
    initialTsn: toTsn(3),
    windowBytes: 0xffff_fff0,
    outgoingStreams: 65_535,
    incomingStreams: 1_024,
    supportsForwardTsn: true,
    supportsReset: false,
    supportsInterleaving: true,
    acceptsZeroChecksum: false,
  },
  localTieTag: 4,
  peerTieTag: 0xffff_fffe,
};

test("a cookie gives back what went into it (RFC 9260 §5.1.3)", () => {
  const cookies = new StateCookies(sctpTestCrypto(1), 60_000);
  assert.deepEqual(cookies.open(cookies.seal(CONTENT), 6_000), { kind: "valid", content: CONTENT });
  const peer = { ...CONTENT.peer, supportsReset: true, acceptsZeroChecksum: true };
  const other = { ...CONTENT, peer };
  assert.deepEqual(cookies.open(cookies.seal(other), 6_000), { kind: "valid", content: other });
});

test("its lifetime is kept, also when the clock is far on (RFC 9260 §5.1.5)", () => {
  const cookies = new StateCookies(sctpTestCrypto(1), 60_000);
  for (const createdAtMs of [5_000, 2 ** 32 - 10, 2 ** 40]) {
    const cookie = cookies.seal({ ...CONTENT, createdAtMs });
    assert.equal(cookies.open(cookie, createdAtMs + 60_000).kind, "valid");
    const late = cookies.open(cookie, createdAtMs + 60_500);
    assert.ok(late.kind === "stale" && late.lateByMs === 500);
  }
});

test("a cookie of another secret, another length or with a changed bit is forged (RFC 9260 §5.1.5)", () => {
  const cookies = new StateCookies(sctpTestCrypto(1), 60_000);
  const cookie = cookies.seal(CONTENT);
  assert.equal(new StateCookies(sctpTestCrypto(2), 60_000).open(cookie, 5_000).kind, "forged");
  assert.equal(cookies.open(cookie.subarray(1), 5_000).kind, "forged");
  assert.equal(cookies.open(new Uint8Array(0), 5_000).kind, "forged");
  for (let bit = 0; bit < cookie.byteLength * 8; bit += 5) {
    const changed = cookie.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(cookies.open(changed, 5_000).kind, "forged");
  }
});
