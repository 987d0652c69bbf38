import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "vitest";
import type { Attribute } from "./attribute.ts";
import { parseSessionDescription } from "./parse-session-description.ts";
import { serializeSessionDescription } from "./serialize-session-description.ts";
import type { SessionDescription } from "./session-description.ts";

const VECTORS = new URL("../../test/vectors/sdp/", import.meta.url);
const VECTOR_NAMES = readdirSync(VECTORS).filter((name) => name.endsWith(".sdp"));

/** Lines that real peers write differently from the canonical form, and the canonical form. */
const CANONICAL_FORMS: readonly (readonly [RegExp, string])[] = [
  [/^a=msid-semantic: WMS/, "a=msid-semantic:WMS"],
  [/^(a=candidate:\S+ \d+) UDP /, "$1 udp "],
  [/^(a=candidate:\S+ \d+) TCP /, "$1 tcp "],
  [/^(a=rtcp-fb:.*?) +$/, "$1"],
];

function readVector(name: string): string {
  return readFileSync(new URL(name, VECTORS), "utf8");
}

/** The same description without a memory of its text: everything is written in canonical form. */
function forgetSource(description: SessionDescription): SessionDescription {
  return structuredClone(description);
}

function canonicalLine(line: string): string {
  let canonical = line;
  for (const [pattern, replacement] of CANONICAL_FORMS) {
    canonical = canonical.replace(pattern, replacement);
  }
  return canonical;
}

function* allAttributes(description: SessionDescription): Generator<Attribute> {
  yield* description.attributes;
  for (const media of description.media) yield* media.attributes;
}

test.each(VECTOR_NAMES)("%s survives parsing and writing byte for byte", (name) => {
  const text = readVector(name);
  assert.equal(serializeSessionDescription(parseSessionDescription(text)), text);
});

test.each(VECTOR_NAMES)("%s is read the same with LF line ends, and written with CRLF", (name) => {
  const text = readVector(name);
  const description = parseSessionDescription(text.replaceAll("\r\n", "\n"));
  assert.deepEqual(description, parseSessionDescription(text));
  assert.equal(serializeSessionDescription(description), text);
});

test.each(VECTOR_NAMES)(
  "%s rebuilt from its typed form is canonical and means the same",
  (name) => {
    const text = readVector(name);
    const description = parseSessionDescription(text);
    const rewritten = serializeSessionDescription(forgetSource(description));
    assert.deepEqual(rewritten.split("\r\n"), text.split("\r\n").map(canonicalLine));
    assert.deepEqual(parseSessionDescription(rewritten), description);
  },
);

test.each(VECTOR_NAMES.filter((name) => name !== "every-attribute.sdp"))(
  "every attribute of %s is known and typed",
  (name) => {
    const description = parseSessionDescription(readVector(name));
    const others = [...allAttributes(description)].filter(({ kind }) => kind === "other");
    assert.deepEqual(others, []);
  },
);

test("an attribute that is changed by copying is written anew, its neighbours stay as they were", () => {
  const description = parseSessionDescription(readVector("firefox-data-offer.sdp"));
  const media = description.media[0]!;
  const attributes = media.attributes.map((attribute) =>
    attribute.kind === "candidate" && attribute.type === "relay"
      ? { ...attribute, port: 1 }
      : attribute,
  );
  const changed = { ...description, media: [{ ...media, port: 9, attributes }] };
  const expected = readVector("firefox-data-offer.sdp")
    .replace("m=application 50613 ", "m=application 9 ")
    .replace(
      "a=candidate:3 1 UDP 92217343 198.51.100.30 61234",
      "a=candidate:3 1 udp 92217343 198.51.100.30 1",
    );
  assert.equal(serializeSessionDescription(changed), expected);
});

test("a parsed description is frozen throughout, so that its text cannot fall behind it", () => {
  const description = parseSessionDescription(readVector("every-attribute.sdp"));
  const open: object[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if (!Object.isFrozen(value)) open.push(value);
    Object.values(value).forEach(visit);
  };
  visit(description);
  assert.deepEqual(open, []);
});
