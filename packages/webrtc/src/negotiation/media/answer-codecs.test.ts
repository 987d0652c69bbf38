import assert from "node:assert/strict";
import { test } from "vitest";
import type { Codec, MediaKind, NegotiatedCodec } from "../../rtp/codec.ts";
import { encodingNameOf, supportedCodecs } from "../../rtp/supported-codecs.ts";
import { answerCodecs } from "./payload-types.ts";

/** `96 VP8`, `97 rtx apt=96`, `111 opus/48000/2 stereo=1`. */
function offered(kind: MediaKind, ...lines: string[]): readonly NegotiatedCodec[] {
  return lines.map((line) => {
    const [number, encoding, ...parameters] = line.split(" ");
    const [name, rate, channels] = encoding!.split("/");
    return {
      mimeType: `${kind}/${name}`,
      clockRate: rate === undefined ? 90_000 : Number(rate),
      ...(kind === "audio" ? { channels: channels === undefined ? 1 : Number(channels) } : {}),
      ...(parameters.length === 0 ? {} : { sdpFmtpLine: parameters.join(" ") }),
      payloadType: Number(number),
      rtcpFeedback: [],
    };
  });
}

function describe(codecs: readonly NegotiatedCodec[]): readonly string[] {
  return codecs.map(({ payloadType, mimeType, sdpFmtpLine = "" }) =>
    `${payloadType} ${mimeType.split("/")[1]} ${sdpFmtpLine}`.trimEnd(),
  );
}

function answer(kind: MediaKind, lines: readonly string[], preferred: readonly Codec[] = []) {
  return describe(answerCodecs(offered(kind, ...lines), { kind, preferred }));
}

function preferring(kind: MediaKind, ...names: string[]): readonly Codec[] {
  return names.flatMap((name) =>
    supportedCodecs(kind).filter((codec) => encodingNameOf(codec) === name),
  );
}

test("the answer has the offer's payload types and order (RFC 3264 §6.1, RFC 9429 §5.3.1)", () => {
  assert.deepEqual(answer("video", ["120 VP9", "35 rtx apt=120", "101 vp8", "102 rtx apt=101"]), [
    "120 VP9 profile-id=0",
    "35 rtx apt=120",
    "101 VP8",
    "102 rtx apt=101",
  ]);
});

test("our preferences, if any, decide order and choice (RFC 9429 §5.3.1)", () => {
  const lines = ["96 VP8", "97 rtx apt=96", "98 VP9", "99 rtx apt=98", "100 AV1"];
  assert.deepEqual(answer("video", lines, preferring("video", "h264", "vp9", "vp8")), [
    "98 VP9 profile-id=0",
    "96 VP8",
  ]);
  assert.deepEqual(answer("video", lines, preferring("video", "rtx", "av1", "vp8")), [
    "100 AV1 level-idx=5;profile=0;tier=0",
    "96 VP8",
    "97 rtx apt=96",
  ]);
});

test("formats that are not ours are left out; without a medium the answer is empty (RFC 3264 §6)", () => {
  assert.deepEqual(answer("video", ["96 VP8", "97 theora", "98 jpeg2000"]), ["96 VP8"]);
  assert.deepEqual(answer("video", ["97 theora", "98 rtx apt=97", "99 red", "100 ulpfec"]), []);
  assert.deepEqual(answer("audio", ["13 CN/8000", "126 telephone-event/8000"]), []);
  assert.deepEqual(answer("video", []), []);
});

test("RTX goes with the codec that it retransmits, wherever it stands (RFC 4588 §8.6)", () => {
  assert.deepEqual(answer("video", ["97 rtx apt=98", "98 VP8"]), ["97 rtx apt=98", "98 VP8"]);
  assert.deepEqual(answer("video", ["96 VP8", "97 rtx apt=99"]), ["96 VP8"]);
  assert.deepEqual(answer("video", ["96 VP8", "97 rtx"]), ["96 VP8"]);
  assert.deepEqual(answer("video", ["96 VP8", "97 rtx apt=97", "98 rtx apt=x"]), ["96 VP8"]);
  assert.deepEqual(answer("video", ["96 VP8", "97 rtx apt=96;rtx-time=3000"]), [
    "96 VP8",
    "97 rtx apt=96",
  ]);
});

test("FEC is not retransmitted, RED is (RFC 4588 §3)", () => {
  assert.deepEqual(
    answer("video", ["96 VP8", "98 red", "99 rtx apt=98", "100 ulpfec", "101 rtx apt=100"]),
    ["96 VP8", "98 red", "99 rtx apt=98", "100 ulpfec"],
  );
});

test("one RTX for each codec: the first (RFC 4588 §8.6)", () => {
  assert.deepEqual(answer("video", ["96 VP8", "97 rtx apt=96", "98 rtx apt=96"]), [
    "96 VP8",
    "97 rtx apt=96",
  ]);
});

test("of codecs that are the same to us the first is taken, with its own RTX", () => {
  assert.deepEqual(answer("video", ["96 VP8", "97 rtx apt=98", "98 VP8", "99 rtx apt=96"]), [
    "96 VP8",
    "99 rtx apt=96",
  ]);
});

test("H.264 matches by profile and packetization mode, in any spelling (RFC 6184 §8.2.2)", () => {
  const asymmetric = "level-asymmetry-allowed=1";
  assert.deepEqual(
    answer("video", [
      `96 H264 ${asymmetric};packetization-mode=1;profile-level-id=640c1f`,
      `98 h264 ${asymmetric};packetization-mode=1;profile-level-id=42C034`,
      "99 H264 packetization-mode=2;profile-level-id=42e01f",
      "100 H264",
    ]),
    [
      "98 H264 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c01f",
      "100 H264 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42000a",
    ],
  );
});

test("RED is kept if all that it packs is accepted and has its clock rate (RFC 2198 §5)", () => {
  assert.deepEqual(answer("audio", ["111 opus/48000/2", "63 red/48000/2 111/111"]), [
    "111 opus minptime=10;useinbandfec=1",
    "63 red 111/111",
  ]);
  for (const red of ["63 red/48000/2 111/112", "63 red/48000/2", "63 red/48000/2 0/0"]) {
    assert.deepEqual(
      answer("audio", ["111 opus/48000/2", "0 PCMU/8000", red]),
      ["111 opus minptime=10;useinbandfec=1", "0 PCMU"],
      red,
    );
  }
});

test("DTMF and comfort noise need an accepted codec of their clock rate (RFC 4733 §2.1, RFC 3389 §4)", () => {
  assert.deepEqual(
    answer("audio", [
      "111 opus/48000/2",
      "105 CN/16000",
      "13 CN/8000",
      "110 telephone-event/48000 0-15",
      "113 telephone-event/16000",
      "126 telephone-event/8000",
    ]),
    ["111 opus minptime=10;useinbandfec=1", "110 telephone-event"],
  );
});

test("the answer names the feedback that both sides know, once (RFC 4585 §4.2)", () => {
  const [vp8] = offered("video", "96 VP8");
  const rtcpFeedback = ["nack", "nack pli", "nack rpsi", "nack", "x-private", "transport-cc"];
  const [answered] = answerCodecs([{ ...vp8!, rtcpFeedback }], { kind: "video", preferred: [] });
  assert.deepEqual(answered!.rtcpFeedback, ["nack", "nack pli", "transport-cc"]);
});

test("the answer to Firefox has one codec for each of its own", () => {
  assert.deepEqual(
    answer("audio", [
      "109 opus/48000/2 maxplaybackrate=48000;stereo=1;useinbandfec=1",
      "9 G722/8000/1",
      "0 PCMU/8000",
      "101 telephone-event/8000 0-15",
    ]),
    ["109 opus minptime=10;useinbandfec=1", "9 G722", "0 PCMU", "101 telephone-event"],
  );
});

test("a codec of the other kind is not answered", () => {
  assert.deepEqual(
    describe(answerCodecs(offered("video", "96 VP8"), { kind: "audio", preferred: [] })),
    [],
  );
});

test("128 hostile codecs are answered with no more than we have", () => {
  const lines = Array.from({ length: 128 }, (_, number) => `${number} rtx apt=${number}`);
  assert.deepEqual(answer("video", lines), []);
  const opus = Array.from({ length: 128 }, (_, number) => `${number} opus/48000/2 x=${number}`);
  assert.deepEqual(answer("audio", opus), ["0 opus minptime=10;useinbandfec=1"]);
});
