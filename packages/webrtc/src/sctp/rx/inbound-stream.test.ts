import assert from "node:assert/strict";
import { test } from "vitest";
import { InboundStream } from "./inbound-stream.ts";

function message(label: number) {
  return { ppid: 53, payload: Uint8Array.of(label), heldBytes: 1 };
}

function takeAll(stream: InboundStream): number[] {
  const labels: number[] = [];
  for (let next = stream.takeReady(); next; next = stream.takeReady())
    labels.push(next.payload[0]!);
  return labels;
}

test("the next message advances the stream, others do not (RFC 9260 §6.5)", () => {
  const stream = new InboundStream(1, 16);
  assert.equal(stream.advanceIfNext(1), false);
  assert.equal(stream.advanceIfNext(0), true);
  assert.equal(stream.isPast(0), true);
  assert.equal(stream.isPast(1), false);
});

test("held messages become ready in order", () => {
  const stream = new InboundStream(1, 16);
  for (const sequence of [3, 1, 2]) stream.hold(sequence, message(sequence));
  assert.equal(stream.isWaiting(2), true);
  assert.deepEqual(takeAll(stream), []);
  stream.advanceIfNext(0);
  assert.deepEqual(takeAll(stream), [1, 2, 3]);
  assert.equal(stream.isWaiting(2), false);
});

test("numbers wrap at 16 bits or at 32 bits", () => {
  for (const [bits, last] of [
    [16, 0xffff],
    [32, 0xffff_ffff],
  ] as const) {
    const stream = new InboundStream(1, bits);
    stream.skipThrough(0x7fff);
    if (bits === 32) stream.skipThrough(0x7fff_fffe);
    stream.skipThrough(last - 1);
    stream.hold(0, message(7));
    assert.equal(stream.isPast(last), false);
    assert.equal(stream.advanceIfNext(last), true);
    assert.deepEqual(takeAll(stream), [7]);
  }
});

test("skipping returns what is complete up to there, in order, and only once (RFC 3758 §3.6)", () => {
  const stream = new InboundStream(1, 16);
  for (const sequence of [5, 2, 9, 3]) stream.hold(sequence, message(sequence));
  const skipped = stream.skipThrough(5);
  assert.deepEqual(
    skipped.map(({ payload }) => payload[0]),
    [2, 3, 5],
  );
  assert.deepEqual(stream.skipThrough(4), []);
  assert.deepEqual(takeAll(stream), []);
  stream.skipThrough(8);
  assert.deepEqual(takeAll(stream), [9]);
});

test("unfinished messages are kept apart by kind and number, and taken up to a number", () => {
  const stream = new InboundStream(1, 32);
  for (const sequence of [0, 1, 2]) {
    stream.addPartial(false, sequence);
    stream.addPartial(true, sequence);
  }
  assert.notEqual(stream.partial(false, 1), stream.partial(true, 1));
  assert.equal(stream.takePartialsThrough(false, 1).length, 2);
  assert.equal(stream.partial(false, 1), undefined);
  assert.ok(stream.partial(false, 2));
  assert.ok(stream.partial(true, 0));
  stream.deletePartial(true, 0);
  assert.equal(stream.partial(true, 0), undefined);
  stream.hold(4, message(4));
  const { waiting, partials } = stream.takeAll();
  assert.deepEqual([waiting.length, partials.length], [1, 3]);
  assert.deepEqual(stream.takeAll(), { waiting: [], partials: [] });
});
