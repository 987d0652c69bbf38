import assert from "node:assert/strict";
import { test } from "vitest";
import { LineReader } from "./line-reader.ts";
import { DEFAULT_SDP_LIMITS } from "./sdp-limits.ts";
import type { SdpLimits } from "./sdp-limits.ts";
import { SdpSyntaxError } from "./sdp-syntax-error.ts";
import type { SourceLine } from "./source-line.ts";

function readAll(text: string, limits: Partial<SdpLimits> = {}): SourceLine[] {
  const reader = new LineReader(text, { ...DEFAULT_SDP_LIMITS, ...limits });
  const lines: SourceLine[] = [];
  while (reader.current) lines.push(reader.take());
  return lines;
}

function failureOf(read: () => unknown): SdpSyntaxError {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof SdpSyntaxError);
    return error;
  }
  return assert.fail("nothing was thrown");
}

test("lines end with CRLF or LF, the last one also with the text (RFC 8866 §5)", () => {
  const expected = [
    { lineNumber: 1, text: "v=0" },
    { lineNumber: 2, text: "s=-" },
    { lineNumber: 3, text: "a=x" },
  ];
  assert.deepEqual(readAll("v=0\r\ns=-\r\na=x\r\n"), expected);
  assert.deepEqual(readAll("v=0\ns=-\na=x\n"), expected);
  assert.deepEqual(readAll("v=0\r\ns=-\na=x"), expected);
});

test("a value may be empty; what it may hold is not the reader's affair", () => {
  assert.deepEqual(
    readAll("i=\na==\na= x").map(({ text }) => text),
    ["i=", "a==", "a= x"],
  );
});

test("empty lines at the end are no lines", () => {
  assert.equal(readAll("v=0\r\n\r\n\r\n").length, 1);
  assert.equal(readAll("v=0\n\n\r\n\n").length, 1);
  assert.deepEqual(readAll("\r\n\n"), []);
});

test("an empty line within the document is refused, with its number", () => {
  const error = failureOf(() => readAll("v=0\r\n\r\ns=-\r\n"));
  assert.equal(error.lineNumber, 2);
  assert.equal(error.line, "");
  assert.match(error.expected, /<lower-case letter>=<value>/);
});

test.each(["v", "v:0", "V=0", "=0", "0=0", " v=0", "vv=0", "\ufeffv=0", "é=0"])(
  "%j is not of the form <letter>=<value>",
  (line) => {
    assert.equal(failureOf(() => readAll(`v=0\n${line}\n`)).lineNumber, 2);
  },
);

test.each(["a=b\0c", "a=b\rc", "a=\r\r"])("%j holds a character that no line may hold", (line) => {
  const error = failureOf(() => readAll(`v=0\n${line}\n`));
  assert.equal(error.lineNumber, 2);
  assert.match(error.expected, /NUL and carriage return/);
});

test("the length of the document is limited before anything is read", () => {
  const error = failureOf(() => readAll("v=0\n", { maxDocumentLength: 3 }));
  assert.match(error.expected, /at most 3 characters/);
  assert.equal(readAll("v=0\n", { maxDocumentLength: 4 }).length, 1);
});

test("the number of lines is limited", () => {
  assert.equal(readAll("a=1\na=2\na=3\n", { maxLines: 3 }).length, 3);
  const error = failureOf(() => readAll("a=1\na=2\na=3\n", { maxLines: 2 }));
  assert.equal(error.lineNumber, 3);
  assert.match(error.expected, /at most 2 lines/);
});

test("the length of a line is limited", () => {
  assert.equal(readAll("a=12\r\n", { maxLineLength: 4 }).length, 1);
  const error = failureOf(() => readAll("a=123\r\n", { maxLineLength: 4 }));
  assert.match(error.expected, /at most 4 characters a line/);
});

test("behind the last line there is none", () => {
  const reader = new LineReader("v=0", DEFAULT_SDP_LIMITS);
  assert.equal(reader.peekType(), "v");
  reader.take();
  assert.equal(reader.peekType(), "");
  assert.equal(reader.current, undefined);
  const error = failureOf(() => reader.take());
  assert.equal(error.lineNumber, 1);
  assert.match(error.expected, /before the end of the document/);
});

test("the empty text has a first line to complain about", () => {
  const reader = new LineReader("", DEFAULT_SDP_LIMITS);
  assert.equal(reader.unexpected('"v=0"').lineNumber, 1);
});
