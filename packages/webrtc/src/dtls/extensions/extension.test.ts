import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex, toHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { WireReader } from "../wire.ts";
import { decodeExtensions, encodeExtensions } from "./extension.ts";
import {
  checkPointFormats,
  checkRenegotiationInfo,
  decodeNumberList,
  decodeSupportedVersions,
  encodeNumberList,
  encodePointFormats,
  encodeRenegotiationInfo,
} from "./number-list.ts";
import { decodeUseSrtp, encodeUseSrtp } from "./use-srtp.ts";

const GROUPS_SPEC = "RFC 8422 §5.1.1";

test("a hello may end without extensions; then none are written (RFC 5246 §7.4.1.2)", () => {
  assert.equal(decodeExtensions(new WireReader(new Uint8Array(0), GROUPS_SPEC)).size, 0);
  assert.equal(encodeExtensions(new Map()).byteLength, 0);
});

test("extensions are type, length and content, in order", () => {
  const bytes = encodeExtensions(
    new Map([
      [23, new Uint8Array(0)],
      [14, fromHex("aa")],
    ]),
  );
  assert.equal(toHex(bytes), "000900170000000e0001aa");
  assert.deepEqual([...decodeExtensions(new WireReader(bytes, GROUPS_SPEC)).keys()], [23, 14]);
});

test("lists of numbers are read back; odd, empty and overlong ones are line noise", () => {
  assert.equal(toHex(encodeNumberList([0x001d, 0x0017])), "0004001d0017");
  assert.deepEqual(decodeNumberList(fromHex("0004001d0017"), GROUPS_SPEC), [0x1d, 0x17]);
  for (const hex of ["", "0000", "0003001d00", "0004001d", "0002001dff"]) {
    assert.throws(() => decodeNumberList(fromHex(hex), GROUPS_SPEC), WireFormatError);
  }
});

test("a client's versions have a length of one byte (RFC 8446 §4.2.1)", () => {
  assert.deepEqual(decodeSupportedVersions(fromHex("04fefcfefd")), [0xfefc, 0xfefd]);
  assert.throws(() => decodeSupportedVersions(fromHex("00")), WireFormatError);
});

test("uncompressed points must be among the formats (RFC 8422 §5.1.2)", () => {
  checkPointFormats(encodePointFormats());
  checkPointFormats(fromHex("03000102"));
  assert.throws(() => checkPointFormats(fromHex("020102")), WireFormatError);
  assert.throws(() => checkPointFormats(fromHex("00")), WireFormatError);
});

test("renegotiation_info is empty in a first handshake (RFC 5746 §3.4)", () => {
  assert.equal(toHex(encodeRenegotiationInfo()), "00");
  checkRenegotiationInfo(fromHex("00"));
  assert.throws(() => checkRenegotiationInfo(fromHex("01aa")), WireFormatError);
  assert.throws(() => checkRenegotiationInfo(fromHex("")), WireFormatError);
});

test("use_srtp is profiles and a key identifier (RFC 5764 §4.1.1)", () => {
  assert.equal(toHex(encodeUseSrtp([7, 1])), "00040007000100");
  const read = decodeUseSrtp(fromHex("0004000700010 2aabb".replace(" ", "")));
  assert.deepEqual(read, { profiles: [7, 1], mki: fromHex("aabb") });
  for (const hex of ["", "000000", "0002000102aa", "000200010000"]) {
    assert.throws(() => decodeUseSrtp(fromHex(hex)), WireFormatError);
  }
});
