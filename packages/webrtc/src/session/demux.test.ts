import assert from "node:assert/strict";
import { test } from "vitest";

import { classifyDatagram } from "./demux.ts";

test("the first byte tells the protocol at both ends of each range (RFC 7983 §7)", () => {
  const expected: readonly (readonly [number, string])[] = [
    [0, "stun"],
    [3, "stun"],
    [4, "unknown"],
    [19, "unknown"],
    [20, "dtls"],
    [63, "dtls"],
    [64, "unknown"],
    [79, "unknown"],
    [127, "unknown"],
    [128, "rtp"],
    [191, "rtp"],
    [192, "unknown"],
    [255, "unknown"],
  ];
  for (const [first, kind] of expected) {
    assert.equal(classifyDatagram(Uint8Array.of(first, 0, 0)), kind, `first byte ${first}`);
  }
});

test("an empty datagram is nobody's", () => {
  assert.equal(classifyDatagram(new Uint8Array(0)), "unknown");
});
