import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeRtpHost } from "../../test/support/fake-rtp-host.ts";
import { subscribeToTrack } from "./media-stream-track.ts";
import { RTCRtpReceiver } from "./rtc-rtp-receiver.ts";

function make(kind: "audio" | "video" = "video") {
  const host = new FakeRtpHost();
  const { transceiver, control } = host.add(kind);
  return { host, transceiver, receiver: transceiver.receiver, control: control.receiver };
}

test("the track is remote, live and muted, with the id of the record (webrtc-pc §5.3)", () => {
  const { receiver } = make("audio");
  const { track } = receiver;
  assert.equal(receiver.track, track);
  assert.deepEqual(
    [track.kind, track.id, track.label, track.readyState, track.muted, track.enabled],
    ["audio", "id of the remote track", "remote audio", "live", true, true],
  );
});

test("media from the network reaches those who read the track, and unmutes it", async () => {
  const { host, receiver, control } = make();
  const seen: number[] = [];
  subscribeToTrack(receiver.track, {
    handleItem: (item) => void (item.kind === "packet" && seen.push(item.packet[0]!)),
  });
  const events: string[] = [];
  receiver.track.onunmute = () => events.push("unmute");
  receiver.track.onmute = () => events.push("mute");
  const packet = { kind: "packet", packet: Uint8Array.of(5) } as const;
  assert.equal(control.source.push(packet), false);
  control.source.queueMuted(false);
  assert.ok(control.source.push(packet));
  await host.runtime.runTasks();
  control.source.setMuted(true);
  assert.deepEqual(seen, [5]);
  assert.deepEqual(events, ["unmute", "mute"]);
});

test("getParameters says what was negotiated for receiving; there is no cname", () => {
  const { host, receiver } = make();
  const codec = { mimeType: "video/VP8", clockRate: 90_000, payloadType: 96, rtcpFeedback: ["x"] };
  host.patch(0, {
    receiver: { ...host.transceiver(0).receiver, codecs: [codec] },
    negotiatedHeaderExtensions: [
      { uri: "a", id: 1, direction: "sendrecv" },
      { uri: "b", id: 2, direction: "sendonly" },
      { uri: "c", id: 3, direction: "recvonly" },
    ],
  });
  host.isRtcpReduced = true;
  assert.deepEqual(receiver.getParameters(), {
    headerExtensions: [
      { uri: "a", id: 1, encrypted: false },
      { uri: "c", id: 3, encrypted: false },
    ],
    codecs: [{ mimeType: "video/VP8", clockRate: 90_000, payloadType: 96 }],
    rtcp: { reducedSize: true },
  });
});

test("jitterBufferTarget is null, or 0 to 4000 milliseconds (RangeError)", () => {
  const { receiver } = make();
  assert.equal(receiver.jitterBufferTarget, null);
  for (const target of [0, 4000, 500, null]) {
    receiver.jitterBufferTarget = target;
    assert.equal(receiver.jitterBufferTarget, target);
  }
  receiver.jitterBufferTarget = 300;
  for (const target of [-1, 4000.5, 5000]) {
    assert.throws(() => (receiver.jitterBufferTarget = target), RangeError);
  }
  assert.throws(() => (receiver.jitterBufferTarget = Number.NaN), TypeError);
  assert.equal(receiver.jitterBufferTarget, 300);
});

test("sources are those that media has reported", () => {
  const { host, receiver, control } = make();
  assert.deepEqual(receiver.getContributingSources(), []);
  assert.deepEqual(receiver.getSynchronizationSources(), []);
  const atMs = host.runtime.nowMs();
  control.sources.reportSynchronization({ source: 5, rtpTimestamp: 1, atMs });
  control.sources.reportContributing({ source: 6, rtpTimestamp: 1, atMs });
  assert.equal(receiver.getSynchronizationSources()[0]!.source, 5);
  assert.equal(receiver.getContributingSources()[0]!.source, 6);
});

test("transport, transform and statistics", async () => {
  const { host, receiver } = make();
  assert.equal(receiver.transport, null);
  assert.equal(await receiver.getStats(), host.report);
  assert.deepEqual(host.selectors, [receiver]);
  assert.equal(receiver.transform, null);
  assert.throws(() => Reflect.set(receiver, "transform", {}), TypeError);
});

test("capabilities of both kinds, and null for others; no constructor", () => {
  assert.ok(RTCRtpReceiver.getCapabilities("audio")!.codecs.length > 0);
  assert.equal(RTCRtpReceiver.getCapabilities("data"), null);
  assert.throws(() => Reflect.apply(RTCRtpReceiver.getCapabilities, null, []), TypeError);
  assert.throws(() => Reflect.construct(RTCRtpReceiver, []), TypeError);
});
