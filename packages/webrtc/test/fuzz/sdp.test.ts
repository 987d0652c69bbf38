import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { test } from "vitest";
import {
  parseCandidate,
  parseSessionDescription,
  readDataChannelSection,
  SdpSyntaxError,
  serializeCandidate,
  serializeSessionDescription,
} from "../../src/sdp/index.ts";
import type { SessionDescription } from "../../src/sdp/index.ts";

const VECTORS = new URL("../vectors/sdp/", import.meta.url);
const DOCUMENTS = readdirSync(VECTORS)
  .filter((name) => name.endsWith(".sdp"))
  .map((name) => readFileSync(new URL(name, VECTORS), "utf8"));
const CANDIDATES = DOCUMENTS.flatMap((document) =>
  document.split("\r\n").filter((line) => line.startsWith("a=candidate:")),
);
/** Pieces that mean something to the parser: where a mutation is most likely to hurt. */
const PIECES = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  " ",
  "  ",
  ":",
  "=",
  ";",
  ",",
  "/",
  "~",
  '"',
  "%",
  "%0A",
  "*",
  "-",
  "\ufeff",
  "é",
  "\ud800",
  "a=",
  "m=",
  "c=",
  "b=",
  "v=0",
  "t=0 0",
  "a=mid:0",
  "a=candidate:",
  "a=ice-ufrag:abcd",
  "a=setup:active",
  "a=rid:a send",
  "a=simulcast:send a",
  "a=dcmap:1 label=",
  "a=sctpmap:1 x",
  "m=audio 9 a 0",
  "a=group:BUNDLE",
  "0",
  "65536",
  "4294967296",
  "99999999999999999999999",
  "typ",
  "webrtc-datachannel",
];

type Mutation = { readonly at: number; readonly remove: number; readonly insert: string };

const piece = fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "binary", maxLength: 4 }));
const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({ at: fc.nat(10_000), remove: fc.nat(12), insert: piece }),
  { minLength: 1, maxLength: 4 },
);

function mutate(text: string, changes: readonly Mutation[]): string {
  let mutated = text;
  for (const { at, remove, insert } of changes) {
    const start = at % (mutated.length + 1);
    mutated = mutated.slice(0, start) + insert + mutated.slice(start + remove);
  }
  return mutated;
}

function lineCount(text: string): number {
  return text.split("\n").length;
}

/** Lines in an order of their own, since lines of a section may be put in their legal order. */
function sortedLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line))
    .filter((line) => line !== "")
    .toSorted();
}

/** Parses; only `SdpSyntaxError` may be thrown, with a line that is there. */
function tryParse(text: string): SessionDescription | undefined {
  try {
    return parseSessionDescription(text);
  } catch (error) {
    assert.ok(error instanceof SdpSyntaxError, String(error));
    assert.ok(error.lineNumber >= 1 && error.lineNumber <= lineCount(text), error.message);
    assert.ok(error.message.length < 600);
    assert.ok(error.expected.length > 0);
    return undefined;
  }
}

function checkSurvives(text: string): void {
  const description = tryParse(text);
  if (!description) return;
  const written = serializeSessionDescription(description);
  assert.deepEqual(sortedLines(written), sortedLines(text));
  const again = parseSessionDescription(written);
  assert.deepEqual(again, description);
  assert.equal(serializeSessionDescription(again), written);
  for (const media of description.media) {
    try {
      readDataChannelSection(media);
    } catch (error) {
      assert.ok(error instanceof SdpSyntaxError, String(error));
    }
  }
}

test("a mutated real document is read without loss, or refused with a line that is there", () => {
  fc.assert(
    fc.property(fc.constantFrom(...DOCUMENTS), mutations, (document, changes) => {
      checkSurvives(mutate(document, changes));
    }),
    { numRuns: 1_500 },
  );
});

test("a document cut anywhere is read without loss, or refused", () => {
  fc.assert(
    fc.property(fc.constantFrom(...DOCUMENTS), fc.nat(8_000), (document, length) => {
      checkSurvives(document.slice(0, length));
    }),
    { numRuns: 300 },
  );
});

test("lines of real documents in any order are read without loss, or refused", () => {
  const lines = DOCUMENTS.flatMap((document) => document.split("\r\n"));
  const head = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 30 }), (chosen) => {
      checkSurvives(head + chosen.filter((line) => line !== "").join("\r\n"));
    }),
    { numRuns: 500 },
  );
});

test("a canonical rewrite of a mutated real document means the same", () => {
  fc.assert(
    fc.property(fc.constantFrom(...DOCUMENTS), mutations, (document, changes) => {
      const description = tryParse(mutate(document, changes));
      if (!description) return;
      const rewritten = serializeSessionDescription(structuredClone(description));
      assert.deepEqual(parseSessionDescription(rewritten), description);
    }),
    { numRuns: 500 },
  );
});

test("noise is refused", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
      tryParse(text);
    }),
    { numRuns: 500 },
  );
});

test("a mutated candidate is read without loss, or refused", () => {
  fc.assert(
    fc.property(fc.constantFrom(...CANDIDATES), mutations, (line, changes) => {
      const text = mutate(line, changes);
      try {
        const candidate = parseCandidate(text);
        assert.deepEqual(parseCandidate(serializeCandidate(candidate)), candidate);
        assert.deepEqual(parseCandidate(serializeCandidate(structuredClone(candidate))), candidate);
      } catch (error) {
        assert.ok(error instanceof SdpSyntaxError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});
