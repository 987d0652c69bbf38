import assert from "node:assert/strict";
import { test } from "vitest";
import type { Codec } from "./codec.ts";
import { perCodec } from "./per-codec.ts";

test("what is asked of a codec that cannot change is computed once", () => {
  let computations = 0;
  const nameOf = perCodec(({ mimeType }) => {
    computations++;
    return mimeType;
  });
  const codec: Codec = Object.freeze({ mimeType: "video/VP8", clockRate: 90_000 });
  assert.equal(nameOf(codec), "video/VP8");
  assert.equal(nameOf(codec), "video/VP8");
  assert.equal(computations, 1);
  assert.equal(nameOf(Object.freeze({ ...codec, mimeType: "video/VP9" })), "video/VP9");
  assert.equal(computations, 2);
});

test("an absent answer is remembered too", () => {
  let computations = 0;
  const ask = perCodec(() => {
    computations++;
    return undefined;
  });
  const codec: Codec = Object.freeze({ mimeType: "video/rtx", clockRate: 90_000 });
  assert.equal(ask(codec), undefined);
  assert.equal(ask(codec), undefined);
  assert.equal(computations, 1);
});

test("a codec that can change is asked again", () => {
  const nameOf = perCodec(({ mimeType }) => mimeType);
  const codec = { mimeType: "video/VP8", clockRate: 90_000 };
  assert.equal(nameOf(codec), "video/VP8");
  codec.mimeType = "video/AV1";
  assert.equal(nameOf(codec), "video/AV1");
});
