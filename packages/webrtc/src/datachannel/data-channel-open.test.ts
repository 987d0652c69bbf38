import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { fromHex, toHex } from "../base/bytes.ts";
import { UsageError, WireFormatError } from "../base/errors.ts";
import { decodeDataChannelOpen, encodeDataChannelOpen } from "./data-channel-open.ts";

const RELIABLE = { label: "chat", protocol: "", isOrdered: true, priority: 256 };

test("a reliable, ordered OPEN has type 0x00 and no parameter (RFC 8832 §5.1)", () => {
  assert.equal(
    toHex(encodeDataChannelOpen(RELIABLE)),
    "0300010000000000 00040000 63686174".replaceAll(" ", ""),
  );
});

test("each channel type has its code and its parameter (RFC 8832 §5.1)", () => {
  const typeAndParameterOf = (properties: object): string => {
    const bytes = encodeDataChannelOpen({ ...RELIABLE, ...properties });
    return `${toHex(bytes.subarray(1, 2))} ${toHex(bytes.subarray(4, 8))}`;
  };
  assert.equal(typeAndParameterOf({ isOrdered: false }), "80 00000000");
  assert.equal(typeAndParameterOf({ maxRetransmits: 3 }), "01 00000003");
  assert.equal(typeAndParameterOf({ maxRetransmits: 0, isOrdered: false }), "81 00000000");
  assert.equal(typeAndParameterOf({ maxLifetimeMs: 500 }), "02 000001f4");
  assert.equal(typeAndParameterOf({ maxLifetimeMs: 65535, isOrdered: false }), "82 0000ffff");
});

test("an OPEN written by hand after the diagram is understood (RFC 8832 §5.1)", () => {
  const bytes = fromHex("03 82 0200 00000bb8 0003 0005 c3a421 6368617431");
  assert.deepEqual(decodeDataChannelOpen(bytes), {
    label: "ä!",
    protocol: "chat1",
    isOrdered: false,
    priority: 512,
    maxLifetimeMs: 3000,
  });
});

test("the parameter of a reliable channel is ignored (RFC 8832 §5.1)", () => {
  const open = decodeDataChannelOpen(fromHex("03 00 0000 00000007 0000 0000"));
  assert.deepEqual(open, { label: "", protocol: "", isOrdered: true, priority: 0 });
});

test("bytes behind the protocol name are ignored", () => {
  const open = decodeDataChannelOpen(fromHex("03 00 0000 00000000 0001 0001 61 62 ffff"));
  assert.equal(open.label, "a");
  assert.equal(open.protocol, "b");
});

test("an OPEN that ends too early, has an unknown type or is none is refused (RFC 8832 §5.1)", () => {
  for (const hex of [
    "",
    "03",
    "0300000000000000000000",
    "03 00 0000 00000000 0001 0000",
    "03 00 0000 00000000 ffff ffff 61",
    "03 03 0000 00000000 0000 0000",
    "03 7f 0000 00000000 0000 0000",
    "03 83 0000 00000000 0000 0000",
    "00 00 0000 00000000 0000 0000",
    "04 00 0000 00000000 0000 0000",
  ]) {
    assert.throws(() => decodeDataChannelOpen(fromHex(hex)), WireFormatError, hex);
  }
});

test("a label that is no UTF-8 becomes readable, not an error", () => {
  const open = decodeDataChannelOpen(fromHex("03 00 0000 00000000 0002 0000 c328"));
  assert.equal(open.label, "\ufffd(");
});

test("texts longer than their length fields, or two limits, cannot be written (RFC 8832 §5.1)", () => {
  for (const properties of [
    { label: "l".repeat(65_536) },
    { label: "\u00b5".repeat(32_768) },
    { protocol: "p".repeat(65_536) },
    { maxRetransmits: 1, maxLifetimeMs: 1 },
  ]) {
    assert.throws(() => encodeDataChannelOpen({ ...RELIABLE, ...properties }), UsageError);
  }
  const label = "l".repeat(65_535);
  assert.equal(decodeDataChannelOpen(encodeDataChannelOpen({ ...RELIABLE, label })).label, label);
});

test("what is written is read back (property)", () => {
  const reliability = fc.oneof(
    fc.constant({}),
    fc.record({ maxRetransmits: fc.nat(0xffff_ffff) }),
    fc.record({ maxLifetimeMs: fc.nat(0xffff_ffff) }),
  );
  const properties = fc.record({
    label: fc.string({ unit: "grapheme" }),
    protocol: fc.string({ unit: "grapheme" }),
    isOrdered: fc.boolean(),
    priority: fc.nat(0xffff),
  });
  fc.assert(
    fc.property(properties, reliability, (common, limit) => {
      const open = { ...common, ...limit };
      assert.deepEqual(decodeDataChannelOpen(encodeDataChannelOpen(open)), open);
    }),
  );
});
