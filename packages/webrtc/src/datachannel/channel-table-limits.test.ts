import assert from "node:assert/strict";
import { test } from "vitest";
import { encodeUtf8, fromHex } from "../base/bytes.ts";
import {
  acceptOpen,
  commandsOf,
  connected,
  eventsOf,
  INIT,
  kindsOf,
  openBytes,
} from "../../test/support/channel-link.ts";
import { encodeDataChannelAck } from "./data-channel-ack.ts";
import {
  PPID_BINARY,
  PPID_BINARY_PARTIAL,
  PPID_DCEP,
  PPID_STRING,
  PPID_STRING_EMPTY,
} from "./ppid.ts";

test("an OPEN with our parity is not acknowledged, its stream is reset (RFC 8832 §6)", () => {
  const table = connected("client");
  table.handleMessage(2, PPID_DCEP, openBytes());
  assert.deepEqual(eventsOf(table), []);
  assert.deepEqual(commandsOf(table), [{ kind: "resetStream", streamId: 2 }]);
  // Our own channels keep off the stream until it has been reset both ways.
  const ids = [0, 1].map(() => table.streamIdOf(table.createChannel(INIT)));
  assert.deepEqual(ids, [0, 4]);
  table.handleStreamsReset([2]);
  table.handleStreamResetDone(2);
  assert.equal(table.streamIdOf(table.createChannel(INIT)), 2);
});

test("an OPEN on a stream in use closes that channel (RFC 8832 §6)", () => {
  const table = connected("server");
  const key = acceptOpen(table, 0);
  table.handleMessage(0, PPID_DCEP, openBytes());
  assert.deepEqual(eventsOf(table), [{ kind: "closing", key }]);
  assert.deepEqual(commandsOf(table), [{ kind: "resetStream", streamId: 0 }]);
  table.handleStreamsReset([0]);
  table.handleStreamResetDone(0);
  const [closed] = eventsOf(table);
  assert.match(closed?.kind === "closed" ? closed.failure!.message : "", /"chat".*in use/);
});

test("DCEP messages that do not parse reset the stream, never more", () => {
  const table = connected("server");
  for (const [index, hex] of ["", "00", "03", "ff", "0303000000000000 00000000"].entries()) {
    table.handleMessage(index * 2, PPID_DCEP, fromHex(hex));
  }
  assert.deepEqual(eventsOf(table), []);
  assert.deepEqual(
    commandsOf(table),
    [0, 2, 4, 6, 8].map((streamId) => ({ kind: "resetStream", streamId })),
  );
  assert.equal(table.counters.badControlMessages, 5);
  acceptOpen(table, 10);
});

test("an ACK for nothing is let pass", () => {
  const table = connected("server");
  acceptOpen(table, 0);
  table.handleMessage(0, PPID_DCEP, encodeDataChannelAck());
  table.handleMessage(2, PPID_DCEP, encodeDataChannelAck());
  assert.deepEqual(eventsOf(table), []);
  assert.deepEqual(commandsOf(table), []);
});

test("the peer's channels and their texts are bounded, ours are not affected", () => {
  const table = connected("server", { maxPeerChannels: 3, maxPeerTextBytes: 100 });
  for (let streamId = 0; streamId < 8; streamId += 2) {
    table.handleMessage(streamId, PPID_DCEP, openBytes());
  }
  assert.deepEqual(kindsOf(eventsOf(table)), ["announced", "announced", "announced"]);
  assert.deepEqual(commandsOf(table).at(-1), { kind: "resetStream", streamId: 6 });
  table.createChannel(INIT);
  // When one of them is gone there is room for one more, but not for a long label.
  table.handleStreamsReset([0]);
  table.handleStreamResetDone(0);
  table.handleMessage(8, PPID_DCEP, openBytes({ label: "l".repeat(93) }));
  assert.equal(table.counters.refusedChannels, 2);
  table.handleMessage(10, PPID_DCEP, openBytes({ label: "l".repeat(92) }));
  assert.equal(table.counters.refusedChannels, 2);
});

test("a flood of bad OPENs is answered 1024 times and then ignored", () => {
  const table = connected("server");
  for (let streamId = 1; streamId < 10_000; streamId += 2) {
    table.handleMessage(streamId, PPID_DCEP, openBytes());
  }
  assert.equal(commandsOf(table).length, 1024);
  assert.equal(table.counters.refusedChannels, 5000);
});

test("streams beyond the negotiated ones are refused without an answer", () => {
  const table = connected("server", {}, 10);
  table.handleMessage(10, PPID_DCEP, openBytes());
  assert.deepEqual(commandsOf(table), []);
  assert.equal(table.counters.refusedChannels, 1);
});

// Paused receiving

test("a paused channel holds its messages and its end, in order, and counts them", () => {
  const table = connected("server");
  const key = acceptOpen(table, 0);
  table.setReceivePaused(key, true);
  table.handleMessage(0, PPID_STRING, encodeUtf8("one"));
  table.handleMessage(0, PPID_STRING, encodeUtf8("two"));
  table.handleStreamsReset([0]);
  table.handleStreamResetDone(0);
  assert.deepEqual(eventsOf(table), []);
  assert.ok(table.heldBytes >= 6);
  // The protocol goes on: the stream is free although the application has not read to the end.
  assert.deepEqual(commandsOf(table), [{ kind: "resetStream", streamId: 0 }]);
  const next = acceptOpen(table, 0);
  table.setReceivePaused(key, false);
  assert.deepEqual(kindsOf(eventsOf(table)), ["message", "message", "closing", "closed"]);
  assert.equal(table.heldBytes, 0);
  assert.notEqual(next, key);
});

test("other channels go on while one is paused", () => {
  const table = connected("server");
  const paused = acceptOpen(table, 0);
  const other = acceptOpen(table, 2);
  table.setReceivePaused(paused, true);
  table.handleMessage(0, PPID_STRING, encodeUtf8("held"));
  table.handleMessage(2, PPID_STRING, encodeUtf8("now"));
  assert.deepEqual(
    eventsOf(table).map(({ key }) => key),
    [other],
  );
});

test("a peer that goes on past the bound while paused loses its channel, no message before that", () => {
  const table = connected("server", { maxHeldBytes: 10_000 });
  const key = acceptOpen(table, 0);
  table.setReceivePaused(key, true);
  for (let count = 0; count < 20; count++) {
    table.handleMessage(0, PPID_BINARY, new Uint8Array(1000));
  }
  assert.deepEqual(commandsOf(table), [{ kind: "resetStream", streamId: 0 }]);
  assert.ok(table.heldBytes < 12_000);
  assert.deepEqual(eventsOf(table), []);
  table.handleAssociationClosed();
  const events = eventsOf(table);
  assert.deepEqual(kindsOf(events).slice(-3), ["message", "closing", "closed"]);
  assert.ok(events.length >= 9);
});

test("close() and the end of the association end a pause, so that nobody waits for ever", () => {
  const table = connected("server");
  const [closing, failing] = [acceptOpen(table, 0), acceptOpen(table, 2)];
  for (const key of [closing, failing]) table.setReceivePaused(key, true);
  table.handleMessage(0, PPID_STRING, encodeUtf8("x"));
  table.handleMessage(2, PPID_STRING, encodeUtf8("x"));
  table.close(closing);
  table.setReceivePaused(closing, true);
  assert.deepEqual(
    eventsOf(table).map(({ key }) => key),
    [closing],
  );
  table.handleAssociationClosed();
  const events = eventsOf(table);
  assert.deepEqual(kindsOf(events), ["closed", "message", "closed"]);
  assert.equal(table.heldBytes, 0);
});

test("a flood of empty messages counts while paused", () => {
  const table = connected("server");
  const key = acceptOpen(table, 0);
  table.setReceivePaused(key, true);
  for (let count = 0; count < 1000; count++) {
    table.handleMessage(0, PPID_STRING_EMPTY, new Uint8Array(1));
  }
  assert.ok(table.heldBytes >= 100_000);
});

test("a message as large as the whole send buffer waits for an empty queue, not for ever", () => {
  const table = connected("server", { maxBufferedBytes: 1_000 });
  const key = acceptOpen(table, 0);
  const large = new Uint8Array(1_000);
  assert.ok(table.send(key, "binary", new Uint8Array(10)));
  assert.ok(!table.send(key, "binary", large));
  table.handleSent(0, 10);
  table.handleSent(0, 1); // The ACK.
  assert.ok(kindsOf(eventsOf(table)).includes("sendable"));
  assert.equal(table.bufferedBytes, 0);
  assert.ok(table.send(key, "binary", large));
  assert.ok(!table.send(key, "binary", new Uint8Array(1)));
});

// The size of messages

test("a message of the announced size is taken, one byte more closes its channel alone (RFC 8841 §6)", () => {
  const table = connected("server", { maxMessageBytes: 1000 });
  const [key, other] = [acceptOpen(table, 0), acceptOpen(table, 2)];
  table.handleMessage(0, PPID_BINARY, new Uint8Array(1000));
  table.handleMessage(0, PPID_BINARY, new Uint8Array(1001));
  table.handleMessage(0, PPID_BINARY, new Uint8Array(1));
  table.handleMessage(2, PPID_BINARY, new Uint8Array(1000));
  const events = eventsOf(table);
  assert.deepEqual(kindsOf(events), ["message", "closing", "message"]);
  assert.equal(events[2]?.key, other);
  assert.deepEqual(commandsOf(table), [{ kind: "resetStream", streamId: 0 }]);
  table.handleStreamsReset([0]);
  table.handleStreamResetDone(0);
  const [closed] = eventsOf(table);
  assert.ok(closed?.kind === "closed" && closed.key === key);
  assert.equal(closed.failure?.code, "ERR_PEER_VIOLATION");
  assert.equal(closed.failure?.spec, "RFC 8841 §6");
  assert.match(closed.failure?.message ?? "", /"chat".*1000 bytes/);
});

test("the limit is for the whole of a message in parts, its last part included", () => {
  const table = connected("server", { maxMessageBytes: 1000 });
  acceptOpen(table, 0);
  table.handleMessage(0, PPID_BINARY_PARTIAL, new Uint8Array(600));
  table.handleMessage(0, PPID_BINARY, new Uint8Array(400));
  table.handleMessage(0, PPID_BINARY_PARTIAL, new Uint8Array(600));
  table.handleMessage(0, PPID_BINARY, new Uint8Array(401));
  assert.deepEqual(kindsOf(eventsOf(table)), ["message", "closing"]);
  assert.equal(table.heldBytes, 0);
});

test("parts are held bytes until their message is whole or can never be", () => {
  const part = new Uint8Array(1000);
  const table = connected("server");
  const keys = [0, 2, 4, 6].map((streamId) => acceptOpen(table, streamId));
  for (const streamId of [0, 2, 4, 6]) table.handleMessage(streamId, PPID_BINARY_PARTIAL, part);
  assert.ok(table.heldBytes >= 4000);
  table.handleMessage(0, PPID_BINARY, part);
  table.close(keys[1]!);
  table.handleStreamsReset([4]);
  assert.ok(table.heldBytes >= 1000 && table.heldBytes < 2000);
  table.handleAssociationClosed();
  assert.equal(table.heldBytes, 0);
});
