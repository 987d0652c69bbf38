import assert from "node:assert/strict";
import { test } from "vitest";
import type { Codec } from "./codec.ts";
import { answerFmtp } from "./format-rules.ts";
import { encodingNameOf, supportedCodecs } from "./supported-codecs.ts";

function codec(name: string, sdpFmtpLine?: string): Codec {
  const plain = { mimeType: `video/${name}`, clockRate: 90_000 };
  return sdpFmtpLine === undefined ? plain : { ...plain, sdpFmtpLine };
}

const H264 = codec(
  "H264",
  "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
);

test("H.264: our level if both sides allow asymmetry (RFC 6184 §8.2.2)", () => {
  const offered = codec(
    "H264",
    "profile-level-id=42e034;packetization-mode=1;level-asymmetry-allowed=1",
  );
  assert.equal(answerFmtp(offered, H264), H264.sdpFmtpLine);
});

test("H.264: else the lower level of the two (RFC 6184 §8.2.2)", () => {
  assert.equal(
    answerFmtp(codec("H264", "profile-level-id=42e00a;packetization-mode=1"), H264),
    "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e00a",
  );
  assert.equal(
    answerFmtp(codec("H264", "profile-level-id=42e034;packetization-mode=1"), H264),
    "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
  );
});

test("H.264: properties and limits of the offerer's streams are not repeated (RFC 6184 §8.2.2)", () => {
  const offered = codec(
    "H264",
    "profile-level-id=42e01f;packetization-mode=1;sprop-parameter-sets=Z0IACpZTBYmI;max-fs=8160",
  );
  assert.equal(answerFmtp(offered, H264), H264.sdpFmtpLine);
});

test("H.264 without parameters is answered as Baseline at level 1 (RFC 6184 §8.1)", () => {
  const own = codec(
    "H264",
    "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f",
  );
  assert.equal(
    answerFmtp(codec("H264"), own),
    "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42000a",
  );
});

test("H.265: the level of the answer is not above the offered one (RFC 7798 §7.2.2)", () => {
  const own = codec("H265", "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST");
  assert.equal(
    answerFmtp(codec("H265", "level-id=30;profile-id=1"), own),
    "level-id=30;profile-id=1;tier-flag=0;tx-mode=SRST",
  );
  for (const offered of ["level-id=180", "level-id=-1", "level-id=", "level-id=x", ""]) {
    assert.equal(answerFmtp(codec("H265", offered), own), own.sdpFmtpLine, offered);
  }
});

test("AV1: each side declares what it receives (av1-rtp-spec §7.2.3)", () => {
  const own = codec("AV1", "level-idx=5;profile=0;tier=0");
  assert.equal(answerFmtp(codec("AV1", "level-idx=19;profile=0;tier=1"), own), own.sdpFmtpLine);
  assert.equal(answerFmtp(codec("AV1"), own), own.sdpFmtpLine);
});

test("Opus: the answer has our parameters, whatever the offer says (RFC 7587 §7)", () => {
  const opus = supportedCodecs("audio").find((other) => encodingNameOf(other) === "opus")!;
  const offered = { ...opus, sdpFmtpLine: "stereo=1;sprop-stereo=1;maxaveragebitrate=510000" };
  assert.equal(answerFmtp(offered, opus), "minptime=10;useinbandfec=1");
});

test("VP8 and VP9: limits of the offerer's receiver are not ours (RFC 7741 §6.1, RFC 9628 §6)", () => {
  assert.equal(answerFmtp(codec("VP8", "max-fs=12288;max-fr=60"), codec("VP8")), undefined);
  assert.equal(
    answerFmtp(codec("VP9", "max-fs=12288"), codec("VP9", "profile-id=0")),
    "profile-id=0",
  );
});

test("an offer of one of our own codecs is answered with the same parameters", () => {
  for (const own of [...supportedCodecs("audio"), ...supportedCodecs("video")]) {
    assert.equal(answerFmtp(own, own), own.sdpFmtpLine);
  }
});
