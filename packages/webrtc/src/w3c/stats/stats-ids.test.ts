import assert from "node:assert/strict";
import { test } from "vitest";
import { makeIds } from "../../../test/support/stats-fixtures.ts";

test("the same object has the same id in every report (webrtc-pc, RTCStats.id)", () => {
  const ids = makeIds();
  const first = ids.of("T", 1);
  for (let report = 0; report < 3; report++) {
    ids.beginReport();
    if (report !== 1) assert.equal(ids.of("T", 1), first);
  }
});

test("different objects have different ids (webrtc-pc, RTCStats.id)", () => {
  const ids = makeIds();
  const all = new Set<string>();
  for (let index = 0; index < 1000; index++) {
    for (const prefix of ["T", "I", "CP"] as const) all.add(ids.of(prefix, index, "key"));
  }
  assert.equal(all.size, 3000);
  assert.notEqual(ids.of("I", "a", "bc"), ids.of("I", "ab", "c"));
  assert.notEqual(ids.of("I", undefined, "a"), ids.of("I", "a", undefined));
});

test("an id is short, says what it names and cannot be guessed (webrtc-pc, RTCStats.id)", () => {
  const id = makeIds(1).of("T", 1);
  assert.match(id, /^T[0-9a-f]{12}$/);
  assert.notEqual(id, makeIds(2).of("T", 1));
});

test("a track that is attached again after a report without it is another source (webrtc-stats, RTCMediaSourceStats)", () => {
  const ids = makeIds();
  ids.beginReport();
  const first = ids.ofSource("track");
  ids.beginReport();
  assert.equal(ids.ofSource("track"), first);
  assert.equal(ids.ofSource("track"), first);
  ids.beginReport();
  ids.beginReport();
  assert.notEqual(ids.ofSource("track"), first);
});
