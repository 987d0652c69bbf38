import assert from "node:assert/strict";
import { test } from "vitest";
import { encodeUtf8 } from "../base/bytes.ts";
import { ProtocolFailure } from "../base/errors.ts";
import { createRTCDataChannel } from "./rtc-data-channel.ts";
import { TaskQueue } from "./task-queue.ts";
import type { ChannelMessage } from "./channel-data.ts";
import type { ChannelControl, ChannelPort } from "./channel-port.ts";
import type { RTCDataChannel } from "./rtc-data-channel.ts";

const FAILURE = new ProtocolFailure("ERR_TIMED_OUT", "RFC 9260 §8.1", "the peer fell silent");

/** An open channel whose connection is the test: it sees what goes down and says what comes up. */
class Bench implements ChannelPort {
  readonly maxMessageBytes = 100_000;
  readonly maxBufferedBytes = 1_000_000;
  readonly sent: Uint8Array[] = [];
  readonly pauses: boolean[] = [];
  readonly channel: RTCDataChannel;
  readonly control: ChannelControl;
  readonly #runtimeTasks: (() => void)[] = [];
  readonly tasks = new TaskQueue({ queueTask: (task) => void this.#runtimeTasks.push(task) });
  hasRoom = true;
  closeCount = 0;

  constructor() {
    const description = {
      label: "bench",
      ordered: true,
      maxPacketLifeTime: null,
      maxRetransmits: null,
      protocol: "",
      negotiated: true,
      id: 0,
      isFromPeer: false,
    };
    const { channel, control } = createRTCDataChannel({
      description,
      port: this,
      tasks: this.tasks,
    });
    this.channel = channel;
    this.control = control;
  }

  static async open(): Promise<Bench> {
    const bench = new Bench();
    bench.control.announceOpen();
    await bench.settle();
    return bench;
  }

  send(_kind: "text" | "binary", payload: Uint8Array): boolean {
    if (this.hasRoom) this.sent.push(payload);
    return this.hasRoom;
  }

  close(): void {
    this.closeCount++;
  }

  setReceivePaused(isPaused: boolean): void {
    this.pauses.push(isPaused);
  }

  deliver(...texts: string[]): void {
    for (const text of texts) this.control.deliver(true, encodeUtf8(text));
  }

  async settle(): Promise<void> {
    do {
      await new Promise((resolve) => setImmediate(resolve));
      this.#runtimeTasks.shift()?.();
    } while (this.#runtimeTasks.length > 0);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Follows a promise: "pending" until it is settled. */
function watch(promise: Promise<unknown>): { state: string } {
  const watched = { state: "pending" };
  promise.then(
    () => (watched.state = "done"),
    (reason: unknown) => (watched.state = String(reason)),
  );
  return watched;
}

async function collect(messages: AsyncIterable<ChannelMessage>): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of messages) texts.push(String(message));
  return texts;
}

// messages()

test("a loop over messages() gets all messages in order and ends when the channel closes", async () => {
  const bench = await Bench.open();
  const collected = collect(bench.channel.messages());
  bench.deliver("1", "2");
  await bench.settle();
  bench.deliver("3");
  bench.control.noteClosing();
  bench.control.noteClosed();
  await bench.settle();
  assert.deepEqual(await collected, ["1", "2", "3"]);
});

test("messages() in the task of the datachannel event loses nothing that came before", async () => {
  const bench = new Bench();
  bench.control.announceOpen();
  bench.deliver("early");
  const collected = collect(bench.channel.messages());
  bench.control.noteClosed();
  await bench.settle();
  assert.deepEqual(await collected, ["early"]);
});

test("what is queued is read before a failure is thrown, and it is the RTCError", async () => {
  const bench = await Bench.open();
  const iterator = bench.channel.messages();
  bench.deliver("last");
  bench.control.noteClosed(FAILURE);
  await bench.settle();
  assert.deepEqual(await iterator.next(), { done: false, value: "last" });
  await assert.rejects(iterator.next(), { name: "OperationError", errorDetail: "sctp-failure" });
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});

test("a reader that waits is woken by the message, by the end and by a failure", async () => {
  for (const failure of [undefined, FAILURE]) {
    const bench = await Bench.open();
    const iterator = bench.channel.messages();
    const reads = [iterator.next(), iterator.next(), iterator.next()];
    const results = Promise.allSettled(reads);
    bench.deliver("one");
    bench.control.noteClosed(failure);
    await bench.settle();
    const [first, second, third] = await results;
    assert.deepEqual(first?.status === "fulfilled" && first.value, { done: false, value: "one" });
    assert.equal(second?.status, failure === undefined ? "fulfilled" : "rejected");
    assert.deepEqual(third?.status === "fulfilled" && third.value, {
      done: true,
      value: undefined,
    });
  }
});

test("messages() of a closed channel is at its end at once", async () => {
  const bench = await Bench.open();
  bench.control.noteClosed();
  await bench.settle();
  assert.deepEqual(await collect(bench.channel.messages()), []);
});

test("a loop that is left gives up its queue and its share of the pace", async () => {
  const bench = await Bench.open();
  const iterator = bench.channel.messages({ highWaterMarkBytes: 1 });
  bench.deliver("1", "2");
  await bench.settle();
  for await (const message of iterator) if (message === "1") break;
  assert.deepEqual(bench.pauses, [true, false]);
  bench.deliver("3");
  await bench.settle();
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});

test("a full queue pauses the channel, half of it resumes it", async () => {
  const bench = await Bench.open();
  const iterator = bench.channel.messages({ highWaterMarkBytes: 4000 });
  const text = "x".repeat(1000 - 128);
  bench.deliver(text, text, text, text);
  await bench.settle();
  assert.deepEqual(bench.pauses, []);
  bench.deliver(text);
  await bench.settle();
  assert.deepEqual(bench.pauses, [true]);
  await iterator.next();
  await iterator.next();
  assert.deepEqual(bench.pauses, [true]);
  await iterator.next();
  assert.deepEqual(bench.pauses, [true, false]);
});

test("the slowest of several readers sets the pace; each gets every message", async () => {
  const bench = await Bench.open();
  const slow = bench.channel.messages({ highWaterMarkBytes: 0 });
  const fast = collect(bench.channel.messages());
  bench.deliver("1");
  await bench.settle();
  assert.deepEqual(bench.pauses, [true]);
  assert.deepEqual(await slow.next(), { done: false, value: "1" });
  assert.deepEqual(bench.pauses, [true, false]);
  bench.control.noteClosed();
  await bench.settle();
  assert.deepEqual(await fast, ["1"]);
});

test("an onmessage handler sees the messages too", async () => {
  const bench = await Bench.open();
  const heard: unknown[] = [];
  bench.channel.onmessage = ({ data }) => heard.push(data);
  const collected = collect(bench.channel.messages());
  bench.deliver("both");
  bench.control.noteClosed();
  await bench.settle();
  assert.deepEqual(await collected, ["both"]);
  assert.deepEqual(heard, ["both"]);
});

test("a wrong high-water mark throws a TypeError that names it", async () => {
  const { channel } = await Bench.open();
  for (const highWaterMarkBytes of [-1, Number.NaN, "x"]) {
    const options = { highWaterMarkBytes: highWaterMarkBytes as number };
    assert.throws(() => channel.messages(options), /TypeError.*messages.*highWaterMarkBytes/);
    assert.throws(() => channel.streams(options), TypeError);
  }
});

// The readable stream

test("the readable takes nothing before it is asked, then every message, then ends", async () => {
  const bench = await Bench.open();
  const { readable } = bench.channel.streams({ highWaterMarkBytes: 0 });
  bench.deliver("1");
  await bench.settle();
  assert.deepEqual(bench.pauses, [true]);
  const reader = readable.getReader();
  assert.deepEqual(await reader.read(), { done: false, value: "1" });
  bench.deliver("2");
  bench.control.noteClosed();
  await bench.settle();
  assert.deepEqual(await reader.read(), { done: false, value: "2" });
  assert.deepEqual(await reader.read(), { done: true, value: undefined });
});

test("the readable fails with the RTCError when the channel fails", async () => {
  const bench = await Bench.open();
  const reader = bench.channel.streams().readable.getReader();
  const read = assert.rejects(reader.read(), { errorDetail: "sctp-failure" });
  bench.control.noteClosed(FAILURE);
  await bench.settle();
  await read;
});

test("cancelling the readable leaves the channel open and its flow free", async () => {
  const bench = await Bench.open();
  const { readable } = bench.channel.streams({ highWaterMarkBytes: 0 });
  bench.deliver("1");
  await bench.settle();
  await readable.cancel();
  assert.deepEqual(bench.pauses, [true, false]);
  assert.equal(bench.channel.readyState, "open");
});

// The writable stream

test("a write is done only when at most the high-water mark is buffered", async () => {
  const bench = await Bench.open();
  const writer = bench.channel.streams({ highWaterMarkBytes: 100 }).writable.getWriter();
  const first = watch(writer.write(new Uint8Array(100)));
  await bench.settle();
  assert.equal(first.state, "done");
  const second = watch(writer.write(new Uint8Array(50)));
  await bench.settle();
  assert.equal(second.state, "pending");
  assert.equal(bench.sent.length, 2);
  bench.control.noteSent(49);
  await bench.settle();
  assert.equal(second.state, "pending");
  bench.control.noteSent(1);
  await bench.settle();
  assert.equal(second.state, "done");
});

test("writes wait for the channel to open, and keep their order", async () => {
  const bench = new Bench();
  const writer = bench.channel.streams().writable.getWriter();
  const writes = [writer.write("1"), writer.write(new Blob(["2"])), writer.write("3")];
  await bench.settle();
  assert.equal(bench.sent.length, 0);
  bench.control.announceOpen();
  await bench.settle();
  await Promise.all(writes);
  assert.deepEqual(
    bench.sent.map((bytes) => new TextDecoder().decode(bytes)),
    ["1", "2", "3"],
  );
});

test("a writer waits for room that other channels take, and never sees OperationError", async () => {
  const bench = await Bench.open();
  const writer = bench.channel.streams().writable.getWriter();
  bench.hasRoom = false;
  const write = watch(writer.write("x"));
  await bench.settle();
  assert.equal(write.state, "pending");
  bench.hasRoom = true;
  bench.control.noteSendable();
  await bench.settle();
  assert.equal(write.state, "done");
  assert.equal(bench.sent.length, 1);
});

test("a Blob that finds no room goes out when there is some, before what follows", async () => {
  const bench = await Bench.open();
  bench.hasRoom = false;
  bench.channel.send(new Blob(["1"]));
  bench.channel.send("2");
  await bench.settle();
  assert.equal(bench.sent.length, 0);
  bench.channel.close();
  assert.equal(bench.closeCount, 0);
  bench.hasRoom = true;
  bench.control.noteSendable();
  assert.equal(bench.sent.length, 2);
  assert.equal(bench.closeCount, 1);
});

test("a chunk that is too large fails the stream; the channel stays open", async () => {
  const bench = await Bench.open();
  const writer = bench.channel.streams().writable.getWriter();
  const closed = assert.rejects(writer.closed, TypeError);
  await assert.rejects(writer.write(new Uint8Array(100_001)), TypeError);
  await closed;
  assert.equal(bench.channel.readyState, "open");
});

test("closing the writable closes the channel and is done when that has closed", async () => {
  const bench = await Bench.open();
  const writer = bench.channel.streams().writable.getWriter();
  await writer.write("x");
  const close = watch(writer.close());
  await bench.settle();
  assert.equal(bench.closeCount, 1);
  assert.equal(close.state, "pending");
  bench.control.noteClosed();
  await bench.settle();
  assert.equal(close.state, "done");
});

test("closing the writable fails if the channel fails before the peer has everything", async () => {
  const bench = await Bench.open();
  const writer = bench.channel.streams().writable.getWriter();
  const close = watch(writer.close());
  const closed = assert.rejects(writer.closed, { errorDetail: "sctp-failure" });
  bench.control.noteClosed(FAILURE);
  await bench.settle();
  await closed;
  assert.match(close.state, /fell silent/);
});

test("aborting the writable closes the channel", async () => {
  const bench = await Bench.open();
  await bench.channel.streams().writable.abort();
  assert.equal(bench.closeCount, 1);
});

test("when the peer closes, a waiting write and all later ones fail", async () => {
  const bench = await Bench.open();
  const writer = bench.channel.streams({ highWaterMarkBytes: 0 }).writable.getWriter();
  const closed = assert.rejects(writer.closed, { name: "InvalidStateError" });
  const waiting = watch(writer.write("x"));
  await bench.settle();
  bench.control.noteClosing();
  bench.control.noteClosed();
  await bench.settle();
  assert.notEqual(waiting.state, "pending");
  await closed;
  await assert.rejects(writer.write("y"), { name: "InvalidStateError" });
});

test("closing the connection ends readers and fails writers, without an event", async () => {
  const bench = await Bench.open();
  const events: string[] = [];
  bench.channel.onclose = () => events.push("close");
  const collected = collect(bench.channel.messages());
  const writer = bench.channel.streams().writable.getWriter();
  const closed = assert.rejects(writer.closed, { name: "AbortError" });
  bench.tasks.close();
  bench.control.closeAbruptly();
  assert.deepEqual(await collected, []);
  await closed;
  assert.deepEqual(events, []);
});

test("one channel's streams can be piped: an echo with back-pressure", async () => {
  const bench = await Bench.open();
  const { readable, writable } = bench.channel.streams();
  const piped = watch(readable.pipeTo(writable, { preventClose: true }));
  bench.deliver("a", "b", "c");
  await bench.settle();
  assert.equal(bench.sent.length, 3);
  bench.control.noteClosed();
  await bench.settle();
  assert.notEqual(piped.state, "pending");
});
