import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import {
  checkPacketBytes,
  decodeCommonHeader,
  encodePacket,
  hasCorrectChecksum,
  readChecksum,
} from "./sctp-packet.ts";

// COOKIE ACK, sent by aiortc 1.4.0 to itself, recorded below DTLS.
const COOKIE_ACK = fromHex("138813884530aa7c976a36d60b000004");
const HEADER = { sourcePort: 5000, destinationPort: 5000, verificationTag: 0x4530_aa7c };

test("a recorded packet decodes, and its checksum is right (RFC 9260 §3.1)", () => {
  checkPacketBytes(COOKIE_ACK);
  assert.deepEqual(decodeCommonHeader(COOKIE_ACK), HEADER);
  assert.equal(readChecksum(COOKIE_ACK), 0xd636_6a97);
  assert.equal(hasCorrectChecksum(COOKIE_ACK), true);
});

test("encoding gives the recorded packet, checksum included (RFC 9260 §6.8)", () => {
  assert.deepEqual(encodePacket(HEADER, [fromHex("0b000004")]), COOKIE_ACK);
});

test("any flipped bit is noticed (RFC 9260 §6.8)", () => {
  for (let bit = 0; bit < COOKIE_ACK.byteLength * 8; bit++) {
    const damaged = COOKIE_ACK.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(hasCorrectChecksum(damaged), false, `bit ${bit}`);
  }
});

test("a packet without room for a chunk is refused (RFC 9260 §3)", () => {
  assert.throws(() => checkPacketBytes(COOKIE_ACK.subarray(0, 15)), WireFormatError);
  assert.throws(() => checkPacketBytes(new Uint8Array(0)), WireFormatError);
});
