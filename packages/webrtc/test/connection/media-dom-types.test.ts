import assert from "node:assert/strict";
import { test } from "vitest";
import { createMediaStreamTrack } from "../../src/w3c/create-media-stream-track.ts";
import { MediaStream as PallasStream } from "../../src/w3c/media-stream.ts";
import type { RTCTrackEvent as PallasTrackEvent } from "../../src/w3c/events/rtc-track-event.ts";
import type { RTCDTMFSender as PallasDtmfSender } from "../../src/w3c/rtc-dtmf-sender.ts";
import type { RTCRtpReceiver as PallasReceiver } from "../../src/w3c/rtc-rtp-receiver.ts";
import type { RTCRtpSender as PallasSender } from "../../src/w3c/rtc-rtp-sender.ts";
import type { RTCRtpTransceiver as PallasTransceiver } from "../../src/w3c/rtc-rtp-transceiver.ts";
import type {
  RTCRtpCapabilities as PallasCapabilities,
  RTCRtpSendParameters as PallasSendParameters,
  RTCRtpTransceiverInit as PallasTransceiverInit,
} from "../../src/w3c/rtp-parameters.ts";

/** Compiles only if every object of ours can be handed to code that is written against lib.dom. */
type Fits<Ours extends Theirs, Theirs> = [Ours, Theirs];

/** What the compiler has checked: the test file does not build otherwise. */
export type Checked = [
  Fits<PallasReceiver, RTCRtpReceiver>,
  Fits<PallasSender, RTCRtpSender>,
  Fits<PallasTransceiver, RTCRtpTransceiver>,
  Fits<PallasDtmfSender, RTCDTMFSender>,
  Fits<PallasTrackEvent, RTCTrackEvent>,
  Fits<PallasCapabilities, RTCRtpCapabilities>,
  Fits<PallasSendParameters, RTCRtpSendParameters>,
  Fits<RTCRtpSendParameters, PallasSendParameters>,
  Fits<Omit<RTCRtpTransceiverInit, "streams">, PallasTransceiverInit>,
];

const runtime = { queueTask: (task: () => void) => task() };

test("a track and a stream fit where lib.dom's are expected, and work there", () => {
  const { track: pallasTrack } = createMediaStreamTrack({ kind: "audio" }, runtime);
  const pallasStream = new PallasStream([pallasTrack]);
  const track: MediaStreamTrack = pallasTrack;
  const stream: MediaStream = pallasStream;
  assert.deepEqual(stream.getTracks(), [track]);
  stream.onaddtrack = (event) => assert.fail(event.track.id);
  stream.addTrack(track);
  track.onended = function () {
    this.stop();
  };
  track.stop();
  assert.equal(stream.active, false);
});

test("a handler has the object as this, in a method and in an attribute", () => {
  const { track, controller } = createMediaStreamTrack({ kind: "video" }, runtime);
  const seen: string[] = [];
  track.onended = function (event) {
    seen.push(`${event.type} ${this.readyState}`);
    this.stop();
  };
  track.addEventListener("mute", function (event) {
    seen.push(`${event.type} ${this.muted}`);
  });
  controller.mute();
  controller.end();
  assert.deepEqual(seen, ["mute true", "ended ended"]);
  const handler: ((event: Event) => unknown) | null = track.onended;
  assert.equal(typeof handler, "function");
});
