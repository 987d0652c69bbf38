import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import type {
  HeaderExtensionCapability,
  HeaderExtensionDirection,
  NegotiatedHeaderExtension,
} from "../../rtp/header-extension.ts";
import { MID_URI, supportedHeaderExtensions } from "../../rtp/supported-header-extensions.ts";
import type { MediaDirection } from "../../sdp/index.ts";
import { NegotiationError } from "../negotiation-error.ts";
import { receives, reverseDirection, sends } from "./direction.ts";
import {
  answerHeaderExtensions,
  checkExtensionIds,
  ExtensionIds,
  offerHeaderExtensions,
} from "./extension-ids.ts";

const AUDIO = supportedHeaderExtensions("audio");
const VIDEO = supportedHeaderExtensions("video");
const DIRECTIONS: readonly MediaDirection[] = ["sendrecv", "sendonly", "recvonly", "inactive"];

function many(count: number): readonly HeaderExtensionCapability[] {
  return Array.from({ length: count }, (_, index) => ({
    uri: `urn:test:${index}`,
    direction: "sendrecv" as const,
  }));
}

function idsOf(extensions: readonly NegotiatedHeaderExtension[]): readonly number[] {
  return extensions.map(({ id }) => id);
}

test("an offer has all that is not stopped, numbered from 1 (webrtc-extensions, RFC 8285 §5)", () => {
  const offered = offerHeaderExtensions(AUDIO, [], new ExtensionIds([]));
  assert.deepEqual(idsOf(offered), [1, 2, 3, 4]);
  assert.deepEqual(
    offered.map(({ uri }) => uri),
    AUDIO.filter(({ direction }) => direction !== "stopped").map(({ uri }) => uri),
  );
});

test("an extension has the same identifier in every section of a bundle (RFC 8843 §9)", () => {
  const ids = new ExtensionIds([]);
  const sections = [AUDIO, VIDEO, AUDIO].map((wanted) => offerHeaderExtensions(wanted, [], ids));
  const byUri = new Map<string, number>();
  for (const { uri, id } of sections.flat()) {
    assert.equal(byUri.get(uri) ?? id, id, uri);
    byUri.set(uri, id);
  }
  assert.equal(new Set(byUri.values()).size, byUri.size, "and no identifier has two meanings");
});

test("15 is never given, since the one-byte form reserves it; 16 and more need two bytes (RFC 8285 §4.2, §4.3)", () => {
  const offered = offerHeaderExtensions(many(20), [], new ExtensionIds([]));
  // 9 and 12 are nobody's usual ones.
  const rest = range(1, 14).filter((id) => id !== 9 && id !== 12);
  assert.deepEqual(idsOf(offered), [9, 12, ...rest, ...range(16, 21)]);
});

test("254 identifiers are all there are; what does not fit is left out (RFC 8285 §4.3)", () => {
  const offered = offerHeaderExtensions(many(300), [], new ExtensionIds([]));
  assert.equal(offered.length, 254);
  assert.equal(Math.max(...idsOf(offered)), 255);
  assert.equal(new Set(idsOf(offered)).size, 254);
});

test("identifiers that a peer gave are kept for ever (RFC 8285 §5)", () => {
  const theirs: NegotiatedHeaderExtension[] = [
    { uri: MID_URI, id: 14, direction: "sendrecv" },
    { uri: "urn:unknown", id: 1, direction: "sendrecv" },
    { uri: AUDIO[0]!.uri, id: 15, direction: "recvonly" },
  ];
  const offered = offerHeaderExtensions(AUDIO, [], new ExtensionIds(theirs));
  const byUri = new Map(offered.map(({ uri, id }) => [uri, id]));
  assert.equal(byUri.get(MID_URI), 14);
  assert.equal(byUri.get(AUDIO[0]!.uri), 15);
  assert.ok(![...byUri.values()].includes(1), "1 means something else");
});

test("a section keeps its identifiers, unless they mean something else in the bundle", () => {
  const previous: NegotiatedHeaderExtension[] = [{ uri: MID_URI, id: 7, direction: "sendrecv" }];
  const kept = offerHeaderExtensions(AUDIO, previous, new ExtensionIds([]));
  assert.equal(kept.find(({ uri }) => uri === MID_URI)!.id, 7);
  const taken = new ExtensionIds([{ uri: "urn:other", id: 7, direction: "sendrecv" }]);
  assert.notEqual(
    offerHeaderExtensions(AUDIO, previous, taken).find(({ uri }) => uri === MID_URI)!.id,
    7,
  );
});

test("an offer has the wanted direction (RFC 8285 §5)", () => {
  const wanted: HeaderExtensionCapability[] = DIRECTIONS.map((direction) => ({
    uri: `urn:${direction}`,
    direction,
  }));
  const offered = offerHeaderExtensions(wanted, [], new ExtensionIds([]));
  assert.deepEqual(
    offered.map(({ direction }) => direction),
    DIRECTIONS,
  );
});

test("an answer has the offer's identifiers and only what is offered and wanted (RFC 8285 §6)", () => {
  const offered: NegotiatedHeaderExtension[] = [
    { uri: "urn:unknown", id: 1, direction: "sendrecv" },
    { uri: MID_URI, id: 200, direction: "sendrecv" },
    { uri: AUDIO[1]!.uri, id: 3, direction: "sendrecv" },
    {
      uri: AUDIO.find(({ direction }) => direction === "stopped")!.uri,
      id: 4,
      direction: "sendrecv",
    },
  ];
  assert.deepEqual(answerHeaderExtensions(offered, AUDIO), [
    { uri: MID_URI, id: 200, direction: "sendrecv" },
    { uri: AUDIO[1]!.uri, id: 3, direction: "sendrecv" },
  ]);
});

test("an extension that is offered under two identifiers is answered under the first", () => {
  const offered: NegotiatedHeaderExtension[] = [
    { uri: MID_URI, id: 5, direction: "sendrecv" },
    { uri: MID_URI, id: 6, direction: "sendrecv" },
  ];
  assert.deepEqual(idsOf(answerHeaderExtensions(offered, AUDIO)), [5]);
});

test("the direction of an answer is seen from this side, and what both want (RFC 8285 §6)", () => {
  const cases: readonly (readonly [MediaDirection, HeaderExtensionDirection, MediaDirection])[] = [
    ["sendrecv", "sendrecv", "sendrecv"],
    ["sendonly", "sendrecv", "recvonly"],
    ["recvonly", "sendrecv", "sendonly"],
    ["inactive", "sendrecv", "inactive"],
    ["sendrecv", "sendonly", "sendonly"],
    ["sendrecv", "recvonly", "recvonly"],
    ["sendonly", "sendonly", "inactive"],
    ["recvonly", "recvonly", "inactive"],
    ["sendonly", "recvonly", "recvonly"],
    ["sendrecv", "inactive", "inactive"],
  ];
  for (const [theirs, ours, expected] of cases) {
    const [answered] = answerHeaderExtensions(
      [{ uri: "urn:x", id: 1, direction: theirs }],
      [{ uri: "urn:x", direction: ours }],
    );
    assert.equal(answered!.direction, expected, `${theirs} with ${ours}`);
  }
});

test("a direction read from the other side sends what this side receives (RFC 3264 §6.1)", () => {
  for (const direction of DIRECTIONS) {
    const reversed = reverseDirection(direction);
    assert.equal(sends(reversed), receives(direction));
    assert.equal(receives(reversed), sends(direction));
    assert.equal(reverseDirection(reversed), direction);
  }
});

test("a new meaning of an identifier is refused and named (RFC 8285 §5)", () => {
  const before: NegotiatedHeaderExtension[] = [
    { uri: "urn:a", id: 1, direction: "sendrecv" },
    { uri: "urn:b", id: 2, direction: "sendrecv" },
  ];
  checkExtensionIds(before, before);
  checkExtensionIds([{ uri: "urn:c", id: 3, direction: "sendrecv" }], before);
  const swapped = before.map((extension, index) => ({ ...extension, id: 2 - index }));
  assert.throws(
    () => checkExtensionIds(swapped, before),
    (error) =>
      error instanceof NegotiationError &&
      error.kind === "invalidContent" &&
      /a=extmap:2 urn:a: 2 has been "urn:b"/.test(error.message),
  );
  assert.throws(
    () => checkExtensionIds([{ uri: "urn:a", id: 9, direction: "sendrecv" }], before),
    /"urn:a" has been 1/,
  );
});

test("whatever is in use, an offer gives no identifier two meanings and none of 15 by itself", () => {
  const uris = [...AUDIO, ...VIDEO].map(({ uri }) => uri);
  const extension = fc.record({
    uri: fc.oneof(fc.constantFrom(...uris), fc.constantFrom("urn:x", "urn:y", "urn:z")),
    id: fc.integer({ min: 1, max: 255 }),
    direction: fc.constantFrom(...DIRECTIONS),
  });
  fc.assert(
    fc.property(fc.array(extension, { maxLength: 300 }), fc.array(extension), (inUse, previous) => {
      const ids = new ExtensionIds(inUse);
      const meaning = new Map<number, string>();
      for (const { id, uri } of inUse) if (!meaning.has(id)) meaning.set(id, uri);
      for (const wanted of [AUDIO, VIDEO]) {
        const offered = offerHeaderExtensions(wanted, previous, ids);
        for (const { id, uri } of offered) {
          assert.equal(meaning.get(id) ?? uri, uri);
          meaning.set(id, uri);
          const isKept = [...inUse, ...previous].some((kept) => kept.id === id && kept.uri === uri);
          assert.ok(id !== 15 || isKept);
        }
        assert.equal(new Set(idsOf(offered)).size, offered.length);
      }
    }),
  );
});

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

test("extensions have Chromium's identifiers as long as these are free", () => {
  const video = offerHeaderExtensions(VIDEO, [], new ExtensionIds([]));
  const idOf = new Map(video.map(({ uri, id }) => [uri, id]));
  assert.equal(idOf.get(MID_URI), 4);
  assert.equal(idOf.get("urn:ietf:params:rtp-hdrext:toffset"), 14);

  const taken: NegotiatedHeaderExtension = { uri: "urn:unknown", id: 4, direction: "sendrecv" };
  const other = offerHeaderExtensions(VIDEO, [], new ExtensionIds([taken]));
  assert.ok(!idsOf(other).includes(4));
  assert.equal(new Set(idsOf(other)).size, other.length);
});
