import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeRuntime } from "../../test/support/fake-rtp-host.ts";
import { RtpSources } from "./rtp-sources.ts";

function make(): { runtime: FakeRuntime; sources: RtpSources } {
  const runtime = new FakeRuntime();
  return { runtime, sources: new RtpSources(runtime) };
}

test("sources are told of the latest first, with the wall clock's time (webrtc-pc §5.3)", async () => {
  const { runtime, sources } = make();
  const startEpochMs = runtime.epochMs();
  sources.reportSynchronization({ source: 1, rtpTimestamp: 10, atMs: runtime.nowMs() });
  await runtime.advance(20);
  sources.reportSynchronization({ source: 2, rtpTimestamp: 20, atMs: runtime.nowMs() });
  await runtime.advance(20);
  sources.reportSynchronization({
    source: 1,
    rtpTimestamp: 30,
    audioLevel: 0.5,
    atMs: runtime.nowMs(),
  });
  await runtime.advance(100);
  assert.deepEqual(sources.synchronization(), [
    { source: 1, rtpTimestamp: 30, audioLevel: 0.5, timestamp: startEpochMs + 40 },
    { source: 2, rtpTimestamp: 20, timestamp: startEpochMs + 20 },
  ]);
  assert.deepEqual(sources.contributing(), []);
});

test("what is older than ten seconds is forgotten", async () => {
  const { runtime, sources } = make();
  sources.reportContributing({ source: 7, rtpTimestamp: 1, atMs: runtime.nowMs() });
  await runtime.advance(10_000);
  assert.equal(sources.contributing().length, 1);
  await runtime.advance(1);
  assert.deepEqual(sources.contributing(), []);
  assert.deepEqual(sources.synchronization(), []);
});

test("a peer that makes up sources does not fill the memory", () => {
  const { runtime, sources } = make();
  for (let source = 0; source < 10_000; source++) {
    sources.reportContributing({ source, rtpTimestamp: 1, atMs: runtime.nowMs() });
  }
  const known = sources.contributing();
  assert.ok(known.length <= 256);
  assert.equal(known[0]!.source, 9_999);
});
