import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex, toHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import {
  decodeHandshakeFragment,
  encodeHandshakeMessage,
  HANDSHAKE_TYPE,
} from "./handshake-message.ts";

test("a whole message is one fragment from 0 to its length (RFC 6347 §4.2.2)", () => {
  const bytes = encodeHandshakeMessage(HANDSHAKE_TYPE.finished, 3, fromHex("aabbcc"));
  assert.equal(toHex(bytes), "140000030003000000000003aabbcc");
  assert.deepEqual(decodeHandshakeFragment(bytes, 0), {
    type: HANDSHAKE_TYPE.finished,
    messageBytes: 3,
    sequence: 3,
    fragmentOffset: 0,
    fragment: fromHex("aabbcc"),
  });
});

test("a fragment is read at its offset, and bytes behind it are left alone", () => {
  const bytes = fromHex("ffff 0b 000100 0001 000010 000002 aabb cc");
  const fragment = decodeHandshakeFragment(bytes, 2);
  assert.equal(fragment.messageBytes, 256);
  assert.equal(fragment.fragmentOffset, 16);
  assert.equal(toHex(fragment.fragment), "aabb");
});

test("an empty fragment, and one of an empty message, are fragments", () => {
  assert.equal(
    decodeHandshakeFragment(fromHex("0e0000000004000000000000"), 0).fragment.byteLength,
    0,
  );
  assert.equal(decodeHandshakeFragment(fromHex("0b0000050001000005000000"), 0).fragmentOffset, 5);
});

test("lengths that contradict each other are line noise", () => {
  const noise = {
    "a header cut off": "0b0000000001000000000000".slice(0, -2),
    "over the end of the message": "0b000002000100000100000200aa",
    "offset over the end of the message": "0b0000020001000003000000",
    "over the end of the record": "0b0000020001000000000002aa",
    "an unknown type": "630000000001000000000000",
  };
  for (const [name, hex] of Object.entries(noise)) {
    assert.throws(() => decodeHandshakeFragment(fromHex(hex), 0), WireFormatError, name);
  }
});
