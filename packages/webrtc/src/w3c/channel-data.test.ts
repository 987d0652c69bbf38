import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { test } from "vitest";
import { encodeUtf8 } from "../base/bytes.ts";
import { toChannelMessage, toOutgoingMessage } from "./channel-data.ts";

test("text of any length and content is encoded as UTF-8 (property)", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme", minLength: 1000, maxLength: 5000 }),
  );
  fc.assert(
    fc.property(text, (data) => {
      const { kind, content, byteLength } = toOutgoingMessage(data, "x");
      assert.equal(kind, "text");
      assert.deepEqual(content, encodeUtf8(data));
      assert.equal(byteLength, encodeUtf8(data).byteLength);
    }),
    { numRuns: 100 },
  );
});

test("a text is not changed by the ones after it", () => {
  const first = toOutgoingMessage("first", "x").content;
  toOutgoingMessage("SECOND", "x");
  assert.deepEqual(first, encodeUtf8("first"));
  assert.equal((first as Uint8Array).buffer.byteLength, 5);
});

test("the longest text of the fast way and the shortest of the slow way are whole", () => {
  for (const length of [4096, 4097]) {
    const text = "世".repeat(length);
    assert.deepEqual(toOutgoingMessage(text, "x").content, encodeUtf8(text));
  }
});

test("a view sends its own part of the buffer, copied", () => {
  const buffer = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer;
  for (const view of [
    new Uint8Array(buffer, 2, 4),
    new Uint16Array(buffer, 2, 2),
    new DataView(buffer, 2, 4),
  ]) {
    const { kind, content } = toOutgoingMessage(view, "x");
    assert.equal(kind, "binary");
    assert.deepEqual(content, Uint8Array.of(3, 4, 5, 6));
    assert.notEqual((content as Uint8Array).buffer, buffer);
  }
});

test("a detached buffer and a view of one are empty messages", () => {
  const view = new Uint16Array(4);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  for (const data of [view, view.buffer]) {
    assert.deepEqual(toOutgoingMessage(data, "x").content, new Uint8Array(0));
  }
});

test("buffers of another realm are buffers", () => {
  const foreign: unknown = runInNewContext("Uint8Array.of(1, 2).buffer");
  assert.ok(!(foreign instanceof ArrayBuffer));
  const { kind, content } = toOutgoingMessage(foreign, "x");
  assert.equal(kind, "binary");
  assert.deepEqual(content, Uint8Array.of(1, 2));
});

test("a payload that fills its buffer is handed over, a part of one is copied", () => {
  const whole = Uint8Array.of(1, 2, 3);
  assert.equal(toChannelMessage(false, whole, "arraybuffer"), whole.buffer);
  const part = whole.subarray(1);
  assert.deepEqual(toChannelMessage(false, part, "arraybuffer"), Uint8Array.of(2, 3).buffer);
});

test("text is decoded with its byte order mark, bad UTF-8 becomes U+FFFD", () => {
  assert.equal(toChannelMessage(true, encodeUtf8("\ufeffx"), "blob"), "\ufeffx");
  assert.equal(toChannelMessage(true, Uint8Array.of(0x61, 0xff), "blob"), "a\ufffd");
});
