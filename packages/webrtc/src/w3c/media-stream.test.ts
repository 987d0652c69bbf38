import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeRuntime } from "../../test/support/fake-rtp-host.ts";
import { createMediaStreamTrack } from "./create-media-stream-track.ts";
import {
  addTrackAndFire,
  createRemoteStream,
  MediaStream,
  removeTrackAndFire,
} from "./media-stream.ts";
import type { MediaStreamTrack } from "./media-stream-track.ts";

function makeTrack(kind: "audio" | "video" = "audio"): MediaStreamTrack {
  return createMediaStreamTrack({ kind }, new FakeRuntime()).track;
}

test("a stream is made of nothing, of a stream, or of a sequence of tracks (mediacapture §4.2)", () => {
  const tracks = [makeTrack("audio"), makeTrack("video")];
  assert.deepEqual(new MediaStream().getTracks(), []);
  const stream = new MediaStream(new Set([...tracks, ...tracks]));
  assert.deepEqual(stream.getTracks(), tracks);
  const copy = new MediaStream(stream);
  assert.deepEqual(copy.getTracks(), tracks);
  assert.notEqual(copy.id, stream.id);
  assert.equal(stream.id.length, 36);
});

test("anything else throws TypeError", () => {
  for (const value of [undefined, null, {}, 1, "tracks", [1], [makeTrack(), null], makeTrack()]) {
    assert.throws(() => Reflect.construct(MediaStream, [value]), TypeError);
  }
});

test("tracks are found by kind and by id", () => {
  const [sound, picture] = [makeTrack("audio"), makeTrack("video")];
  const stream = new MediaStream([sound, picture]);
  assert.deepEqual(stream.getAudioTracks(), [sound]);
  assert.deepEqual(stream.getVideoTracks(), [picture]);
  assert.equal(stream.getTrackById(picture.id), picture);
  assert.equal(stream.getTrackById("other"), null);
  const snapshot = stream.getTracks();
  snapshot.length = 0;
  assert.equal(stream.getTracks().length, 2);
});

test("the application's addTrack and removeTrack fire nothing and do nothing twice", () => {
  const track = makeTrack();
  const stream = new MediaStream();
  stream.onaddtrack = () => assert.fail("only the connection's changes fire");
  stream.onremovetrack = () => assert.fail("only the connection's changes fire");
  stream.addTrack(track);
  stream.addTrack(track);
  assert.deepEqual(stream.getTracks(), [track]);
  stream.removeTrack(track);
  stream.removeTrack(track);
  assert.deepEqual(stream.getTracks(), []);
  assert.throws(() => Reflect.apply(stream.addTrack, stream, [{}]), TypeError);
  assert.throws(() => Reflect.apply(stream.addTrack, stream, []), TypeError);
  assert.throws(() => Reflect.apply(stream.removeTrack, stream, [null]), TypeError);
  assert.throws(() => Reflect.apply(stream.getTrackById, stream, []), TypeError);
});

test("a stream is active while one of its tracks has not ended", () => {
  const tracks = [makeTrack(), makeTrack()];
  const stream = new MediaStream(tracks);
  assert.ok(stream.active);
  tracks[0]!.stop();
  assert.ok(stream.active);
  tracks[1]!.stop();
  assert.equal(stream.active, false);
  assert.equal(new MediaStream().active, false);
});

test("a clone has clones of the tracks", () => {
  const track = makeTrack();
  const stream = new MediaStream([track]);
  const clone = stream.clone();
  assert.notEqual(clone.id, stream.id);
  assert.equal(clone.getTracks().length, 1);
  assert.notEqual(clone.getTracks()[0], track);
  assert.notEqual(clone.getTracks()[0]!.id, track.id);
});

test("the connection's changes fire addtrack and removetrack, once each (mediacapture §4.2)", () => {
  const track = makeTrack();
  const stream = createRemoteStream("id of the peer");
  assert.equal(stream.id, "id of the peer");
  const events: string[] = [];
  stream.onaddtrack = (event) => events.push(`${event.type} ${stream.getTracks().length}`);
  stream.addEventListener("removetrack", (event) => {
    events.push(`${event.type} ${event.track === track} ${stream.getTracks().length}`);
  });
  addTrackAndFire(stream, track);
  addTrackAndFire(stream, track);
  removeTrackAndFire(stream, track);
  removeTrackAndFire(stream, track);
  assert.deepEqual(events, ["addtrack 1", "removetrack true 0"]);
});
