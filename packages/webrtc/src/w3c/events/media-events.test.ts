import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeRtpHost, FakeRuntime } from "../../../test/support/fake-rtp-host.ts";
import { createMediaStreamTrack } from "../create-media-stream-track.ts";
import { MediaStream } from "../media-stream.ts";
import { MediaStreamTrackEvent } from "./media-stream-track-event.ts";
import { RTCDTMFToneChangeEvent } from "./rtc-dtmf-tone-change-event.ts";
import { RTCTrackEvent } from "./rtc-track-event.ts";

type AnyEventClass = new (...values: never[]) => Event;
const construct = (eventClass: AnyEventClass, ...values: unknown[]): unknown =>
  Reflect.construct(eventClass, values);

const { track } = createMediaStreamTrack({ kind: "audio" }, new FakeRuntime());
const { transceiver } = new FakeRtpHost().add("audio");
const { receiver } = transceiver;

test("RTCTrackEvent needs receiver, track and transceiver (webrtc-pc §5.7)", () => {
  assert.equal(RTCTrackEvent.length, 2);
  const init = { receiver, track, transceiver };
  for (const name of ["receiver", "track", "transceiver"]) {
    for (const value of [undefined, null, {}]) {
      assert.throws(() => construct(RTCTrackEvent, "track", { ...init, [name]: value }), TypeError);
    }
  }
  assert.throws(() => construct(RTCTrackEvent, "track"), TypeError);
  const event = new RTCTrackEvent("track", { ...init, bubbles: true });
  assert.deepEqual(
    [event.type, event.receiver, event.track, event.transceiver, event.bubbles],
    ["track", receiver, track, transceiver, true],
  );
  assert.equal(Object.prototype.toString.call(event), "[object RTCTrackEvent]");
});

test("its streams are a frozen copy, the same list each time", () => {
  const streams = [new MediaStream(), new MediaStream()];
  const event = new RTCTrackEvent("track", { receiver, track, transceiver, streams });
  assert.deepEqual(event.streams, streams);
  assert.equal(event.streams, event.streams);
  assert.ok(Object.isFrozen(event.streams));
  streams.pop();
  assert.equal(event.streams.length, 2);
  assert.deepEqual(new RTCTrackEvent("x", { receiver, track, transceiver }).streams, []);
  for (const bad of [null, {}, [null], [{}]]) {
    const init = { receiver, track, transceiver, streams: bad };
    assert.throws(() => construct(RTCTrackEvent, "x", init), TypeError);
  }
});

test("MediaStreamTrackEvent needs a track (mediacapture §7)", () => {
  assert.equal(new MediaStreamTrackEvent("addtrack", { track }).track, track);
  for (const values of [[], ["x"], ["x", {}], ["x", { track: {} }], ["x", { track: null }]]) {
    assert.throws(() => construct(MediaStreamTrackEvent, ...values), TypeError);
  }
});

test("RTCDTMFToneChangeEvent has an empty tone by default (webrtc-pc §7.3)", () => {
  assert.equal(RTCDTMFToneChangeEvent.length, 1);
  assert.equal(new RTCDTMFToneChangeEvent("tonechange").tone, "");
  assert.equal(new RTCDTMFToneChangeEvent("x", {}).tone, "");
  assert.equal(new RTCDTMFToneChangeEvent("x", { tone: "1" }).tone, "1");
  assert.equal(new RTCDTMFToneChangeEvent("x", { tone: "any text" }).tone, "any text");
  assert.throws(() => construct(RTCDTMFToneChangeEvent), TypeError);
});
