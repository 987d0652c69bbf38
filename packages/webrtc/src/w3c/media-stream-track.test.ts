import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeRuntime } from "../../test/support/fake-rtp-host.ts";
import { createMediaStreamTrack } from "./create-media-stream-track.ts";
import { MediaStreamTrack } from "./media-stream-track.ts";
import { OverconstrainedError } from "./overconstrained-error.ts";

const make = (kind: "audio" | "video" = "video") =>
  createMediaStreamTrack({ kind, label: "label" }, new FakeRuntime());

test("a track that is created is live, enabled and not muted", () => {
  const { track } = make("audio");
  assert.ok(track instanceof MediaStreamTrack);
  assert.equal(track.kind, "audio");
  assert.equal(track.label, "label");
  assert.equal(track.readyState, "live");
  assert.equal(track.enabled, true);
  assert.equal(track.muted, false);
  assert.match(track.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("the interface has no constructor of its own (Web IDL §3.7.1)", () => {
  assert.throws(() => Reflect.construct(MediaStreamTrack, []), TypeError);
  assert.equal(Object.prototype.toString.call(make().track), "[object MediaStreamTrack]");
  for (const name of ["kind", "enabled", "onended", "stop", "applyConstraints"]) {
    assert.ok(Object.keys(MediaStreamTrack.prototype).includes(name), name);
  }
});

test("enabled is converted to a boolean, and changes after the end too", () => {
  const { track } = make();
  track.stop();
  Reflect.set(track, "enabled", 0);
  assert.equal(track.enabled, false);
});

test("contentHint takes the hints of its kind and ignores others (mst-content-hint)", () => {
  const { track } = make("video");
  assert.equal(track.contentHint, "");
  track.contentHint = "detail";
  track.contentHint = "speech";
  assert.equal(track.contentHint, "detail");
  assert.equal(track.clone().contentHint, "detail");
  track.contentHint = "";
  assert.equal(track.contentHint, "");
  const { track: sound } = make("audio");
  sound.contentHint = "detail";
  assert.equal(sound.contentHint, "");
  sound.contentHint = "music";
  assert.equal(sound.contentHint, "music");
});

test("settings are what the source says of itself, and nobody else's to change", () => {
  const { track, controller } = make();
  assert.deepEqual(track.getSettings(), {});
  controller.setSettings({ width: 640, height: 360 });
  const settings = track.getSettings();
  assert.deepEqual(settings, { width: 640, height: 360 });
  settings.width = 1;
  assert.equal(track.getSettings().width, 640);
  assert.equal(track.clone().getSettings().height, 360);
  assert.deepEqual(track.getCapabilities(), {});
  track.stop();
  assert.deepEqual(track.getSettings(), {});
});

test("constraints that the source meets are kept, as copies", async () => {
  const { track, controller } = make();
  controller.setSettings({ width: 640, frameRate: 30 });
  assert.deepEqual(track.getConstraints(), {});
  const constraints = { width: { min: 320, max: 640 }, frameRate: { exact: 30 }, height: 5 };
  await track.applyConstraints(constraints);
  assert.deepEqual(track.getConstraints(), constraints);
  const copy = track.getConstraints();
  copy.height = 6;
  assert.equal(track.getConstraints().height, 5);
  assert.deepEqual(track.clone().getConstraints(), constraints);
  await track.applyConstraints();
  assert.deepEqual(track.getConstraints(), {});
});

test("a required constraint that is not met rejects and changes nothing (mediacapture §4.3.5)", async () => {
  const { track, controller } = make();
  controller.setSettings({ width: 640 });
  await track.applyConstraints({ width: 100 });
  await assert.rejects(
    track.applyConstraints({ width: { max: 100 } }),
    (error) => error instanceof OverconstrainedError && error.constraint === "width",
  );
  assert.deepEqual(track.getConstraints(), { width: 100 });
});

test("constraints of an ended track resolve and are forgotten", async () => {
  const { track } = make();
  track.stop();
  await track.applyConstraints({ width: { exact: 1 } });
  assert.deepEqual(track.getConstraints(), {});
});

test("constraints of the wrong type reject with TypeError", async () => {
  const { track } = make();
  await assert.rejects(Reflect.apply(track.applyConstraints, track, [5]), TypeError);
});
