import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "vitest";
import { parseCandidate } from "./candidate.ts";
import { parseSessionDescription } from "./parse-session-description.ts";
import type { SdpLimits } from "./sdp-limits.ts";
import { SdpSyntaxError } from "./sdp-syntax-error.ts";

// How much parsing costs, counted and not timed: every string and regular expression method is
// wrapped to add up the characters that it may look at. Time follows, since each expression is one
// pass over its text (see text-scan.ts).

const HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
const SECTION = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n";
const MEBIBYTE = 1_048_576;
const NO_LIMITS: SdpLimits = {
  maxDocumentLength: Infinity,
  maxLines: Infinity,
  maxLineLength: Infinity,
  maxMediaSections: Infinity,
  maxAttributesPerSection: Infinity,
  maxCandidatesPerSection: Infinity,
};

type Method = (...args: unknown[]) => unknown;

/** Characters that a call on `text` may look at; a search from an offset stops where it finds. */
function touched(name: string, text: string, args: readonly unknown[], result: unknown): number {
  switch (name) {
    case "charCodeAt":
    case "startsWith":
      return 1;
    case "slice":
      return (result as string).length;
    case "indexOf": {
      const start = (args[1] as number | undefined) ?? 0;
      const end = (result as number) < 0 ? text.length : (result as number);
      return Math.max(end - start, 0) + 1;
    }
    default:
      return text.length;
  }
}

const STRING_METHODS = [
  "charCodeAt",
  "codePointAt",
  "includes",
  "indexOf",
  "padStart",
  "replace",
  "replaceAll",
  "slice",
  "split",
  "startsWith",
  "toLowerCase",
  "toUpperCase",
  "trim",
  "trimEnd",
  "trimStart",
] as const;

/** Runs `parse` and returns how many characters were looked at meanwhile. */
function charactersTouchedBy(parse: () => unknown): number {
  let count = 0;
  const restore: (() => void)[] = [];
  const wrap = (
    target: object,
    name: string,
    cost: (self: unknown, args: unknown[], result: unknown) => number,
  ): void => {
    const original = Reflect.get(target, name) as Method;
    const wrapped = function (this: unknown, ...args: unknown[]): unknown {
      const result = Reflect.apply(original, this, args);
      count += cost(this, args, result);
      return result;
    };
    Object.defineProperty(target, name, { value: wrapped, configurable: true, writable: true });
    restore.push(() =>
      Object.defineProperty(target, name, { value: original, configurable: true, writable: true }),
    );
  };
  for (const name of STRING_METHODS) {
    wrap(String.prototype, name, (self, args, result) => touched(name, String(self), args, result));
  }
  wrap(RegExp.prototype, "test", (_, args) => String(args[0]).length);
  try {
    parse();
  } catch (error) {
    if (!(error instanceof SdpSyntaxError)) throw error;
  } finally {
    for (const undo of restore) undo();
  }
  return count;
}

/** `unit` again and again behind `head`, up to about `length` characters. */
function fill(unit: string, head: string, length: number): string {
  return head + unit.repeat(Math.max(Math.floor((length - head.length) / unit.length), 1));
}

function realDocument(length: number): string {
  const url = new URL(
    "../../test/vectors/sdp/chromium-156-audio-video-data-offer.sdp",
    import.meta.url,
  );
  const text = readFileSync(url, "utf8");
  const start = text.indexOf("m=");
  let document = text.slice(0, start);
  for (let mid = 0; document.length < length; mid++) {
    document += text.slice(start).replace(/a=mid:/g, `a=mid:${mid}x`);
  }
  return document;
}

const HOSTILE: readonly (readonly [string, (length: number) => string])[] = [
  ["unknown attributes", (length) => fill("a=x\r\n", HEAD, length)],
  ["different unknown attributes", (length) => fill("a=x:1\r\na=y:2\r\na=z\r\n", HEAD, length)],
  ["media sections", (length) => fill("m=a 0 b c\r\n", HEAD, length)],
  [
    "candidates",
    (length) => fill("a=candidate:1 1 udp 1 1.1.1.1 1 typ host\r\n", HEAD + SECTION, length),
  ],
  ["bandwidths", (length) => fill("b=A:1\n", HEAD.replace("t=0 0\r\n", ""), length)],
  ["timings", (length) => fill("t=0 0\n", HEAD, length)],
  ["repetitions", (length) => fill("r=1\n", HEAD, length)],
  ["e-mail addresses", (length) => fill("e=\n", HEAD.replace("t=0 0\r\n", ""), length)],
  ["line feeds at the end", (length) => fill("\n", HEAD, length)],
  ["line ends and then a line", (length) => `${fill("\r\n", HEAD, length)}a=x`],
  ["carriage returns", (length) => fill("\r", HEAD, length)],
  ["one line", (length) => fill("y", `${HEAD}a=x:`, length)],
  ["one line of spaces", (length) => fill(" ", `${HEAD}a=group:`, length)],
  ["one line of words", (length) => fill(" a", `${HEAD}a=group:BUNDLE`, length)],
  ["one line of colons", (length) => fill(":", `${HEAD}a=a`, length)],
  ["lines of many words", (length) => fill(`a=group:B${" a".repeat(900)}\r\n`, HEAD, length)],
  ["formats", (length) => fill(`m=a 9 b${" 1".repeat(250)}\r\n`, HEAD, length)],
  ["rid parameters", (length) => fill(";", `${HEAD}${SECTION}a=rid:a send x`, length)],
  ["simulcast streams", (length) => fill("a;", `${HEAD}${SECTION}a=simulcast:send `, length)],
  [
    "candidate extensions",
    (length) => fill(" a b", `${HEAD}${SECTION}a=candidate:1 1 udp 1 ::1 1 typ host`, length),
  ],
  ["escapes", (length) => `${fill("%41", `${HEAD}${SECTION}a=dcmap:1 label="`, length)}"`],
  ["quotes", (length) => fill('"', `${HEAD}${SECTION}a=dcmap:1 label=`, length)],
  ["data channels", (length) => fill('a=dcmap:1 label="a"\r\n', HEAD + SECTION, length)],
  ["digest pairs", (length) => fill("AA:", `${HEAD}a=fingerprint:x `, length)],
  ["digits", (length) => fill("1", `${HEAD}${SECTION}a=ptime:`, length)],
  ["repeated codecs", (length) => fill("a=rtpmap:96 a/1\r\n", HEAD + SECTION, length)],
  ["groups", (length) => fill("a=group:BUNDLE a b c\r\n", HEAD, length)],
  ["NUL", (length) => fill("\0", HEAD, length)],
  ["real sections", realDocument],
];

test.each(HOSTILE)(
  "%s: the cost grows with the length, not faster, even without limits",
  (_, build) => {
    const small = build(20_000);
    const large = build(80_000);
    const costOfSmall = charactersTouchedBy(() => parseSessionDescription(small, NO_LIMITS));
    const costOfLarge = charactersTouchedBy(() => parseSessionDescription(large, NO_LIMITS));
    const growth = large.length / small.length;
    assert.ok(
      costOfLarge <= costOfSmall * growth * 1.1 + 1_000,
      `${costOfSmall} -> ${costOfLarge}`,
    );
  },
);

test.each(HOSTILE)("%s: a document of 1 MB costs a few looks at each character", (_, build) => {
  const text = build(MEBIBYTE).slice(0, MEBIBYTE);
  const cost = charactersTouchedBy(() => parseSessionDescription(text));
  assert.ok(cost <= text.length * 12, `${cost} for ${text.length} characters`);
});

test("a document over the limit costs nothing but its refusal", () => {
  const text = fill("a=x\r\n", HEAD, 4 * MEBIBYTE);
  assert.ok(charactersTouchedBy(() => parseSessionDescription(text)) < 2_000);
});

test("a candidate over the limit costs nothing but its refusal", () => {
  const text = `candidate:1 1 udp 1 ::1 1 typ host${" a b".repeat(MEBIBYTE)}`;
  assert.ok(charactersTouchedBy(() => parseCandidate(text)) <= text.length * 3);
});
