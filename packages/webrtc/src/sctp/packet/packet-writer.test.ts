import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { PacketWriter } from "./packet-writer.ts";
import { encodePacket, hasCorrectChecksum } from "./sctp-packet.ts";

const HEADER = { sourcePort: 1, destinationPort: 2, verificationTag: 3 };

test("chunks one after another give the packet that encoding them at once gives (RFC 9260 §6.10)", () => {
  const writer = new PacketWriter();
  const chunks = [fromHex("0b000004"), fromHex("0e010004")];
  writer.begin(HEADER, 1_200);
  assert.equal(writer.isEmpty, true);
  assert.equal(writer.roomBytes, 1_188);
  for (const chunk of chunks) writer.append(chunk);
  assert.equal(writer.isEmpty, false);
  assert.equal(writer.roomBytes, 1_180);
  assert.deepEqual(writer.finish(true), encodePacket(HEADER, chunks));
});

test("without checksum the field stays zero (RFC 9653 §5.2)", () => {
  const writer = new PacketWriter();
  writer.begin(HEADER, 100);
  writer.append(fromHex("0b000004"));
  const packet = writer.finish(false);
  assert.deepEqual(packet.subarray(8, 12), new Uint8Array(4));
});

test("reserved bytes are padded with zeros, also where an unfinished packet was before", () => {
  const writer = new PacketWriter();
  writer.begin(HEADER, 100);
  writer.bytes.fill(0xff, writer.reserve(40));
  writer.begin(HEADER, 100);
  const offset = writer.reserve(5);
  writer.bytes.set(fromHex("0102030405"), offset);
  assert.deepEqual(writer.finish(true).subarray(12), fromHex("0102030405000000"));
});

test("finished packets never change, over many slabs", () => {
  const writer = new PacketWriter();
  const packets: Uint8Array[] = [];
  for (let index = 0; index < 300; index++) {
    writer.begin(HEADER, 1_191);
    const offset = writer.reserve(1_000);
    writer.bytes.fill(index, offset, offset + 1_000);
    packets.push(writer.finish(true));
  }
  packets.forEach((packet, index) => {
    assert.ok(packet.subarray(12).every((byte) => byte === (index & 0xff)));
    assert.ok(hasCorrectChecksum(packet));
  });
});

test("a chunk that is larger than any packet may be gets one of its own", () => {
  for (const filler of [0, 60_000]) {
    const writer = new PacketWriter();
    writer.begin(HEADER, 65_000);
    writer.reserve(filler);
    writer.finish(true);
    writer.begin(HEADER, 600);
    const offset = writer.reserve(10_000);
    writer.bytes.fill(7, offset, offset + 10_000);
    const packet = writer.finish(true);
    assert.equal(packet.byteLength, 10_012);
    assert.ok(hasCorrectChecksum(packet));
    assert.deepEqual(packet.subarray(0, 8), fromHex("0001000200000003"));
  }
});
