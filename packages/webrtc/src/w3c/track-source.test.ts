import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeRuntime } from "../../test/support/fake-rtp-host.ts";
import { createMediaStreamTrack } from "./create-media-stream-track.ts";
import { subscribeToTrack, type MediaStreamTrack } from "./media-stream-track.ts";
import type { CreatedTrack, MediaStreamTrackInit } from "./create-media-stream-track.ts";
import type { MediaConsumer, MediaItem } from "./track-source.ts";

const packet = (byte: number): MediaItem => ({ kind: "packet", packet: Uint8Array.of(byte) });

function make(init: Partial<MediaStreamTrackInit> = {}): CreatedTrack & { runtime: FakeRuntime } {
  const runtime = new FakeRuntime();
  const source = { itemKind: "packet" } as const;
  return { ...createMediaStreamTrack({ kind: "video", source, ...init }, runtime), runtime };
}

/** Writes down everything that it is told. */
function record(track: MediaStreamTrack): { log: string[]; stop: () => void } {
  const log: string[] = [];
  const consumer: MediaConsumer = {
    handleItem: (item) => {
      assert.ok(item.kind === "packet");
      log.push(`packet ${item.packet[0]}`);
    },
    handleFlowChange: (isFlowing) => log.push(isFlowing ? "flows" : "pauses"),
    handleEnded: () => log.push("ended"),
  };
  return { log, stop: subscribeToTrack(track, consumer) };
}

test("what is pushed reaches all consumers of the track until they leave", () => {
  const { track, controller } = make();
  assert.equal(controller.hasConsumers, false);
  const first = record(track);
  const second = record(track);
  assert.ok(controller.hasConsumers);
  assert.ok(controller.push(packet(1)));
  first.stop();
  controller.push(packet(2));
  assert.deepEqual(first.log, ["packet 1"]);
  assert.deepEqual(second.log, ["packet 1", "packet 2"]);
  second.stop();
  assert.equal(controller.hasConsumers, false);
});

test("one consumer may be subscribed twice, and leave once", () => {
  const { track, controller } = make();
  let count = 0;
  const consumer = { handleItem: () => void count++ };
  const leave = subscribeToTrack(track, consumer);
  subscribeToTrack(track, consumer);
  controller.push(packet(1));
  assert.equal(count, 2);
  leave();
  leave();
  controller.push(packet(2));
  assert.equal(count, 3);
});

test("all three kinds of items go through as they are, and a source keeps to its kind", () => {
  const frame = { timestamp: 1, clone: () => frame, close: () => {} };
  const chunk = {
    type: "key",
    timestamp: 1,
    mimeType: "video/VP8",
    data: new Uint8Array(1),
  } as const;
  const items: readonly MediaItem[] = [
    { kind: "frame", frame },
    { kind: "chunk", chunk },
    packet(1),
  ];
  for (const item of items) {
    const { track, controller } = make({ source: { itemKind: item.kind } });
    const seen: MediaItem[] = [];
    subscribeToTrack(track, { handleItem: (received) => void seen.push(received) });
    assert.ok(controller.push(item));
    assert.equal(seen[0], item);
    for (const other of items) {
      if (other !== item) assert.throws(() => controller.push(other), TypeError);
    }
  }
});

test("a source brings raw frames unless it says otherwise", () => {
  const { controller } = make({ source: {} });
  assert.throws(() => controller.push(packet(1)), /kind "frame", not "packet"/);
});

test("a clone has an id of its own and the same source (mediacapture §4.3.3)", () => {
  const { track, controller } = make({ label: "test picture" });
  const clone = track.clone();
  assert.notEqual(clone.id, track.id);
  assert.deepEqual([clone.kind, clone.label, clone.readyState], ["video", "test picture", "live"]);
  const first = record(track);
  const second = record(clone);
  controller.push(packet(1));
  track.stop();
  controller.push(packet(2));
  assert.deepEqual(first.log, ["packet 1", "ended"]);
  assert.deepEqual(second.log, ["packet 1", "packet 2"]);
});

test("a disabled track gives nothing, its clone does; the clone begins as the track is", () => {
  const { track, controller } = make();
  const clone = track.clone();
  track.enabled = false;
  assert.equal(track.clone().enabled, false);
  const first = record(track);
  const second = record(clone);
  controller.push(packet(1));
  track.enabled = true;
  track.enabled = true;
  controller.push(packet(2));
  assert.deepEqual(first.log, ["flows", "packet 2"]);
  assert.deepEqual(second.log, ["packet 1", "packet 2"]);
});

test("muting stops media at once, and the event comes in a task (mediacapture §4.3.1)", async () => {
  const { track, controller, runtime } = make();
  const { log } = record(track);
  const events: string[] = [];
  track.onmute = () => events.push(`mute ${track.muted}`);
  track.onunmute = () => events.push(`unmute ${track.muted}`);
  controller.mute();
  controller.mute();
  assert.equal(controller.push(packet(1)), false);
  assert.equal(track.muted, false);
  assert.deepEqual(events, []);
  await runtime.runTasks();
  assert.ok(track.muted);
  assert.ok(track.clone().muted);
  controller.unmute();
  assert.ok(controller.push(packet(2)));
  await runtime.runTasks();
  assert.deepEqual(events, ["mute true", "unmute false"]);
  assert.deepEqual(log, ["pauses", "flows", "packet 2"]);
});

test("a disabled track does not flow because it is unmuted, nor the other way round", () => {
  const { track, controller } = make();
  const { log } = record(track);
  track.enabled = false;
  controller.mute();
  controller.unmute();
  controller.mute();
  track.enabled = true;
  controller.unmute();
  assert.deepEqual(log, ["pauses", "flows"]);
});

test("the source's end stops media at once and fires ended at all tracks in a task", async () => {
  const { track, controller, runtime } = make();
  const clone = track.clone();
  const { log } = record(track);
  const events: string[] = [];
  for (const each of [track, clone]) {
    each.onended = () => events.push(`${each.id === track.id} ${each.readyState}`);
  }
  controller.end();
  controller.end();
  assert.ok(controller.isEnded);
  assert.equal(controller.push(packet(1)), false);
  assert.equal(track.readyState, "live");
  assert.deepEqual(log, []);
  await runtime.runTasks();
  assert.deepEqual(events, ["true ended", "false ended"]);
  assert.deepEqual(log, ["ended"]);
  assert.equal(track.clone().readyState, "ended");
});

test("stop ends without an event, and an ended track fires none later", async () => {
  const { track, controller, runtime } = make();
  track.onended = () => assert.fail("stop() fires no event");
  track.onmute = () => assert.fail("an ended track is not muted any more");
  controller.mute();
  track.stop();
  track.stop();
  controller.end();
  await runtime.runTasks();
  assert.equal(track.readyState, "ended");
  const { log } = record(track);
  assert.deepEqual(log, ["ended"]);
});

test("the producer learns that the last track has ended, once, and not of its own end", () => {
  const calls: string[] = [];
  const source = { stop: () => void calls.push("stop") };
  const { track, controller } = make({ source });
  const clone = track.clone();
  track.stop();
  assert.deepEqual(calls, []);
  clone.stop();
  assert.deepEqual(calls, ["stop"]);
  assert.ok(controller.isEnded);

  const other = make({ source });
  other.controller.end();
  other.track.stop();
  assert.deepEqual(calls, ["stop"]);
});

test("start gets the controller, and what is pushed there arrives", () => {
  let push: (() => boolean) | undefined;
  const { track } = make({
    source: {
      itemKind: "packet",
      start: (controller) => {
        push = () => controller.push(packet(9));
      },
    },
  });
  const { log } = record(track);
  assert.ok(push?.());
  assert.deepEqual(log, ["packet 9"]);
});

test("a consumer may leave, stop the track or clone it while an item is handed out", () => {
  const { track, controller } = make();
  const log: string[] = [];
  const leave = subscribeToTrack(track, {
    handleItem: () => {
      log.push("first");
      leave();
      track.clone();
    },
  });
  subscribeToTrack(track, {
    handleItem: () => {
      log.push("second");
      track.stop();
    },
  });
  controller.push(packet(1));
  controller.push(packet(2));
  assert.deepEqual(log, ["first", "second"]);
});

test("kind and source are checked (TypeError)", () => {
  const runtime = new FakeRuntime();
  for (const init of [
    undefined,
    {},
    { kind: "text" },
    { kind: "audio", source: 1 },
    { kind: "audio", source: { itemKind: "movie" } },
  ]) {
    assert.throws(() => createMediaStreamTrack(init as MediaStreamTrackInit, runtime), TypeError);
  }
});
