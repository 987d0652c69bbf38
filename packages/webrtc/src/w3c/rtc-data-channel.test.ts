import assert from "node:assert/strict";
import { test } from "vitest";
import { logOf, MAX_MESSAGE_BYTES, openPair, Pair } from "../../test/support/channel-pair.ts";
import { ProtocolFailure } from "../base/errors.ts";
import { RTCDataChannelEvent } from "./events/rtc-data-channel-event.ts";
import { RTCErrorEvent } from "./events/rtc-error-event.ts";
import { createRTCDataChannel, RTCDataChannel } from "./rtc-data-channel.ts";
import type { TestInit } from "../../test/support/channel-pair.ts";
import type { RTCError } from "./rtc-error.ts";

const MODES: [string, TestInit][] = [
  ["announced", {}],
  ["negotiated", { negotiated: true, id: 0 }],
];

test("a new channel has the attributes of its making (W3C createDataChannel)", () => {
  const { left } = new Pair();
  const plain = left.create("label");
  assert.ok(plain instanceof RTCDataChannel && plain instanceof EventTarget);
  assert.equal(plain.label, "label");
  assert.equal(plain.ordered, true);
  assert.equal(plain.maxPacketLifeTime, null);
  assert.equal(plain.maxRetransmits, null);
  assert.equal(plain.protocol, "");
  assert.equal(plain.negotiated, false);
  assert.equal(plain.readyState, "connecting");
  assert.equal(plain.bufferedAmount, 0);
  assert.equal(plain.bufferedAmountLowThreshold, 0);
  assert.equal(plain.binaryType, "arraybuffer");
  const other = left.create("x", { maxRetransmits: 3, ordered: false, protocol: "p" });
  assert.deepEqual([other.maxRetransmits, other.ordered, other.protocol], [3, false, "p"]);
});

test("the constructor cannot be called and the class looks like a browser's (Web IDL §3.7)", () => {
  assert.throws(() => new RTCDataChannel(), new TypeError("Illegal constructor"));
  assert.equal(RTCDataChannel.length, 0);
  assert.equal(RTCDataChannel.name, "RTCDataChannel");
  const channel = new Pair().left.create("x");
  assert.equal(Object.prototype.toString.call(channel), "[object RTCDataChannel]");
  const names: string[] = [];
  for (const name in channel) names.push(name);
  for (const name of ["label", "send", "onmessage", "binaryType"]) assert.ok(names.includes(name));
  assert.ok(!names.includes("messages") && !names.includes("streams"));
  assert.deepEqual(Object.keys(channel), []);
  assert.throws(() => Reflect.get(RTCDataChannel.prototype, "label"), TypeError);
  assert.throws(() => Reflect.get(RTCDataChannel.prototype, "onopen"), TypeError);
});

test("the id is null until the stream is known (W3C id)", async () => {
  const pair = new Pair();
  const { control, channel } = createRTCDataChannel({
    description: {
      label: "",
      ordered: true,
      maxPacketLifeTime: null,
      maxRetransmits: null,
      protocol: "",
      negotiated: false,
      id: null,
      isFromPeer: false,
    },
    port: { maxMessageBytes: 1, maxBufferedBytes: 1, send: () => true, close() {} },
    tasks: pair.left.tasks,
  });
  assert.equal(channel.id, null);
  control.assignId(4);
  assert.equal(channel.id, 4);
});

for (const [mode, init] of MODES) {
  test(`${mode}: both ends open, and messages of all kinds come through`, async () => {
    const { pair, left, right } = await openPair(init);
    assert.equal(left.readyState, "open");
    assert.equal(right.readyState, "open");
    assert.equal(right.label, "chat");
    const received: unknown[] = [];
    right.onmessage = ({ data }) => received.push(data);
    left.send("hello");
    left.send("世界你好");
    left.send("");
    left.send(Uint8Array.of(1, 2, 3));
    left.send(Uint8Array.of(1, 2, 3).buffer);
    left.send(new DataView(Uint8Array.of(0, 7, 8, 0).buffer, 1, 2));
    left.send(new Uint16Array(0));
    left.send(new Blob(["blob"]));
    await pair.settle();
    assert.deepEqual(received, [
      "hello",
      "世界你好",
      "",
      Uint8Array.of(1, 2, 3).buffer,
      Uint8Array.of(1, 2, 3).buffer,
      Uint8Array.of(7, 8).buffer,
      new ArrayBuffer(0),
      new TextEncoder().encode("blob").buffer,
    ]);
  });

  test(`${mode}: close() fires closing and close at the peer, close alone here`, async () => {
    const { pair, left, right } = await openPair(init);
    const logs = [logOf(left), logOf(right)];
    left.close();
    left.close();
    assert.equal(left.readyState, "closing");
    await pair.settle();
    assert.deepEqual(logs, [["close closed"], ["closing closing", "close closed"]]);
  });

  test(`${mode}: everything sent before close() arrives, Blobs too`, async () => {
    const { pair, left, right } = await openPair(init);
    let receivedBytes = 0;
    right.onmessage = ({ data }) => {
      receivedBytes += (data as ArrayBuffer).byteLength;
    };
    for (let count = 0; count < 10; count++) {
      left.send(new Blob([new Uint8Array(100)]));
      left.send(new Uint8Array(10));
    }
    left.close();
    await pair.settle();
    assert.equal(receivedBytes, 1100);
    assert.equal(right.readyState, "closed");
  });

  test(`${mode}: a failure of the association fires error, then close`, async () => {
    const { pair, left } = await openPair(init);
    const log = logOf(left);
    let error: RTCError | undefined;
    left.onerror = (event) => {
      assert.ok(event instanceof RTCErrorEvent);
      error = event.error;
    };
    const failure = new ProtocolFailure("ERR_PEER_ABORTED", "RFC 9260 §9.1", "the peer aborted", {
      detail: { sctpCauseCode: 12 },
    });
    pair.left.table.handleAssociationClosed(failure);
    await pair.settle();
    assert.deepEqual(log, ["error closed", "close closed"]);
    assert.equal(error?.errorDetail, "sctp-failure");
    assert.equal(error.sctpCauseCode, 12);
    assert.equal(error.name, "OperationError");
    assert.equal(error.message, "the peer aborted");
    assert.equal(error.cause, failure);
  });
}

test("send() before open throws InvalidStateError (W3C send, step 3)", () => {
  const channel = new Pair().left.create("x");
  assert.throws(() => channel.send("x"), { name: "InvalidStateError" });
  channel.close();
  assert.throws(() => channel.send("x"), { name: "InvalidStateError" });
});

test("what send() does not take throws TypeError and sends nothing (W3C send, step 4)", async () => {
  const { pair, left, right } = await openPair();
  const log = logOf(right);
  const send = left.send.bind(left) as (...values: unknown[]) => void;
  assert.throws(() => send(), /1 argument is required/);
  for (const value of [
    null,
    undefined,
    Symbol("s"),
    new SharedArrayBuffer(4),
    new Uint8Array(new SharedArrayBuffer(4)),
  ]) {
    assert.throws(() => send(value), TypeError);
  }
  send(42); // A USVString, as Web IDL resolves the overload.
  await pair.settle();
  assert.deepEqual(log, ["message:42 open"]);
});

test("a message over the limit throws TypeError and the channel stays open (W3C send, step 5)", async () => {
  const { pair, left, right } = await openPair();
  const log = logOf(right);
  const tooLarge = MAX_MESSAGE_BYTES + 1;
  for (const data of [
    new Uint8Array(tooLarge),
    "x".repeat(tooLarge),
    "é".repeat(501),
    new Blob([new Uint8Array(tooLarge)]),
  ]) {
    assert.throws(() => left.send(data), TypeError);
  }
  assert.equal(left.bufferedAmount, 0);
  left.send("é".repeat(500));
  await pair.settle();
  assert.equal(log.length, 1);
  assert.equal(left.readyState, "open");
});

test("a full buffer throws OperationError and the channel stays open (W3C send, step 6)", async () => {
  const { pair, left } = await openPair({}, new Pair(5 * (1000 + 64)));
  pair.isSending = false;
  for (let count = 0; count < 5; count++) left.send(new Uint8Array(1000));
  assert.throws(() => left.send(new Uint8Array(1)), { name: "OperationError" });
  assert.equal(left.bufferedAmount, 5000);
  pair.isSending = true;
  await pair.settle();
  left.send(new Uint8Array(1));
  assert.equal(left.readyState, "open");
});

test("what is sent is what the bytes were at the call", async () => {
  const { pair, left, right } = await openPair();
  let received: unknown;
  right.onmessage = ({ data }) => {
    received = data;
  };
  const bytes = Uint8Array.of(1, 2, 3);
  left.send(bytes);
  bytes.fill(9);
  await pair.settle();
  assert.deepEqual(received, Uint8Array.of(1, 2, 3).buffer);
});

test("a Blob keeps its place among the messages (W3C send, step 4)", async () => {
  const { pair, left, right } = await openPair();
  const received: unknown[] = [];
  right.onmessage = ({ data }) => received.push(typeof data === "string" ? data : "blob");
  left.send("1");
  left.send(new Blob(["2"]));
  left.send("3");
  left.send(new Blob(["4"]));
  left.send("5");
  assert.equal(left.bufferedAmount, 5);
  await pair.settle();
  assert.deepEqual(received, ["1", "blob", "3", "blob", "5"]);
  assert.equal(left.bufferedAmount, 0);
});

test("a Blob that cannot be read is left out, with an error event; the rest goes on", async () => {
  const { pair, left, right } = await openPair();
  const log = logOf(right);
  const errors: string[] = [];
  left.onerror = ({ error }) => errors.push(`${error.errorDetail}: ${error.message}`);
  class BrokenBlob extends Blob {
    override arrayBuffer(): Promise<ArrayBuffer> {
      return Promise.reject(new RangeError("gone"));
    }
  }
  left.send(new BrokenBlob(["12345"]));
  left.send("after");
  await pair.settle();
  assert.deepEqual(log, ["message:after open"]);
  assert.equal(left.bufferedAmount, 0);
  assert.match(errors.join(), /^data-channel-failure: .*gone/);
});

test("binaryType decides the form of binary messages; other values are ignored", async () => {
  const { pair, left, right } = await openPair();
  const received: unknown[] = [];
  right.onmessage = ({ data }) => received.push(data);
  right.binaryType = "blob";
  for (const value of ["jellyfish", "arraybuffer ", "", null, undefined, 234, 54n]) {
    Reflect.set(right, "binaryType", value);
    assert.equal(right.binaryType, "blob");
  }
  left.send(Uint8Array.of(1, 2));
  left.send("text");
  await pair.settle();
  const blob = received[0];
  assert.ok(blob instanceof Blob);
  assert.deepEqual(await blob.arrayBuffer(), Uint8Array.of(1, 2).buffer);
  assert.equal(received[1], "text");
});

test("lone surrogates arrive as U+FFFD (Web IDL USVString)", async () => {
  const { pair, left, right } = await openPair();
  const log = logOf(right);
  left.send("a\ud800b");
  await pair.settle();
  assert.deepEqual(log, ["message:a\ufffdb open"]);
});

test("datachannel, open and the first message come in this order, each in a task (W3C)", async () => {
  const pair = new Pair();
  const left = pair.left.create("early");
  left.onopen = () => left.send("first");
  const log: string[] = [];
  pair.right.addEventListener("datachannel", (event) => {
    assert.ok(event instanceof RTCDataChannelEvent);
    const { channel } = event;
    log.push(`datachannel ${channel.readyState}`);
    queueMicrotask(() => log.push("microtask"));
    channel.onopen = () => {
      log.push("open");
      queueMicrotask(() => log.push("microtask"));
    };
    channel.onmessage = ({ data }) => log.push(String(data));
    channel.send("from the handler");
  });
  const received = logOf(left);
  pair.connect();
  await pair.settle();
  assert.deepEqual(log, ["datachannel open", "microtask", "open", "microtask", "first"]);
  const [opened, ...others] = received;
  assert.equal(opened, "open open");
  assert.ok(others.includes("message:from the handler open"));
});

test("a channel that the peer has closed already is announced, opened and closed in order", async () => {
  const pair = new Pair();
  const left = pair.left.create("short");
  pair.connect();
  left.onopen = () => {
    left.send("only");
    left.close();
  };
  let log: string[] = [];
  pair.right.addEventListener("datachannel", (event) => {
    log = logOf((event as RTCDataChannelEvent).channel);
  });
  await pair.settle();
  assert.deepEqual(log, ["open open", "message:only open", "closing closing", "close closed"]);
});

test("close() in the datachannel handler: no open, but close", async () => {
  const pair = new Pair();
  pair.left.create("unwanted");
  let log: string[] = [];
  pair.right.addEventListener("datachannel", (event) => {
    const { channel } = event as RTCDataChannelEvent;
    log = logOf(channel);
    channel.close();
  });
  pair.connect();
  await pair.settle();
  assert.deepEqual(log, ["close closed"]);
});

test("messages that come after close() are discarded (W3C receiving messages, step 3)", async () => {
  const { pair, left, right } = await openPair();
  const log = logOf(right);
  left.send("too late");
  right.close();
  await pair.settle();
  assert.deepEqual(log, ["close closed"]);
});

test("a channel without a stream fires error with data-channel-failure, then close (W3C)", async () => {
  const pair = new Pair();
  const channel = pair.left.create("far", { negotiated: true, id: 5000 });
  const log = logOf(channel);
  let detail: string | undefined;
  channel.onerror = ({ error }) => {
    detail = error.errorDetail;
  };
  pair.connect();
  await pair.settle();
  assert.deepEqual(log, ["error closed", "close closed"]);
  assert.equal(detail, "data-channel-failure");
});

test("a channel that never opened is closed when the association fails", async () => {
  const pair = new Pair();
  const channel = pair.left.create("never");
  const log = logOf(channel);
  pair.left.table.handleAssociationClosed();
  await pair.settle();
  assert.deepEqual(log, ["close closed"]);
});
