import assert from "node:assert/strict";
import { test } from "vitest";
import type { Codec, MediaKind, NegotiatedCodec } from "../../rtp/codec.ts";
import { encodingNameOf, supportedCodecs } from "../../rtp/supported-codecs.ts";
import { offerCodecs, PayloadTypes } from "./payload-types.ts";

function offer(
  kind: MediaKind,
  input: { preferred?: readonly Codec[]; previous?: readonly NegotiatedCodec[] } = {},
  types = new PayloadTypes([]),
): readonly NegotiatedCodec[] {
  const { preferred = [], previous = [] } = input;
  return offerCodecs({ kind, preferred, previous, direction: "sendrecv" }, types);
}

function capability(kind: MediaKind, name: string, fmtp = ""): Codec {
  const found = supportedCodecs(kind).find(
    (codec) => encodingNameOf(codec) === name && (codec.sdpFmtpLine ?? "").includes(fmtp),
  );
  assert.ok(found, `${kind}/${name} ${fmtp}`);
  return found;
}

function describe(codecs: readonly NegotiatedCodec[]): readonly string[] {
  return codecs.map(({ payloadType, mimeType, sdpFmtpLine }) =>
    `${payloadType} ${mimeType.split("/")[1]} ${sdpFmtpLine ?? ""}`.trimEnd(),
  );
}

test("audio: all that is supported, most preferred first (RFC 9429 §5.2.1)", () => {
  assert.deepEqual(describe(offer("audio")), [
    "111 opus minptime=10;useinbandfec=1",
    "63 red 111/111",
    "9 G722",
    "0 PCMU",
    "8 PCMA",
    "13 CN",
    "110 telephone-event",
    "126 telephone-event",
  ]);
});

test("video: RTX follows each codec that it retransmits (RFC 4588 §8.6)", () => {
  const codecs = offer("video");
  assert.deepEqual(describe(codecs).slice(0, 6), [
    "96 VP8",
    "97 rtx apt=96",
    "98 VP9 profile-id=0",
    "99 rtx apt=98",
    "100 VP9 profile-id=2",
    "101 rtx apt=100",
  ]);
  for (const [index, codec] of codecs.entries()) {
    if (encodingNameOf(codec) !== "rtx") continue;
    assert.equal(codec.sdpFmtpLine, `apt=${codecs[index - 1]!.payloadType}`);
  }
  const names = codecs.map(encodingNameOf);
  assert.deepEqual(names.slice(-4), ["red", "rtx", "ulpfec", "flexfec-03"]);
  assert.equal(names.filter((name) => name === "rtx").length, 14);
});

test("video codecs ask for feedback, RTX for none (RFC 4585 §4.2)", () => {
  const [vp8, rtx] = offer("video");
  assert.deepEqual(vp8!.rtcpFeedback, ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"]);
  assert.deepEqual(rtx!.rtcpFeedback, []);
});

test("preferences decide which codecs are there and in which order (webrtc-pc, setCodecPreferences)", () => {
  const preferred = [capability("video", "h264", "4d001f"), capability("video", "vp8")];
  assert.deepEqual(describe(offer("video", { preferred })), [
    "96 H264 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f",
    "97 VP8",
  ]);
});

test("RTX among the preferences means RTX for each of them, wherever it stands", () => {
  const preferred = [
    capability("video", "rtx"),
    capability("video", "av1"),
    capability("video", "vp8"),
  ];
  assert.deepEqual(describe(offer("video", { preferred })), [
    "96 AV1 level-idx=5;profile=0;tier=0",
    "97 rtx apt=96",
    "98 VP8",
    "99 rtx apt=98",
  ]);
});

test("RED before Opus is preferred and still points to it (RFC 2198 §5)", () => {
  const preferred = [capability("audio", "red"), capability("audio", "opus")];
  assert.deepEqual(describe(offer("audio", { preferred })), [
    "63 red 111/111",
    "111 opus minptime=10;useinbandfec=1",
  ]);
  const withoutOpus = [capability("audio", "red"), capability("audio", "pcma")];
  assert.deepEqual(describe(offer("audio", { preferred: withoutOpus })), ["8 PCMA"]);
});

test("DTMF and comfort noise need a media codec of their clock rate (RFC 4733 §2.1, RFC 3389 §4)", () => {
  const all = supportedCodecs("audio");
  const without = (...names: string[]) =>
    all.filter((codec) => !names.includes(encodingNameOf(codec)));
  const narrow = offer("audio", { preferred: without("opus", "g722", "pcma") });
  assert.deepEqual(
    narrow.map(({ mimeType, clockRate }) => `${mimeType} ${clockRate}`),
    ["audio/PCMU 8000", "audio/CN 8000", "audio/telephone-event 8000"],
  );
  const wide = offer("audio", { preferred: without("g722", "pcmu", "pcma", "red") });
  assert.deepEqual(
    wide.map(({ mimeType, clockRate }) => `${mimeType} ${clockRate}`),
    ["audio/opus 48000", "audio/telephone-event 48000"],
  );
});

test("the order of the most recent answer stays, and others follow (RFC 9429 §5.2.2)", () => {
  const first = offer("video");
  const [vp8, , vp9] = first;
  const again = offer("video", { previous: [vp9!, vp8!] });
  assert.deepEqual(describe(again).slice(0, 5), [
    "98 VP9 profile-id=0",
    "97 rtx apt=98",
    "96 VP8",
    "99 rtx apt=96",
    "100 VP9 profile-id=2",
  ]);
  assert.equal(again.length, first.length, "formats that were not answered are offered again");
});

test("codecs keep the numbers that the peer gave them (RFC 3264 §8.3.2)", () => {
  const previous: NegotiatedCodec[] = [
    { mimeType: "video/vp8", clockRate: 90_000, payloadType: 100, rtcpFeedback: [] },
    {
      mimeType: "video/rtx",
      clockRate: 90_000,
      sdpFmtpLine: "apt=100",
      payloadType: 35,
      rtcpFeedback: [],
    },
    {
      mimeType: "video/H264",
      clockRate: 90_000,
      // Another level of a profile that we have.
      sdpFmtpLine: "packetization-mode=1;profile-level-id=42e034",
      payloadType: 96,
      rtcpFeedback: [],
    },
  ];
  const codecs = offer("video", { previous }, new PayloadTypes(previous));
  assert.deepEqual(describe(codecs).slice(0, 3), [
    "100 VP8",
    "35 rtx apt=100",
    "96 H264 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
  ]);
  assert.equal(new Set(codecs.map(({ payloadType }) => payloadType)).size, codecs.length);
});

test("a second section of the bundle has the same numbers (RFC 8843 §9.1)", () => {
  const types = new PayloadTypes([]);
  assert.deepEqual(offer("video", {}, types), offer("video", {}, types));
  const audio = offer("audio", {}, types);
  const video = new Set(offer("video", {}, types).map(({ payloadType }) => payloadType));
  assert.ok(audio.every(({ payloadType }) => !video.has(payloadType)));
});

test("numbers do not depend on which section comes first", () => {
  const audioFirst = new PayloadTypes([]);
  const videoFirst = new PayloadTypes([]);
  const audio = offer("audio", {}, audioFirst);
  const video = offer("video", {}, videoFirst);
  assert.deepEqual(offer("video", {}, audioFirst), video);
  assert.deepEqual(offer("audio", {}, videoFirst), audio);
});

test("when the numbers run out the last codecs are left out, not RTX without its codec", () => {
  const taken: NegotiatedCodec[] = [];
  for (let payloadType = 35; payloadType <= 127; payloadType++) {
    if (payloadType >= 64 && payloadType <= 95) continue;
    if (taken.length === 58) break;
    taken.push({
      mimeType: `video/x-${payloadType}`,
      clockRate: 90_000,
      payloadType,
      rtcpFeedback: [],
    });
  }
  const codecs = offer("video", {}, new PayloadTypes(taken));
  assert.deepEqual(codecs.map(encodingNameOf), ["vp8", "rtx", "vp9"]);
  assert.equal(codecs[1]!.sdpFmtpLine, `apt=${codecs[0]!.payloadType}`);
});
