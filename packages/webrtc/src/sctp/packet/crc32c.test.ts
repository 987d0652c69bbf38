import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { encodeUtf8 } from "../../base/bytes.ts";
import { crc32c, packetChecksum } from "./crc32c.ts";

/** Bit by bit, straight from the definition. */
function slowCrc32c(bytes: Uint8Array): number {
  let remainder = 0xffff_ffff;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f6_3b78 : remainder >>> 1;
    }
  }
  return ~remainder >>> 0;
}

// RFC 3720 §B.4: the CRC examples of iSCSI, which uses the same polynomial.
test("the published CRC32c examples come out (RFC 3720 §B.4)", () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a91_36aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8_ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd_794e);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113f_db5c);
  assert.equal(crc32c(encodeUtf8("123456789")), 0xe306_9283);
});

test("any length gives what the definition gives (RFC 9260 §A)", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal(crc32c(bytes), slowCrc32c(bytes));
    }),
  );
});

test("the checksum field counts as zero, wherever the packet lies in its buffer (RFC 9260 §6.8)", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 100 }), fc.nat(9), (packet, shift) => {
      const zeroed = packet.slice();
      zeroed.fill(0, 8, 12);
      const buffer = new Uint8Array(packet.byteLength + shift);
      buffer.set(packet, shift);
      assert.equal(packetChecksum(buffer, shift, buffer.byteLength), slowCrc32c(zeroed));
    }),
  );
});
