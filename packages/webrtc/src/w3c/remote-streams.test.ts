import assert from "node:assert/strict";
import { test } from "vitest";

import { trackOfSource } from "./media-stream-track.ts";
import { compareStreams, RemoteStreams } from "./remote-streams.ts";
import { TrackSource } from "./track-source.ts";

const track = trackOfSource(
  new TrackSource({
    kind: "audio",
    label: "",
    isMuted: true,
    producer: {},
    queueTask: () => {},
  }),
);

test("one id is one stream for as long as somebody holds it (webrtc-pc, set the associated remote streams)", () => {
  const streams = new RemoteStreams();
  const [first, second] = streams.of(["a", "b"]);
  assert.equal(first!.id, "a");
  assert.notEqual(first, second);
  assert.deepEqual(streams.of(["b", "a"]), [second, first]);
});

test("streams that nobody holds do not pile up, however many ids a peer invents", async () => {
  const streams = new RemoteStreams();
  const [held] = streams.of(["held"]);
  for (let turn = 0; turn < 200; turn++) {
    streams.of(Array.from({ length: 100 }, (_, index) => `${turn}-${index}`));
    globalThis.gc?.();
    // A WeakRef that was read lives until the end of the job.
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(streams.of(["held"])[0], held);
  if (globalThis.gc !== undefined) assert.ok(streams.size < 2_000, `${streams.size} are kept`);
});

test("the difference between two lists of streams is what is added and what is removed", () => {
  const streams = new RemoteStreams();
  const [a, b, c] = streams.of(["a", "b", "c"]);
  assert.deepEqual(compareStreams(track, [a!, b!], [b!, c!]), {
    added: [{ stream: c, track }],
    removed: [{ stream: a, track }],
  });
  assert.deepEqual(compareStreams(track, [a!], [a!]), { added: [], removed: [] });
});
