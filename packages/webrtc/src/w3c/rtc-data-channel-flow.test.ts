import assert from "node:assert/strict";
import { test } from "vitest";
import { logOf, openPair, Pair } from "../../test/support/channel-pair.ts";
import { ProtocolFailure } from "../base/errors.ts";

test("bufferedAmount rises at send() and falls in a later task (W3C bufferedAmount)", async () => {
  const { pair, left } = await openPair();
  left.send("世界");
  assert.equal(left.bufferedAmount, 6);
  left.send(new Uint8Array(4));
  left.send("");
  assert.equal(left.bufferedAmount, 10);
  left.send(new Blob(["12345"]));
  assert.equal(left.bufferedAmount, 15);
  await pair.settle();
  assert.equal(left.bufferedAmount, 0);
});

test("bufferedamountlow fires once when the amount falls to the threshold or below", async () => {
  const { pair, left } = await openPair();
  const log = logOf(left);
  left.bufferedAmountLowThreshold = 5;
  left.send("hello");
  await pair.settle();
  assert.deepEqual(log, [], "it was never above");
  left.send("hello");
  left.send("hello");
  await pair.settle();
  assert.deepEqual(log, ["bufferedamountlow open"]);
  left.send("hello!");
  await pair.settle();
  assert.equal(log.length, 2);
});

test("bufferedAmountLowThreshold enforces its range (Web IDL unsigned long)", () => {
  const channel = new Pair().left.create("x");
  channel.bufferedAmountLowThreshold = 4_294_967_295;
  for (const value of [-1, 4_294_967_296, Number.NaN, "x", 1n]) {
    assert.throws(() => Reflect.set(channel, "bufferedAmountLowThreshold", value), TypeError);
  }
  assert.equal(channel.bufferedAmountLowThreshold, 4_294_967_295);
});

test("bufferedAmount does not fall when the connection is closed, and nothing is fired", async () => {
  const { pair, left } = await openPair();
  const log = logOf(left);
  left.send("hello");
  pair.left.tasks.close();
  for (const control of pair.left.controls.values()) control.closeAbruptly();
  assert.equal(left.readyState, "closed");
  await pair.settle();
  assert.equal(left.bufferedAmount, 5);
  assert.deepEqual(log, []);
});

test("ids are used again after closing: open, echo and close fifty times", async () => {
  const { pair } = await openPair();
  for (let round = 0; round < 50; round++) {
    const left = pair.left.create(`round ${round}`);
    await pair.settle();
    const right = pair.right.announced.at(-1)!;
    right.onmessage = ({ data }) => right.send(data as string);
    const log = logOf(left);
    left.send(`ping ${round}`);
    await pair.settle();
    assert.ok(log.includes(`message:ping ${round} open`));
    assert.equal(left.id, 2);
    right.close();
    await pair.settle();
    assert.equal(left.readyState, "closed");
  }
});

test("an echo with back-pressure comes to its end whoever goes away, and when (no deadlock)", async () => {
  for (const end of ["close", "abort"] as const) {
    for (const isSending of [true, false]) {
      const { pair, left, right } = await openPair();
      const { readable, writable } = right.streams({ highWaterMarkBytes: 0 });
      const echo = readable.pipeTo(writable).then(
        () => "done",
        (reason: unknown) => String(reason),
      );
      for (let count = 0; count < 20; count++) left.send(`message ${count}`);
      await pair.settle();
      pair.isSending = isSending;
      for (let count = 0; count < 20; count++) left.send(`message ${count}`);
      if (end === "close") left.close();
      else {
        const failure = new ProtocolFailure(
          "ERR_TIMED_OUT",
          "RFC 9260 §8.1",
          "the peer fell silent",
        );
        for (const side of [pair.left, pair.right]) side.table.handleAssociationClosed(failure);
      }
      await pair.settle();
      pair.isSending = true;
      await pair.settle();
      assert.equal(right.readyState, "closed");
      assert.equal(left.readyState, "closed");
      assert.ok((await echo).length > 0);
    }
  }
});

test("a reader that pauses loses nothing, and sees the end after the last message", async () => {
  const { pair, left, right } = await openPair();
  const iterator = right.messages({ highWaterMarkBytes: 0 });
  const sent = Array.from({ length: 50 }, (_, index) => `message ${index}`);
  left.send(sent[0]!);
  await pair.settle();
  for (const text of sent.slice(1)) left.send(text);
  left.close();
  await pair.settle();
  assert.ok(pair.right.table.heldBytes > 0);
  assert.equal(right.readyState, "open");
  const received: unknown[] = [];
  for (;;) {
    const next = iterator.next();
    await pair.settle();
    const result = await next;
    if (result.done === true) break;
    received.push(result.value);
  }
  assert.deepEqual(received, sent);
  assert.equal(right.readyState, "closed");
  assert.equal(pair.right.table.heldBytes, 0);
});

test("stopImmediatePropagation in a listener keeps the handler from being called", async () => {
  const { pair, left, right } = await openPair();
  const log = logOf(right);
  left.send("1");
  left.send("2");
  right.addEventListener("message", (event) => event.stopImmediatePropagation());
  right.onmessage = () => log.push("never");
  await pair.settle();
  assert.deepEqual(log, ["message:1 open", "message:2 open"]);
});
