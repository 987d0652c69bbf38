import assert from "node:assert/strict";
import { test } from "vitest";
import { WireFormatError } from "../base/errors.ts";
import { decodeDataChannelAck, encodeDataChannelAck } from "./data-channel-ack.ts";

test("an ACK is one byte of value 2 (RFC 8832 §5.2)", () => {
  assert.deepEqual([...encodeDataChannelAck()], [2]);
  decodeDataChannelAck(encodeDataChannelAck());
});

test("bytes behind an ACK are ignored", () => {
  decodeDataChannelAck(Uint8Array.of(2, 0, 0, 0));
});

test("anything else is no ACK (RFC 8832 §8.2.1)", () => {
  for (const bytes of [[], [0], [1], [3], [0, 2]]) {
    assert.throws(() => decodeDataChannelAck(Uint8Array.from(bytes)), WireFormatError);
  }
});
