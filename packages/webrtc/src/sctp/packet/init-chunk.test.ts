import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { toTsn } from "../../base/serial-number.ts";
import { decodeInitChunk, encodeInitChunk } from "./init-chunk.ts";

// INIT and INIT ACK of aiortc 1.4.0, recorded below DTLS.
const INIT = fromHex("0100001e 4530aa7c 00100000 ffff ffff 8a1e9e41 c0000004 80080006 c082 0000");
const INIT_ACK = fromHex(
  "0200003c 50071c60 00100000 ffff ffff cfb2fd40 c0000004 80080006 c082 0000 " +
    "0007001c 6b03fc4a42b600f66d42812ed0f034fe15e0b574fa58a1cd",
);

test("a recorded INIT decodes (RFC 9260 §3.3.2)", () => {
  assert.deepEqual(decodeInitChunk(INIT.subarray(0, 0x1e)), {
    initiateTag: 0x4530_aa7c,
    receiveWindowBytes: 0x10_0000,
    outgoingStreams: 65_535,
    incomingStreams: 65_535,
    initialTsn: toTsn(0x8a1e_9e41),
    supportsForwardTsn: true,
    supportedChunkTypes: [0xc0, 0x82],
    unrecognized: [],
  });
});

test("a recorded INIT ACK has its cookie (RFC 9260 §3.3.3)", () => {
  const { stateCookie, initiateTag } = decodeInitChunk(INIT_ACK);
  assert.deepEqual(stateCookie, fromHex("6b03fc4a42b600f66d42812ed0f034fe15e0b574fa58a1cd"));
  assert.equal(initiateTag, 0x5007_1c60);
});

test("encoding the recorded INIT gives it back (RFC 9260 §3.3.2)", () => {
  const encoded = encodeInitChunk("init", decodeInitChunk(INIT.subarray(0, 0x1e)));
  assert.deepEqual(encoded, INIT);
});

test("what was encoded decodes to the same, zero checksum included (RFC 9653 §4)", () => {
  const chunk = {
    ...decodeInitChunk(INIT_ACK),
    zeroChecksumMethod: 1,
    stateCookie: fromHex("010203"),
  };
  assert.deepEqual(decodeInitChunk(encodeInitChunk("initAck", chunk)), chunk);
});

test("unknown parameters are skipped, reported or end the search, as their type asks (RFC 9260 §3.2.1)", () => {
  const fixed = "0100 0020 00000001 00100000 0001 0001 00000005";
  const decode = (parameters: string) => decodeInitChunk(fromHex(fixed + parameters));
  const skipped = decode("bfff0004 c0000004");
  assert.deepEqual([skipped.supportsForwardTsn, skipped.unrecognized.length], [true, 0]);
  const reported = decode("ffff0004 c0000004");
  assert.deepEqual([reported.supportsForwardTsn, reported.unrecognized.length], [true, 1]);
  const stopped = decode("3fff0004 c0000004");
  assert.deepEqual([stopped.supportsForwardTsn, stopped.unrecognized.length], [false, 0]);
  const both = decode("7fff0004 c0000004");
  assert.deepEqual([both.supportsForwardTsn, both.unrecognized.length], [false, 1]);
});

test("reported parameters go back as they came, and not without end (RFC 9260 §3.3.3)", () => {
  const fixed = "0100 0020 00000001 00100000 0001 0001 00000005";
  const init = decodeInitChunk(fromHex(fixed + "ffff0005ab000000".repeat(100)));
  assert.equal(init.unrecognized.length, 8);
  const ack = encodeInitChunk("initAck", { ...init, unrecognized: init.unrecognized.slice(0, 1) });
  assert.deepEqual(ack.subarray(20), fromHex("00080009 ffff0005 ab000000"));
});

test("reported parameters that do not fit are left out, those that do are not (RFC 9260 §3.2.2)", () => {
  const small = { type: 0xffff, value: Uint8Array.of(0xab) };
  const large = { type: 0xc123, value: new Uint8Array(16_300) };
  const ack = { ...decodeInitChunk(INIT_ACK), unrecognized: [large, small] };
  const bareBytes = INIT_ACK.byteLength;
  const encode = (maxBytes: number) => encodeInitChunk("initAck", ack, maxBytes);
  assert.equal(encode(1_000).byteLength, bareBytes + 12);
  assert.equal(encode(bareBytes + 12).byteLength, bareBytes + 12);
  assert.equal(encode(bareBytes + 11).byteLength, bareBytes);
  assert.equal(encode(0).byteLength, bareBytes);
  assert.ok(encodeInitChunk("initAck", ack).byteLength > 16_300);
  assert.deepEqual(decodeInitChunk(encode(1_000)).stateCookie, ack.stateCookie);
});

test("an INIT that is too short is refused (RFC 9260 §3.3.2)", () => {
  assert.throws(() => decodeInitChunk(INIT.subarray(0, 19)), WireFormatError);
  assert.throws(() => decodeInitChunk(INIT.subarray(0, 22)), WireFormatError);
});
