import assert from "node:assert/strict";
import { test } from "vitest";
import type { MediaKind } from "./codec.ts";
import {
  AUDIO_LEVEL_URI,
  MID_URI,
  REPAIRED_RID_URI,
  RID_URI,
  supportedHeaderExtensions,
} from "./supported-header-extensions.ts";

function offeredUris(kind: MediaKind): readonly string[] {
  return supportedHeaderExtensions(kind)
    .filter(({ direction }) => direction === "sendrecv")
    .map(({ uri }) => uri);
}

test("what RFC 8834 §5.2 and RFC 8852 §4 require is offered", () => {
  assert.ok(offeredUris("audio").includes(MID_URI));
  assert.ok(offeredUris("audio").includes(AUDIO_LEVEL_URI));
  for (const uri of [MID_URI, RID_URI, REPAIRED_RID_URI, "urn:3gpp:video-orientation"]) {
    assert.ok(offeredUris("video").includes(uri), uri);
  }
});

test("RIDs and orientation are for video only, loudness for audio only", () => {
  const uris = (kind: MediaKind) => supportedHeaderExtensions(kind).map(({ uri }) => uri);
  assert.ok(!uris("audio").includes(RID_URI));
  assert.ok(!uris("audio").includes("urn:3gpp:video-orientation"));
  assert.ok(!uris("video").includes(AUDIO_LEVEL_URI));
});

test("all that is offered together fits into the one-byte form (RFC 8285 §4.2)", () => {
  const uris = new Set([...offeredUris("audio"), ...offeredUris("video")]);
  assert.ok(uris.size <= 14, `${uris.size} extensions`);
});

test("the rest is known and stopped (webrtc-extensions, header extension control)", () => {
  const stopped = supportedHeaderExtensions("video").filter(
    ({ direction }) => direction === "stopped",
  );
  const names = stopped.map(({ uri }) => uri.slice(uri.lastIndexOf("/") + 1));
  assert.deepEqual(names, [
    "video-content-type",
    "video-timing",
    "color-space",
    "abs-capture-time",
    "video-layers-allocation00",
    "corruption-detection",
  ]);
});

test("each is there once, and nobody can change the list", () => {
  for (const kind of ["audio", "video"] as const) {
    const extensions = supportedHeaderExtensions(kind);
    assert.equal(new Set(extensions.map(({ uri }) => uri)).size, extensions.length);
    assert.ok(Object.isFrozen(extensions) && extensions.every((each) => Object.isFrozen(each)));
  }
});
