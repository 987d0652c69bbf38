import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeChannel } from "../test/fake-connection.ts";
import { settle } from "../test/settle.ts";
import {
  HIGH_WATER_BYTES,
  LOW_WATER_BYTES,
  sendWhenWritable,
  whenWritable,
} from "./back-pressure.ts";
import { PeerGoneError } from "./errors.ts";

function isDone(promise: Promise<unknown>): () => boolean {
  let done = false;
  void promise.then(
    () => (done = true),
    () => (done = true),
  );
  return () => done;
}

test("a channel with room takes data at once, text and bytes", async () => {
  const [near] = FakeChannel.pair();
  await sendWhenWritable(near, "text", "p");
  await sendWhenWritable(near, new Uint8Array([1]), "p");
  assert.deepEqual(near.sent, ["text", new Uint8Array([1])]);
});

test("above the high-water mark a sender waits until the low one", async () => {
  const [near] = FakeChannel.pair();
  near.isStuck = true;
  near.bufferedAmount = HIGH_WATER_BYTES;
  const done = isDone(sendWhenWritable(near, "later", "p"));
  await settle();
  assert.equal(done(), false);
  assert.equal(near.bufferedAmountLowThreshold, LOW_WATER_BYTES);
  near.drain();
  await settle();
  assert.ok(done());
  assert.deepEqual(near.sent, ["later"]);
});

test("a channel that is full again after the event is waited for again", async () => {
  const [near] = FakeChannel.pair();
  near.bufferedAmount = HIGH_WATER_BYTES;
  const done = isDone(whenWritable(near, "p"));
  near.dispatchEvent(new Event("bufferedamountlow"));
  await settle();
  assert.equal(done(), false);
  near.drain();
  await settle();
  assert.ok(done());
});

test("a channel that closes while a sender waits rejects with PeerGoneError", async () => {
  const [near] = FakeChannel.pair();
  near.bufferedAmount = HIGH_WATER_BYTES;
  const sending = sendWhenWritable(near, "x", "p");
  near.lose();
  await assert.rejects(sending, (error) => error instanceof PeerGoneError && error.peerId === "p");
  await assert.rejects(sendWhenWritable(near, "x", "p"), PeerGoneError);
});

test("what the channel refuses is the caller's to know", async () => {
  const [near] = FakeChannel.pair();
  await assert.rejects(sendWhenWritable(near, new Uint8Array(300_000), "p"), TypeError);
});
