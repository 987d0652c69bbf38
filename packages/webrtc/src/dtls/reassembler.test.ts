import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { SeededRandom } from "../base/random.ts";
import {
  encodeHandshakeMessage,
  HANDSHAKE_TYPE,
  type HandshakeFragment,
} from "./messages/handshake-message.ts";
import { Reassembler } from "./reassembler.ts";

const TYPE = HANDSHAKE_TYPE.certificate;

function bodyOf(byteCount: number, seed = 1): Uint8Array {
  return new SeededRandom(seed).bytes(byteCount);
}

function cut(body: Uint8Array, start: number, end: number, sequence = 0): HandshakeFragment {
  const fragment = body.subarray(start, end);
  return { type: TYPE, messageBytes: body.byteLength, sequence, fragmentOffset: start, fragment };
}

test("a message in one piece is whole at once, with the header of the transcript (RFC 6347 §4.2.6)", () => {
  const reassembler = new Reassembler();
  const body = bodyOf(100);
  assert.equal(reassembler.accept(cut(body, 0, 100), 0), "kept");
  const message = reassembler.peek();
  assert.deepEqual(message?.bytes, encodeHandshakeMessage(TYPE, 0, body));
  assert.deepEqual(message?.body, body);
});

test("any fragments that cover a message make it whole, in any order, with overlaps and repeats (RFC 6347 §4.2.3)", () => {
  const anyCut = fc
    .tuple(fc.nat(300), fc.nat(300))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  const anyCuts = fc.array(anyCut, { maxLength: 30 });
  fc.assert(
    fc.property(anyCuts, fc.nat(), (cuts, seed) => {
      const body = bodyOf(300);
      const reassembler = new Reassembler();
      const covered = new Set<number>();
      for (const [start = 0, end = 0] of cuts) {
        assert.equal(reassembler.peek() !== undefined, covered.size === 300);
        reassembler.accept(cut(body, start, end), 0);
        for (let index = start; index < end; index++) covered.add(index);
      }
      const middle = seed % 300;
      reassembler.accept(cut(body, middle, 300), 0);
      reassembler.accept(cut(body, 0, middle), 0);
      assert.deepEqual(reassembler.peek()?.body, body);
    }),
  );
});

test("messages come out in order, whatever order they came in", () => {
  const reassembler = new Reassembler();
  const bodies = [0, 1, 2].map((seed) => bodyOf(50 + seed, seed));
  for (const sequence of [2, 0, 1]) {
    reassembler.accept(cut(bodies[sequence]!, 0, 50 + sequence, sequence), 0);
  }
  for (const body of bodies) {
    assert.deepEqual(reassembler.peek()?.body, body);
    reassembler.advance();
  }
  assert.equal(reassembler.peek(), undefined);
  assert.equal(reassembler.nextSequence, 3);
});

test("an empty message is whole when its one empty fragment has come", () => {
  const reassembler = new Reassembler();
  reassembler.accept(cut(new Uint8Array(0), 0, 0), 0);
  assert.equal(reassembler.peek()?.body.byteLength, 0);
});

test("an empty fragment of a longer message adds nothing and breaks nothing", () => {
  const reassembler = new Reassembler();
  const body = bodyOf(10);
  assert.equal(reassembler.accept(cut(body, 5, 5), 0), "kept");
  assert.equal(reassembler.peek(), undefined);
  reassembler.accept(cut(body, 0, 10), 0);
  assert.deepEqual(reassembler.peek()?.body, body);
});

test("what has been taken is old, and what is far ahead is refused", () => {
  const reassembler = new Reassembler();
  const body = bodyOf(4);
  reassembler.accept(cut(body, 0, 4), 0);
  reassembler.advance();
  assert.equal(reassembler.accept(cut(body, 0, 4, 0), 0), "old");
  assert.equal(reassembler.accept(cut(body, 0, 4, 8), 0), "kept");
  assert.equal(reassembler.accept(cut(body, 0, 4, 9), 0), "refused");
  assert.equal(reassembler.accept(cut(body, 0, 4, 65_535), 0), "refused");
});

test("bytes that have come are not overwritten by others that overlap them", () => {
  const reassembler = new Reassembler();
  const body = bodyOf(20);
  reassembler.accept(cut(body, 0, 15), 0);
  reassembler.accept(cut(new Uint8Array(20), 0, 20), 0);
  assert.deepEqual(reassembler.peek()?.body.subarray(0, 15), body.subarray(0, 15));
});

test("another claim about length or type starts the message over: the peer repeats what is right", () => {
  const reassembler = new Reassembler();
  const body = bodyOf(20);
  const forged = { ...cut(bodyOf(60_000), 0, 10), type: HANDSHAKE_TYPE.serverHelloDone };
  for (const noise of [cut(bodyOf(21), 0, 10), forged]) {
    reassembler.accept(noise, 0);
    reassembler.accept(cut(body, 0, 10), 0);
    reassembler.accept(cut(body, 10, 20), 0);
    assert.deepEqual(reassembler.peek()?.body, body);
    reassembler.discard();
  }
});

test("what came under protection is not replaced by what did not", () => {
  const reassembler = new Reassembler();
  const body = bodyOf(12);
  reassembler.accept(cut(body, 0, 6), 1);
  assert.equal(reassembler.accept(cut(bodyOf(13), 0, 13), 0), "refused");
  assert.equal(reassembler.accept(cut(body, 6, 12), 0), "refused");
  reassembler.accept(cut(body, 6, 12), 1);
  assert.deepEqual(reassembler.peek()?.body, body);
});

test("what came without protection gives way to what came under it", () => {
  const reassembler = new Reassembler();
  const body = bodyOf(12);
  reassembler.accept(cut(bodyOf(12, 9), 0, 12), 0);
  reassembler.accept(cut(body, 0, 12), 1);
  assert.deepEqual(reassembler.peek()?.body, body);
});

test("a message over 64 KiB is refused before any memory is taken for it", () => {
  const reassembler = new Reassembler();
  const claim = { ...cut(bodyOf(10), 0, 10), messageBytes: 65_537 };
  assert.equal(reassembler.accept(claim, 0), "refused");
  assert.equal(reassembler.accept({ ...claim, messageBytes: 0xff_ffff }, 0), "refused");
  assert.equal(reassembler.accept({ ...claim, messageBytes: 65_536 }, 0), "kept");
});

test("a flood of claims ahead cannot keep out the message that is due", () => {
  const reassembler = new Reassembler();
  const outcomes = [1, 2, 3, 4, 5, 6, 7].map((sequence) =>
    reassembler.accept({ ...cut(bodyOf(1), 0, 1, sequence), messageBytes: 30_000 }, 0),
  );
  assert.equal(outcomes.filter((outcome) => outcome === "kept").length, 3);
  const due = bodyOf(60_000);
  assert.equal(reassembler.accept(cut(due, 0, 60_000), 0), "kept");
  assert.deepEqual(reassembler.peek()?.body, due);
});

test("a message that was of no use can come again", () => {
  const reassembler = new Reassembler();
  reassembler.accept(cut(bodyOf(5, 1), 0, 5), 0);
  reassembler.discard();
  assert.equal(reassembler.peek(), undefined);
  reassembler.accept(cut(bodyOf(5, 2), 0, 5), 0);
  assert.deepEqual(reassembler.peek()?.body, bodyOf(5, 2));
  reassembler.discard();
  reassembler.discard();
});
