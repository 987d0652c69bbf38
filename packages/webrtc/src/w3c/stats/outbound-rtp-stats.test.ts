import assert from "node:assert/strict";
import { test } from "vitest";
import {
  EPOCH_MS,
  makeContext,
  makeSender,
  makeTransceiver,
  OPUS,
  VIDEO_CODECS,
} from "../../../test/support/stats-fixtures.ts";
import { codecIdOf } from "./codec-stats.ts";
import { mediaSourceStats } from "./media-source-stats.ts";
import { outboundRtpStats, outboundStreamsOf } from "./outbound-rtp-stats.ts";
import type { StatsTransceiver } from "./stats-source.ts";

const ENCODING = { active: true, priority: "low", networkPriority: "low" } as const;
const statsOf = (transceiver: StatsTransceiver, context = makeContext()) =>
  outboundStreamsOf(transceiver).map((stream) => outboundRtpStats(stream, context));

test("a sender of video has a stream with counters at zero (webrtc-stats, RTCOutboundRtpStreamStats)", () => {
  const context = makeContext();
  const transportId = context.ids.of("T", 1);
  const { id, ...stats } = statsOf(makeTransceiver(), context)[0]!;
  assert.match(id, /^O/);
  assert.deepEqual(stats, {
    timestamp: EPOCH_MS,
    type: "outbound-rtp",
    ssrc: 1111,
    kind: "video",
    transportId,
    codecId: codecIdOf(VIDEO_CODECS[0]!, transportId, context),
    mid: "0",
    mediaSourceId: context.ids.ofSource("track"),
    encodingIndex: 0,
    rtxSsrc: 2222,
    packetsSent: 0,
    packetsSentWithEct1: 0,
    bytesSent: 0,
    headerBytesSent: 0,
    retransmittedPacketsSent: 0,
    retransmittedBytesSent: 0,
    totalPacketSendDelay: 0,
    nackCount: 0,
    totalEncodedBytesTarget: 0,
    framesSent: 0,
    hugeFramesSent: 0,
    framesEncoded: 0,
    keyFramesEncoded: 0,
    totalEncodeTime: 0,
    firCount: 0,
    pliCount: 0,
    active: true,
  });
});

test("a stream of audio has no members of video (webrtc-stats: MUST NOT exist for audio)", () => {
  const encodings = [{ ...ENCODING, rid: "x" }];
  const sender = makeSender({ codecs: [OPUS], encodings });
  const [stats] = statsOf(makeTransceiver({ kind: "audio", sender }));
  assert.equal(stats?.kind, "audio");
  for (const name of [
    "encodingIndex",
    "rid",
    "framesEncoded",
    "framesSent",
    "pliCount",
    "rtxSsrc",
  ]) {
    assert.equal(name in stats!, false, name);
  }
});

test("every encoding of simulcast is a stream of its own (webrtc-stats, rid, encodingIndex, active)", () => {
  const encodings = [
    { ...ENCODING, rid: "foo" },
    { ...ENCODING, rid: "bar", active: false, scalabilityMode: "L1T3" },
  ];
  const [foo, bar] = statsOf(makeTransceiver({ sender: makeSender({ encodings }) }));
  assert.deepEqual([foo?.rid, foo?.encodingIndex, foo?.active], ["foo", 0, true]);
  assert.deepEqual([bar?.rid, bar?.encodingIndex, bar?.active], ["bar", 1, false]);
  assert.equal(bar?.scalabilityMode, "L1T3");
  assert.notEqual(foo?.ssrc, bar?.ssrc);
  assert.notEqual(foo?.id, bar?.id);
  assert.notEqual(foo?.rtxSsrc, bar?.rtxSsrc);
});

test("streams exist from the first answer that lets a sender send until it is stopped (webrtc-stats, RTP hierarchy)", () => {
  const countOf = (changes: Parameters<typeof makeTransceiver>[0]) =>
    outboundStreamsOf(makeTransceiver(changes)).length;
  assert.equal(countOf({ hasSent: false, currentDirection: null }), 0);
  assert.equal(countOf({ hasSent: false, currentDirection: "recvonly" }), 0);
  assert.equal(countOf({ currentDirection: "inactive" }), 1);
  assert.equal(countOf({ isStopping: true }), 0);
  assert.equal(countOf({ isStopped: true, isStopping: true, currentDirection: null }), 0);
});

test("no reference hangs in the air: without track, transport or codec its member is not there (webrtc-stats, deleted)", () => {
  const [withoutTrack] = statsOf(makeTransceiver({}, { senderTrackId: null }));
  assert.equal("mediaSourceId" in withoutTrack!, false);
  for (const transportId of [null, "gone"]) {
    const [stats] = statsOf(makeTransceiver({}, { transportId }));
    assert.equal("transportId" in stats!, false);
    assert.equal("codecId" in stats!, false);
  }
  const [withoutCodec] = statsOf(makeTransceiver({ sender: makeSender({ codecs: [] }) }));
  assert.equal("codecId" in withoutCodec!, false);
  assert.equal("rtxSsrc" in withoutCodec!, false);
});

test("another SSRC is another stream (webrtc-stats, RTP hierarchy)", () => {
  const context = makeContext();
  const [before] = statsOf(makeTransceiver(), context);
  const [after] = statsOf(makeTransceiver({ sender: makeSender({ ssrc: 9 }) }), context);
  assert.notEqual(before?.id, after?.id);
});

test("the source of a track tells its track and its kind (webrtc-stats, RTCMediaSourceStats)", () => {
  const context = makeContext();
  const common = { timestamp: EPOCH_MS, type: "media-source", trackIdentifier: "a" };
  const { id, ...audio } = mediaSourceStats("a", "audio", context);
  assert.equal(id, context.ids.ofSource("a"));
  assert.deepEqual(audio, {
    ...common,
    kind: "audio",
    totalAudioEnergy: 0,
    totalSamplesDuration: 0,
  });
  const { id: _, ...video } = mediaSourceStats("a", "video", context);
  assert.deepEqual(video, { ...common, kind: "video", frames: 0 });
});
