import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { toTsn } from "../../base/serial-number.ts";
import { createDataFields } from "./data-chunk.ts";
import { decodeIDataChunk, writeIDataHeader } from "./i-data-chunk.ts";

// Written out by hand after the diagram of RFC 8260 §2.1.
const FIRST = fromHex("400a0017 00000001 0003 0000 00000007 00000033 616263 00");
const SECOND = fromHex("40010016 00000002 0003 0000 00000007 00000001 6465 0000");

test("the first fragment carries the protocol identifier, later ones their number (RFC 8260 §2.1)", () => {
  const fields = createDataFields();
  decodeIDataChunk(FIRST, 0, 0x17, fields);
  const expected = {
    tsn: toTsn(1),
    streamId: 3,
    flags: 10,
    sequence: 7,
    ppid: 51,
    fragmentIndex: 0,
    payloadStart: 20,
    payloadEnd: 23,
  };
  assert.deepEqual(fields, expected);
  decodeIDataChunk(SECOND, 0, 0x16, fields);
  assert.deepEqual(fields, {
    ...expected,
    tsn: toTsn(2),
    flags: 1,
    ppid: 0,
    fragmentIndex: 1,
    payloadEnd: 22,
  });
});

test("chunks that are too short, and absurd fragment numbers, are refused (RFC 8260 §2.1)", () => {
  const fields = createDataFields();
  assert.throws(() => decodeIDataChunk(FIRST, 0, 19, fields), WireFormatError);
  const absurd = SECOND.slice();
  absurd[16] = 0x80;
  assert.throws(() => decodeIDataChunk(absurd, 0, 0x16, fields), WireFormatError);
});

test("what was written decodes to the same (RFC 8260 §2.1)", () => {
  const arbitrary = fc.record({
    tsn: fc.nat(0xffff_ffff).map(toTsn),
    streamId: fc.nat(0xffff),
    sequence: fc.nat(0xffff_ffff),
  });
  fc.assert(
    fc.property(arbitrary, fc.boolean(), fc.nat(0x7fff_ffff), (fields, isFirst, number) => {
      const written = {
        ...fields,
        flags: isFirst ? 2 : 1,
        ppid: isFirst ? number : 0,
        fragmentIndex: isFirst ? 0 : number,
        payloadStart: 20,
        payloadEnd: 24,
      };
      const packet = new Uint8Array(24);
      writeIDataHeader(packet, 0, written);
      const decoded = createDataFields();
      decodeIDataChunk(packet, 0, 24, decoded);
      assert.deepEqual(decoded, written);
    }),
  );
});
