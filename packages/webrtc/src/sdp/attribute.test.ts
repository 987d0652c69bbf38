import assert from "node:assert/strict";
import { test } from "vitest";
import type { Attribute } from "./attribute.ts";
import { filterAttributes, findAttribute, hasAttribute } from "./attribute.ts";
import { attributeName, codecOfName } from "./attribute-table.ts";

const ATTRIBUTES: readonly Attribute[] = [
  { kind: "mid", mid: "0" },
  { kind: "direction", direction: "recvonly" },
  { kind: "setup", role: "active" },
  { kind: "msid", streamId: "a" },
  { kind: "other", name: "quality", value: "10" },
  { kind: "msid", streamId: "b", trackId: "t" },
];

test("the first attribute of a kind is found, with its type", () => {
  const mid: string | undefined = findAttribute(ATTRIBUTES, "mid")?.mid;
  assert.equal(mid, "0");
  assert.equal(findAttribute(ATTRIBUTES, "msid")?.streamId, "a");
  assert.equal(findAttribute(ATTRIBUTES, "ice-ufrag"), undefined);
});

test("all attributes of a kind come in order", () => {
  const streamIds: string[] = filterAttributes(ATTRIBUTES, "msid").map(({ streamId }) => streamId);
  assert.deepEqual(streamIds, ["a", "b"]);
  assert.deepEqual(filterAttributes(ATTRIBUTES, "candidate"), []);
});

test("whether an attribute is there at all", () => {
  assert.equal(hasAttribute(ATTRIBUTES, "setup"), true);
  assert.equal(hasAttribute(ATTRIBUTES, "rtcp-mux"), false);
});

test("the name on the wire is the kind, but for directions and unknown attributes", () => {
  assert.deepEqual(ATTRIBUTES.map(attributeName), [
    "mid",
    "recvonly",
    "setup",
    "msid",
    "quality",
    "msid",
  ]);
});

test("names that every object has are not attributes", () => {
  for (const name of ["constructor", "__proto__", "toString", "direction", "other", ""]) {
    assert.equal(codecOfName(name), undefined, name);
  }
});

test("names of attributes are case-sensitive (RFC 8866 §5.13)", () => {
  assert.ok(codecOfName("mid"));
  assert.equal(codecOfName("MID"), undefined);
});
