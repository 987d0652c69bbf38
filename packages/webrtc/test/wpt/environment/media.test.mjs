import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createAudioContextClass, createMediaDevices } from "./media.mjs";

class Stream {
  constructor(tracks) {
    this.tracks = tracks;
  }
}

const PACKAGE = {
  MediaStream: Stream,
  createMediaStreamTrack: ({ kind, label }) => {
    const track = { kind, label };
    return { track, controller: { setSettings: (settings) => Object.assign(track, { settings }) } };
  },
};

describe("getUserMedia", () => {
  const { getUserMedia } = createMediaDevices(PACKAGE);

  test("brings a track of each kind that was asked for", async () => {
    const stream = await getUserMedia({ audio: true, video: {} });
    assert.deepEqual(
      stream.tracks.map(({ kind }) => kind),
      ["audio", "video"],
    );
    assert.deepEqual(
      (await getUserMedia({ audio: false, video: true })).tracks.map(({ kind }) => kind),
      ["video"],
    );
  });

  test("settings are what was asked for, in any form of a constraint", async () => {
    const video = { width: 1280, height: { ideal: 720 }, frameRate: { exact: 15 } };
    const audio = { channelCount: { exact: 2 }, echoCancellation: false };
    const [microphone, camera] = (await getUserMedia({ audio, video })).tracks;
    assert.equal(microphone.settings.channelCount, 2);
    assert.equal(microphone.settings.echoCancellation, false);
    assert.equal(microphone.settings.sampleRate, 48_000);
    const { width, height, frameRate } = camera.settings;
    assert.deepEqual([width, height, frameRate], [1280, 720, 15]);
  });

  test("without a kind it rejects with TypeError (Media Capture and Streams §10.2.1 step 3)", async () => {
    await assert.rejects(getUserMedia({}), TypeError);
    await assert.rejects(getUserMedia(), TypeError);
    await assert.rejects(getUserMedia({ audio: false }), TypeError);
  });

  test("without tracks in the package there are no devices", async () => {
    const devices = createMediaDevices({});
    await assert.rejects(devices.getUserMedia({ audio: true }), { name: "NotFoundError" });
  });
});

test("an oscillator's stream has an audio track", () => {
  const AudioContext = createAudioContextClass(PACKAGE);
  const context = new AudioContext();
  const oscillator = context.createOscillator();
  const destination = oscillator.connect(context.createMediaStreamDestination());
  oscillator.start();
  assert.deepEqual(
    destination.stream.tracks.map(({ kind }) => kind),
    ["audio"],
  );
});
