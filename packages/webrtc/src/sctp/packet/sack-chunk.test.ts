import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { toTsn } from "../../base/serial-number.ts";
import { decodeSackChunk, maxGapBlocks, sackBytes, writeSackChunk } from "./sack-chunk.ts";

// A SACK of aiortc 1.4.0, recorded below DTLS.
const RECORDED = fromHex("03000010 8a1e9e41 00100000 0000 0000");
// The example of RFC 9260 §3.3.4: cumulative TSN 12, a_rwnd 4660, TSNs 14, 15 and 17 have arrived.
const RFC_EXAMPLE = fromHex("03000018 0000000c 00001234 0002 0000 0002 0003 0005 0005");

test("a recorded SACK decodes (RFC 9260 §3.3.4)", () => {
  assert.deepEqual(decodeSackChunk(RECORDED, 0, RECORDED.byteLength), {
    cumulativeTsn: toTsn(0x8a1e_9e41),
    receiveWindowBytes: 0x10_0000,
    gapBlocks: [],
    duplicateTsns: [],
  });
});

test("the example of the RFC decodes and encodes (RFC 9260 §3.3.4)", () => {
  const chunk = decodeSackChunk(RFC_EXAMPLE, 0, RFC_EXAMPLE.byteLength);
  assert.deepEqual(chunk.gapBlocks, [2, 3, 5, 5]);
  assert.equal(chunk.cumulativeTsn, 12);
  assert.equal(chunk.receiveWindowBytes, 4_660);
  const encoded = new Uint8Array(sackBytes(chunk));
  writeSackChunk(encoded, 0, chunk);
  assert.deepEqual(encoded, RFC_EXAMPLE);
});

test("blocks that overlap, go backwards or begin at zero are refused (RFC 9260 §3.3.4)", () => {
  for (const blocks of ["0000 0001", "0003 0002", "0002 0005 0005 0006", "0005 0006 0002 0003"]) {
    const gaps = fromHex(blocks);
    const count = (gaps.byteLength / 4).toString(16).padStart(4, "0");
    const hex = `03000020 00000001 00000000 ${count} 0000 ${blocks}`;
    const bytes = fromHex(hex);
    assert.throws(() => decodeSackChunk(bytes, 0, bytes.byteLength), WireFormatError, blocks);
  }
});

test("counts that do not fit are refused (RFC 9260 §3.3.4)", () => {
  const short = RECORDED.slice();
  assert.throws(() => decodeSackChunk(short, 0, 15), WireFormatError);
  short[13] = 1;
  assert.throws(() => decodeSackChunk(short, 0, 16), WireFormatError);
  short.set([0, 0, 0xff, 0xff], 12);
  assert.throws(() => decodeSackChunk(short, 0, 16), WireFormatError);
});

test("what was written decodes to the same, and fits where it was said to", () => {
  const steps = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });
  fc.assert(
    fc.property(
      steps,
      fc.array(fc.nat(0xffff_ffff), { maxLength: 8 }),
      (distances, duplicateTsns) => {
        const gapBlocks: number[] = [];
        for (const distance of distances.slice(0, distances.length & ~1)) {
          gapBlocks.push((gapBlocks.at(-1) ?? 0) + distance);
        }
        const chunk = { cumulativeTsn: toTsn(9), receiveWindowBytes: 77, gapBlocks, duplicateTsns };
        const bytes = new Uint8Array(sackBytes(chunk));
        writeSackChunk(bytes, 0, chunk);
        assert.deepEqual(decodeSackChunk(bytes, 0, bytes.byteLength), chunk);
        const room = sackBytes({ ...chunk, duplicateTsns: [] });
        assert.equal(maxGapBlocks(room), gapBlocks.length / 2);
      },
    ),
  );
  assert.equal(maxGapBlocks(3), 0);
});
