import assert from "node:assert/strict";
import { test } from "vitest";
import { UsageError } from "../../base/errors.ts";
import type { MessageToSend } from "./outgoing-message.ts";
import { SendQueue } from "./send-queue.ts";

function message(streamId: number, byteCount: number, more: Partial<MessageToSend> = {}) {
  const payload = new Uint8Array(byteCount);
  return { streamId, ppid: 53, payload, isUnordered: false, ...more };
}

/** Takes fragments of at most `roomBytes` until the queue is empty, as `stream:bytes`. */
function takeAll(queue: SendQueue, roomBytes: number): string[] {
  const taken: string[] = [];
  for (let next = queue.peek(0); next; next = queue.peek(0)) {
    const byteCount = queue.fragmentBytes(next, roomBytes, true);
    queue.advance(next, byteCount);
    taken.push(`${next.stream.id}:${byteCount}`);
  }
  return taken;
}

test("streams take turns, message by message with DATA (RFC 9260 §6.9)", () => {
  const queue = new SendQueue(1e6);
  queue.push(message(1, 250), 0);
  queue.push(message(1, 50), 0);
  queue.push(message(2, 150), 0);
  assert.deepEqual(takeAll(queue, 100), ["1:100", "1:100", "1:50", "2:100", "2:50", "1:50"]);
  assert.equal(queue.isEmpty, true);
});

test("streams take turns fragment by fragment with I-DATA (RFC 8260 §3.2)", () => {
  const queue = new SendQueue(1e6);
  queue.setInterleaved(true);
  queue.push(message(1, 250), 0);
  queue.push(message(1, 50), 0);
  queue.push(message(2, 150), 0);
  assert.deepEqual(takeAll(queue, 100), ["1:100", "2:100", "1:100", "2:50", "1:50", "1:50"]);
});

test("a fragment fills the packet in whole words; a small rest of a packet is left alone", () => {
  const queue = new SendQueue(1e6);
  queue.push(message(1, 5_000), 0);
  const next = queue.peek(0)!;
  assert.equal(queue.fragmentBytes(next, 1_175, true), 1_172);
  assert.equal(queue.fragmentBytes(next, 255, false), 0);
  assert.equal(queue.fragmentBytes(next, 256, false), 256);
  assert.equal(queue.fragmentBytes(next, -5, false), 0);
  assert.equal(queue.fragmentBytes(next, 5_000, false), 5_000);
});

test("ordered and unordered messages are numbered apart with I-DATA, ordered ones only with DATA", () => {
  for (const isInterleaved of [true, false]) {
    const queue = new SendQueue(1e6);
    queue.setInterleaved(isInterleaved);
    const numbers: number[] = [];
    for (const isUnordered of [false, true, false, true]) {
      queue.push(message(1, 10, { isUnordered }), 0);
      const next = queue.peek(0)!;
      queue.advance(next, 10);
      numbers.push(next.sequence);
    }
    assert.deepEqual(numbers, isInterleaved ? [0, 0, 1, 1] : [0, 0, 1, 0]);
  }
});

test("what expires in the queue is dropped without a number (RFC 3758 §4.1)", () => {
  const queue = new SendQueue(1e6);
  queue.push(message(1, 10, { lifetimeMs: 5 }), 0);
  queue.push(message(1, 20), 0);
  const next = queue.peek(5)!;
  assert.equal(next.payload.byteLength, 20);
  queue.advance(next, 20);
  assert.equal(next.sequence, 0);
  assert.equal(queue.takeUnreported()?.unreportedBytes, 30);
  assert.equal(queue.takeUnreported(), undefined);
  assert.equal(queue.bufferedBytes(1), 0);
});

test("a queue of nothing but expired messages is empty", () => {
  const queue = new SendQueue(1e6);
  for (const id of [1, 2, 3]) queue.push(message(id, 10, { lifetimeMs: 5 }), 0);
  assert.equal(queue.isEmpty, false);
  assert.equal(queue.peek(10), undefined);
  assert.equal(queue.isEmpty, true);
});

test("held messages come after the reset, with numbers from zero (RFC 6525 §5.1.2)", () => {
  const queue = new SendQueue(1e6);
  queue.push(message(1, 10), 0);
  queue.beginReset(1);
  queue.beginReset(1);
  queue.push(message(1, 20), 0);
  assert.deepEqual(takeAll(queue, 100), ["1:10"]);
  assert.equal(queue.bufferedBytes(1), 20);
  const [stream] = queue.drainingStreams;
  assert.equal(stream!.isDrained, true);
  queue.markResetRequested(stream!);
  assert.equal(queue.drainingStreams.size, 0);
  stream!.restartNumbering();
  queue.releaseHeld(stream!);
  const next = queue.peek(0)!;
  queue.advance(next, 20);
  assert.equal(next.sequence, 0);
});

test("the limit counts payload and book-keeping, and is freed as messages go", () => {
  const queue = new SendQueue(1_000);
  assert.equal(queue.push(message(1, 936), 0), true);
  assert.equal(queue.push(message(1, 1), 0), false);
  const next = queue.peek(0)!;
  queue.advance(next, 936);
  assert.equal(queue.push(message(1, 936), 0), true);
  queue.clear();
  assert.equal(queue.isEmpty, true);
  assert.equal(queue.push(message(1, 936), 0), true);
});

test("empty payloads and stream numbers out of range are usage errors", () => {
  const queue = new SendQueue(1_000);
  assert.throws(() => queue.push(message(1, 0), 0), UsageError);
  for (const id of [-1, 65_535, 1.5]) {
    assert.throws(() => queue.push(message(id, 1), 0), UsageError);
  }
});
