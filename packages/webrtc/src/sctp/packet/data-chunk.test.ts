import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { toTsn } from "../../base/serial-number.ts";
import { createDataFields, decodeDataChunk, writeDataHeader } from "./data-chunk.ts";

// "hello" on stream 1, sent by aiortc 1.4.0, recorded below DTLS.
const RECORDED = fromHex("00030015 8a1e9e42 0001 0001 00000033 68656c6c6f 000000");

test("a recorded DATA chunk decodes (RFC 9260 §3.3.1)", () => {
  const fields = createDataFields();
  decodeDataChunk(RECORDED, 0, 0x15, fields);
  assert.deepEqual(fields, {
    tsn: toTsn(0x8a1e_9e42),
    streamId: 1,
    flags: 3,
    sequence: 1,
    ppid: 51,
    fragmentIndex: 0,
    payloadStart: 16,
    payloadEnd: 21,
  });
});

test("writing the decoded fields gives the recorded header (RFC 9260 §3.3.1)", () => {
  const fields = createDataFields();
  decodeDataChunk(RECORDED, 0, 0x15, fields);
  const target = new Uint8Array(16);
  writeDataHeader(target, 0, fields);
  assert.deepEqual(target, RECORDED.subarray(0, 16));
});

test("a chunk without room for the header is refused, one without user data decodes", () => {
  const fields = createDataFields();
  assert.throws(() => decodeDataChunk(RECORDED, 0, 15, fields), WireFormatError);
  decodeDataChunk(RECORDED, 0, 16, fields);
  assert.equal(fields.payloadEnd - fields.payloadStart, 0);
});

test("what was written decodes to the same, wherever it lies in the packet", () => {
  const arbitrary = fc.record({
    tsn: fc.nat(0xffff_ffff).map(toTsn),
    streamId: fc.nat(0xffff),
    flags: fc.nat(15),
    sequence: fc.nat(0xffff),
    ppid: fc.nat(0xffff_ffff),
    fragmentIndex: fc.constant(0),
  });
  fc.assert(
    fc.property(arbitrary, fc.nat(50), fc.nat(50), (fields, offset, payloadBytes) => {
      const payloadStart = offset + 16;
      const written = { ...fields, payloadStart, payloadEnd: payloadStart + payloadBytes };
      const packet = new Uint8Array(offset + 16 + payloadBytes);
      writeDataHeader(packet, offset, written);
      const decoded = createDataFields();
      decodeDataChunk(packet, offset, packet.byteLength, decoded);
      assert.deepEqual(decoded, written);
    }),
  );
});
