import assert from "node:assert/strict";
import { test } from "vitest";
import type { Codec, NegotiatedCodec } from "../../rtp/codec.ts";
import { supportedCodecs } from "../../rtp/supported-codecs.ts";
import { isForbiddenPayloadType, PayloadTypes } from "./payload-type-table.ts";

const VP8: Codec = { mimeType: "video/VP8", clockRate: 90_000 };
const VP9: Codec = { mimeType: "video/VP9", clockRate: 90_000, sdpFmtpLine: "profile-id=0" };
const PCMU: Codec = { mimeType: "audio/PCMU", clockRate: 8_000, channels: 1 };

function numbered(codec: Codec, payloadType: number): NegotiatedCodec {
  return { ...codec, payloadType, rtcpFeedback: [] };
}

/** A codec that nothing else interworks with. */
function variant(index: number): Codec {
  return { mimeType: `video/x-${index}`, clockRate: 90_000 };
}

test("static numbers are used where they are assigned (RFC 3551 §6)", () => {
  const types = new PayloadTypes([]);
  const numbers = supportedCodecs("audio").map((codec) => [codec.mimeType, types.claim(codec)]);
  const byName = new Map(numbers as [string, number][]);
  assert.equal(byName.get("audio/PCMU"), 0);
  assert.equal(byName.get("audio/PCMA"), 8);
  assert.equal(byName.get("audio/G722"), 9);
  assert.equal(byName.get("audio/CN"), 13);
});

test("a static number that a peer took for something else is left to it", () => {
  const types = new PayloadTypes([numbered(VP8, 0)]);
  assert.equal(types.claim(PCMU), 96);
  assert.equal(types.claim(VP8), 0);
});

test("dynamic numbers begin at 96, and never lie in 64 to 95 (RFC 3551 §6, RFC 5761 §4)", () => {
  const types = new PayloadTypes([]);
  const numbers = Array.from({ length: 100 }, (_, index) => types.claim(variant(index)));
  const given = numbers.filter((number) => number !== undefined);
  assert.deepEqual(numbers.slice(0, 3), [96, 97, 98]);
  assert.equal(given.length, 32 + 29, "96 to 127 and 35 to 63");
  assert.equal(new Set(given).size, given.length);
  assert.ok(given.every((number) => number >= 35 && !isForbiddenPayloadType(number)));
  assert.ok(
    given.slice(0, 28).every((number) => number >= 96),
    "96 to 127 come first",
  );
});

test("when nothing is left there is no number, and what is known stays", () => {
  const types = new PayloadTypes([]);
  const first = types.claim(VP8);
  for (let index = 0; index < 100; index++) types.claim(variant(index));
  assert.equal(types.claim(variant(1_000)), undefined);
  assert.equal(types.claim(VP8), first);
});

test("the same codec has the same number in every section of a bundle (RFC 8843 §9.1)", () => {
  const types = new PayloadTypes([]);
  assert.equal(types.claim(VP8), types.claim({ ...VP8, mimeType: "video/vp8" }));
  assert.notEqual(types.claim(VP8), types.claim(VP9));
});

test("numbers that a peer gave are kept and not given to anything else (RFC 3264 §8.3.2)", () => {
  const types = new PayloadTypes([numbered(VP8, 120), numbered(variant(0), 96)]);
  assert.equal(types.claim(VP8), 120);
  assert.equal(types.claim(VP9), 97);
});

test("RTX is another format for each codec that it retransmits (RFC 4588 §8.1)", () => {
  const rtx = (apt: number): Codec => ({
    mimeType: "video/rtx",
    clockRate: 90_000,
    sdpFmtpLine: `apt=${apt}`,
  });
  const types = new PayloadTypes([]);
  assert.notEqual(types.claim(rtx(96)), types.claim(rtx(98)));
  assert.equal(types.claim(rtx(96)), types.claim(rtx(96)));
});

test("a section keeps its own number although another section has a different one", () => {
  const types = new PayloadTypes([numbered(VP8, 100), numbered(VP8, 105)]);
  assert.equal(types.claim(VP8), 100);
  assert.equal(types.claim(VP8, 105), 105);
});

test("a wanted number that means something else is not taken (RFC 8843 §9.1)", () => {
  const types = new PayloadTypes([numbered(VP8, 100), numbered(VP9, 100)]);
  assert.equal(types.claim(VP8, 100), 100);
  assert.notEqual(types.claim(VP9, 100), 100);
});

test("a number that was wanted is not given out afterwards", () => {
  const types = new PayloadTypes([]);
  assert.equal(types.claim(VP8, 97), 97);
  const others = Array.from({ length: 100 }, (_, index) => types.claim(variant(index)));
  assert.ok(!others.includes(97));
});
