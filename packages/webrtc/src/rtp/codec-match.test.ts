import assert from "node:assert/strict";
import { test } from "vitest";
import { codecIdentity, isCompatibleCodec, isSameCodec } from "./codec-match.ts";
import type { Codec } from "./codec.ts";
import { supportedCodecs } from "./supported-codecs.ts";

function canInterwork(a: Codec, b: Codec): boolean {
  return codecIdentity(a) === codecIdentity(b);
}

function video(name: string, sdpFmtpLine?: string): Codec {
  const codec = { mimeType: `video/${name}`, clockRate: 90_000 };
  return sdpFmtpLine === undefined ? codec : { ...codec, sdpFmtpLine };
}

const OPUS: Codec = {
  mimeType: "audio/opus",
  clockRate: 48_000,
  channels: 2,
  sdpFmtpLine: "minptime=10;useinbandfec=1",
};

test("the dictionary match compares names without case, clock rates and channels (webrtc-pc)", () => {
  assert.ok(isSameCodec(OPUS, { ...OPUS, mimeType: "AUDIO/Opus" }));
  assert.ok(!isSameCodec(OPUS, { ...OPUS, mimeType: "audio/opus2" }));
  assert.ok(!isSameCodec(OPUS, { ...OPUS, clockRate: 24_000 }));
  assert.ok(!isSameCodec(OPUS, { ...OPUS, channels: 1 }));
  const { channels: _channels, ...withoutChannels } = OPUS;
  assert.ok(!isSameCodec(OPUS, withoutChannels));
});

test("parameters are compared as a set, not as a text (webrtc-pc, codec dictionary match)", () => {
  assert.ok(isSameCodec(OPUS, { ...OPUS, sdpFmtpLine: "useinbandfec=1; minptime=10" }));
  assert.ok(!isSameCodec(OPUS, { ...OPUS, sdpFmtpLine: "useinbandfec=1" }));
  assert.ok(!isSameCodec(OPUS, { ...OPUS, sdpFmtpLine: "useinbandfec=0;minptime=10" }));
  assert.ok(!isSameCodec(OPUS, { ...OPUS, sdpFmtpLine: `${OPUS.sdpFmtpLine};stereo=1` }));
});

test("a codec without parameters is none with parameters (webrtc-pc, codec dictionary match)", () => {
  assert.ok(!isSameCodec(video("VP9"), video("VP9", "profile-id=0")));
  assert.ok(!isCompatibleCodec(video("VP9"), video("VP9", "profile-id=0")));
  assert.ok(isSameCodec(video("VP8"), video("vp8")));
});

test("inferred parameters take part in the match (webrtc-pc, codec dictionary match)", () => {
  const written = video("AV1", "level-idx=5;profile=0;tier=0");
  assert.ok(isSameCodec(written, video("AV1", "profile=0")));
  assert.ok(!isSameCodec(written, video("AV1", "profile=1")));
});

test("what is not in key-value format is compared as it is (webrtc-pc, codec dictionary match)", () => {
  const events: Codec = { mimeType: "audio/telephone-event", clockRate: 8_000, channels: 1 };
  assert.ok(isSameCodec({ ...events, sdpFmtpLine: "0-15" }, { ...events, sdpFmtpLine: "0-15" }));
  assert.ok(!isSameCodec({ ...events, sdpFmtpLine: "0-15" }, { ...events, sdpFmtpLine: "0-16" }));
  assert.ok(!isSameCodec({ ...events, sdpFmtpLine: "0-15" }, { ...events, sdpFmtpLine: "a=1" }));
});

test("the digits of a profile-level-id have no case (RFC 6184 §8.1)", () => {
  const lower = video("H264", "packetization-mode=1;profile-level-id=42e01f");
  assert.ok(isSameCodec(lower, video("H264", "profile-level-id=42E01F;packetization-mode=1")));
});

test("asymmetrical parameters can be ignored: all of AV1, the levels of H.26x (webrtc-pc)", () => {
  const same: readonly (readonly [Codec, Codec])[] = [
    [video("AV1", "level-idx=5;profile=0;tier=0"), video("AV1", "level-idx=8;profile=1;tier=1")],
    [video("H265", "level-id=93;profile-id=1"), video("H265", "level-id=30;profile-id=1")],
    [video("H264", "profile-level-id=42e01f"), video("H264", "profile-level-id=42e00a")],
    [video("VP9", "profile-id=0"), video("VP9", "profile-id=0;max-fr=30")],
  ];
  for (const [a, b] of same) {
    assert.ok(isCompatibleCodec(a, b), `${a.sdpFmtpLine} and ${b.sdpFmtpLine}`);
    assert.ok(!isSameCodec(a, b));
  }
});

test("symmetrical parameters cannot (webrtc-pc, codec dictionary match)", () => {
  const different: readonly (readonly [Codec, Codec])[] = [
    [video("H265", "profile-id=1"), video("H265", "profile-id=2")],
    [video("H265", "profile-id=1;tier-flag=0"), video("H265", "profile-id=1;tier-flag=1")],
    [video("H265", "tx-mode=SRST"), video("H265", "tx-mode=MRST")],
    [video("H264", "profile-level-id=42e01f"), video("H264", "profile-level-id=64001f")],
    [video("H264", "packetization-mode=1"), video("H264", "packetization-mode=0")],
    [video("VP9", "profile-id=0"), video("VP9", "profile-id=2")],
  ];
  for (const [a, b] of different) {
    assert.ok(!isCompatibleCodec(a, b), `${a.sdpFmtpLine} and ${b.sdpFmtpLine}`);
    assert.ok(!canInterwork(a, b));
  }
});

test("negotiation infers what is absent: VP9 profile 0, AV1 profile 0, H.265 Main (RFC 9628 §6, RFC 7798 §7.1)", () => {
  assert.ok(canInterwork(video("VP9"), video("VP9", "profile-id=0")));
  assert.ok(!canInterwork(video("VP9"), video("VP9", "profile-id=2")));
  assert.ok(canInterwork(video("AV1"), video("AV1", "level-idx=8;profile=0;tier=1")));
  assert.ok(!canInterwork(video("AV1"), video("AV1", "profile=1")));
  assert.ok(canInterwork(video("H265"), video("H265", "profile-id=1;tier-flag=0;tx-mode=srst")));
});

test("H.264 without parameters is Baseline in mode 0 (RFC 6184 §8.1)", () => {
  assert.ok(canInterwork(video("H264"), video("H264", "profile-level-id=42001f")));
  assert.ok(
    !canInterwork(video("H264"), video("H264", "profile-level-id=42001f;packetization-mode=1")),
  );
  assert.ok(!canInterwork(video("H264"), video("H264", "profile-level-id=42e01f")));
});

test("spellings of one H.264 profile interwork (RFC 6184 §8.1, table 5)", () => {
  const spellings = ["42e01f", "42C00A", "4d801f", "58c034"].map((id) =>
    video("h264", `profile-level-id=${id};packetization-mode=1`),
  );
  for (const spelling of spellings) assert.ok(canInterwork(spelling, spellings[0]!));
  assert.ok(
    !canInterwork(video("H264", "profile-level-id=xyz"), video("H264", "profile-level-id=abc")),
  );
});

test("Opus always interworks: its parameters describe the receiver (RFC 7587 §7)", () => {
  assert.ok(canInterwork(OPUS, { ...OPUS, sdpFmtpLine: "stereo=1;maxplaybackrate=16000" }));
  const { sdpFmtpLine: _parameters, ...bare } = OPUS;
  assert.ok(canInterwork(OPUS, bare));
});

test("one channel is one channel, named or not (RFC 8866 §6.6)", () => {
  const g722: Codec = { mimeType: "audio/G722", clockRate: 8_000 };
  assert.ok(canInterwork(g722, { ...g722, channels: 1 }));
  assert.ok(!canInterwork(g722, { ...g722, channels: 2 }));
});

test("clock rate and kind are part of a codec (RFC 4855 §3)", () => {
  assert.ok(!canInterwork(video("VP8"), { ...video("VP8"), clockRate: 30 }));
  assert.ok(!canInterwork(video("red"), { mimeType: "audio/red", clockRate: 90_000 }));
});

test("two capabilities never interwork: each offered codec has at most one answer", () => {
  for (const kind of ["audio", "video"] as const) {
    const identities = supportedCodecs(kind).map(codecIdentity);
    assert.equal(new Set(identities).size, identities.length);
  }
});

test("hostile parameters break nothing", () => {
  for (const text of ["=", ";;;", "a=b=c", "__proto__=1", "profile-id", " = ; = "]) {
    assert.ok(!isSameCodec(video("VP9", text), video("VP9", "profile-id=1")));
    assert.equal(typeof codecIdentity(video("H264", text)), "string");
  }
});
