import assert from "node:assert/strict";
import { test } from "vitest";
import { createMatcher } from "./name-pattern.mjs";

test("names are literal", () => {
  const matches = createMatcher(["a.b (c) [d] $1?", "plain"]);
  assert.equal(matches("a.b (c) [d] $1?"), true);
  assert.equal(matches("aXb (c) [d] $1?"), false);
  assert.equal(matches("plain "), false);
});

test("a star stands for anything, also for nothing and for line ends", () => {
  const matches = createMatcher(["inbound-rtp's *", "*(x) end"]);
  assert.equal(matches("inbound-rtp's jitter"), true);
  assert.equal(matches("inbound-rtp's "), true);
  assert.equal(matches("remote-inbound-rtp's jitter"), false);
  assert.equal(matches("a\nb(x) end"), true);
  assert.equal(createMatcher(["*"])(""), true);
});

test("no pattern, no match", () => {
  assert.equal(createMatcher([])("anything"), false);
});
