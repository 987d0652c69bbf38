import assert from "node:assert/strict";
import { test } from "vitest";
import { isSameCodec } from "./codec-match.ts";
import type { Codec, MediaKind } from "./codec.ts";
import {
  encodingNameOf,
  isMediaCodec,
  supportedCodecs,
  supportedFeedback,
} from "./supported-codecs.ts";

const KINDS: readonly MediaKind[] = ["audio", "video"];

function namesOf(kind: MediaKind): readonly string[] {
  return [...new Set(supportedCodecs(kind).map(({ mimeType }) => mimeType))];
}

test("the codecs that WebRTC requires are there (RFC 7874 §3, RFC 7742 §5)", () => {
  for (const name of ["audio/opus", "audio/PCMU", "audio/PCMA", "audio/telephone-event"]) {
    assert.ok(namesOf("audio").includes(name), name);
  }
  for (const name of ["video/VP8", "video/H264"]) assert.ok(namesOf("video").includes(name), name);
  const constrainedBaseline = supportedCodecs("video").find(
    ({ sdpFmtpLine = "" }) =>
      sdpFmtpLine.includes("packetization-mode=1") && sdpFmtpLine.includes("42e01f"),
  );
  assert.ok(constrainedBaseline, "Constrained Baseline with packetization mode 1 (RFC 7742 §6.2)");
});

test("media codecs come before what accompanies them, VP8 and Opus first", () => {
  assert.deepEqual(namesOf("audio"), [
    "audio/opus",
    "audio/red",
    "audio/G722",
    "audio/PCMU",
    "audio/PCMA",
    "audio/CN",
    "audio/telephone-event",
  ]);
  assert.deepEqual(namesOf("video"), [
    "video/VP8",
    "video/rtx",
    "video/VP9",
    "video/H264",
    "video/AV1",
    "video/H265",
    "video/red",
    "video/ulpfec",
    "video/flexfec-03",
  ]);
});

test("there is one entry for RTX, without parameters (webrtc-pc, RTCRtpCapabilities)", () => {
  const rtx = supportedCodecs("video").filter((codec) => encodingNameOf(codec) === "rtx");
  assert.deepEqual(rtx, [{ mimeType: "video/rtx", clockRate: 90_000 }]);
});

test("no two capabilities are the same codec", () => {
  for (const kind of KINDS) {
    const codecs = supportedCodecs(kind);
    for (const [index, codec] of codecs.entries()) {
      const other = codecs.findIndex((candidate) => isSameCodec(candidate, codec));
      assert.equal(other, index, `${codec.mimeType} ${codec.sdpFmtpLine}`);
    }
  }
});

test("audio names its channels, also where a=rtpmap does not; video has none", () => {
  for (const codec of supportedCodecs("audio")) assert.ok(codec.channels! >= 1, codec.mimeType);
  for (const codec of supportedCodecs("video")) assert.ok(!("channels" in codec), codec.mimeType);
});

test("four profiles of H.264 in both packetization modes (RFC 6184 §8.1)", () => {
  const h264 = supportedCodecs("video").filter((codec) => encodingNameOf(codec) === "h264");
  assert.equal(h264.length, 8);
  for (const { sdpFmtpLine = "" } of h264) {
    assert.match(
      sdpFmtpLine,
      /^level-asymmetry-allowed=1;packetization-mode=[01];profile-level-id=(42e0|4200|4d00|6400)1f$/,
    );
  }
});

test("the lists cannot be changed by who reads them", () => {
  for (const kind of KINDS) {
    assert.ok(Object.isFrozen(supportedCodecs(kind)));
    assert.ok(supportedCodecs(kind).every((codec) => Object.isFrozen(codec)));
  }
});

test("RTX, RED, FEC, DTMF and comfort noise carry no medium", () => {
  const accompanying = [...supportedCodecs("audio"), ...supportedCodecs("video")]
    .filter((codec) => !isMediaCodec(codec))
    .map(encodingNameOf);
  assert.deepEqual([...new Set(accompanying)].toSorted(), [
    "cn",
    "flexfec-03",
    "red",
    "rtx",
    "telephone-event",
    "ulpfec",
  ]);
  assert.equal(isMediaCodec({ mimeType: "VIDEO/RTX", clockRate: 90_000 }), false);
  assert.equal(isMediaCodec({ mimeType: "audio/cn", clockRate: 8_000 }), false);
});

test("video asks for pictures and repair, Opus for transport feedback, repair for none (RFC 4585 §4.2)", () => {
  const video: Codec = { mimeType: "video/vp8", clockRate: 90_000 };
  assert.deepEqual(supportedFeedback(video), [
    "goog-remb",
    "transport-cc",
    "ccm fir",
    "nack",
    "nack pli",
  ]);
  assert.deepEqual(supportedFeedback({ mimeType: "audio/OPUS", clockRate: 48_000 }), [
    "transport-cc",
  ]);
  for (const mimeType of ["video/rtx", "video/red", "video/ulpfec", "audio/PCMU", "audio/red"]) {
    assert.deepEqual(supportedFeedback({ mimeType, clockRate: 8_000 }), [], mimeType);
  }
});
