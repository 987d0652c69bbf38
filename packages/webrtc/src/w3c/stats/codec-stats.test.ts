import assert from "node:assert/strict";
import { test } from "vitest";
import { EPOCH_MS, makeContext, OPUS, VIDEO_CODECS } from "../../../test/support/stats-fixtures.ts";
import { codecOf, codecStats, hasRtx } from "./codec-stats.ts";

test("a codec is shown as the description has it (webrtc-stats, RTCCodecStats)", () => {
  const { id, ...stats } = codecStats(OPUS, "T1", makeContext());
  assert.match(id, /^C/);
  assert.deepEqual(stats, {
    timestamp: EPOCH_MS,
    type: "codec",
    payloadType: 111,
    transportId: "T1",
    mimeType: "audio/opus",
    clockRate: 48_000,
    channels: 2,
    sdpFmtpLine: "minptime=10;useinbandfec=1",
  });
});

test("channels and parameters that are not there do not exist (webrtc-stats, guidelines)", () => {
  const stats = codecStats(VIDEO_CODECS[0]!, "T1", makeContext());
  assert.equal("channels" in stats, false);
  assert.equal("sdpFmtpLine" in stats, false);
});

test("one codec per payload type and transport, unless the parameters differ (webrtc-stats, RTCCodecStats)", () => {
  const context = makeContext();
  const idOf = (codec: typeof OPUS, transportId = "T1") =>
    codecStats(codec, transportId, context).id;
  assert.equal(idOf({ ...OPUS }), idOf(OPUS));
  assert.notEqual(idOf(OPUS, "T2"), idOf(OPUS));
  assert.notEqual(idOf({ ...OPUS, payloadType: 112 }), idOf(OPUS));
  assert.notEqual(idOf({ ...OPUS, sdpFmtpLine: "minptime=20" }), idOf(OPUS));
});

test("an encoding is sent with the codec that was chosen for it, else with the peer's first (webrtc-pc, codec)", () => {
  const [vp8, rtx, h264] = VIDEO_CODECS;
  assert.equal(codecOf(VIDEO_CODECS, undefined), vp8);
  const otherLevel = {
    mimeType: "video/h264",
    clockRate: 90_000,
    sdpFmtpLine: "packetization-mode=1;profile-level-id=420034",
  };
  assert.equal(codecOf(VIDEO_CODECS, otherLevel), h264, "levels may differ");
  assert.equal(codecOf(VIDEO_CODECS, { mimeType: "video/AV1", clockRate: 90_000 }), vp8);
  const otherMode = {
    mimeType: "video/H264",
    clockRate: 90_000,
    sdpFmtpLine: "packetization-mode=0",
  };
  assert.equal(codecOf(VIDEO_CODECS, otherMode), vp8);
  assert.equal(codecOf([rtx!, h264!], undefined), h264);
  assert.equal(codecOf([rtx!], undefined), undefined);
});

test("retransmission counts as negotiated when RTX is among the codecs (RFC 4588 §4)", () => {
  assert.equal(hasRtx(VIDEO_CODECS), true);
  assert.equal(hasRtx([OPUS]), false);
});
