import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { PARAMETER_TYPE, decodeParameters, encodeParameters } from "./parameter.ts";

// The parameters of an INIT of aiortc 1.4.0: FORWARD TSN supported, supported extensions.
const RECORDED = fromHex("c0000004 80080006 c082 0000");

test("recorded parameters decode (RFC 9260 §3.2.1)", () => {
  assert.deepEqual(decodeParameters(RECORDED, 0, RECORDED.byteLength), [
    { type: PARAMETER_TYPE.forwardTsnSupported, value: new Uint8Array(0) },
    { type: PARAMETER_TYPE.supportedExtensions, value: fromHex("c082") },
  ]);
});

test("padding that is missing at the end is tolerated", () => {
  assert.equal(decodeParameters(RECORDED, 0, RECORDED.byteLength - 2).length, 2);
});

test("lengths below 4 or beyond the chunk are refused (RFC 9260 §3.2.1)", () => {
  for (const hex of ["00010000", "00010003", "00010005", "0001", "0001000400"]) {
    const bytes = fromHex(hex);
    assert.throws(() => decodeParameters(bytes, 0, bytes.byteLength), WireFormatError, hex);
  }
});

test("what was encoded decodes to the same", () => {
  const parameter = fc
    .tuple(fc.nat(0xffff), fc.uint8Array({ maxLength: 20 }))
    .map(([type, value]) => ({ type, value }));
  fc.assert(
    fc.property(fc.array(parameter, { maxLength: 6 }), (parameters) => {
      const bytes = encodeParameters(parameters);
      assert.deepEqual(decodeParameters(bytes, 0, bytes.byteLength), parameters);
    }),
  );
});
