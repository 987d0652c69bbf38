import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { decodeUtf8, encodeUtf8, fromHex } from "../base/bytes.ts";
import { ProtocolFailure, UsageError } from "../base/errors.ts";
import {
  acceptOpen,
  commandsOf,
  connected,
  eventsOf,
  INIT,
  kindsOf,
  Link,
  negotiated,
  openBytes,
} from "../../test/support/channel-link.ts";
import { ChannelTable } from "./channel-table.ts";
import { encodeDataChannelAck } from "./data-channel-ack.ts";
import {
  PPID_BINARY,
  PPID_BINARY_EMPTY,
  PPID_BINARY_PARTIAL,
  PPID_DCEP,
  PPID_STRING,
  PPID_STRING_EMPTY,
  PPID_STRING_PARTIAL,
} from "./ppid.ts";
import type { ChannelEvent, ChannelKey } from "./channel-events.ts";

// Opening

test("channels created early get their ids with the role: even for the client (RFC 8832 §6)", () => {
  const table = new ChannelTable();
  const first = table.createChannel(INIT);
  const fixed = table.createChannel(negotiated(2));
  const second = table.createChannel(INIT);
  assert.equal(table.streamIdOf(first), undefined);
  table.setRole("client");
  assert.deepEqual(eventsOf(table), [
    { kind: "idAssigned", key: first, streamId: 0 },
    { kind: "idAssigned", key: second, streamId: 4 },
  ]);
  assert.equal(table.streamIdOf(fixed), 2);
  assert.deepEqual(commandsOf(table), []);
});

test("the server's ids are odd (RFC 8832 §6)", () => {
  const table = connected("server");
  const ids = [0, 1, 2].map(() => table.streamIdOf(table.createChannel(INIT)));
  assert.deepEqual(ids, [1, 3, 5]);
});

test("a role that changes before the association is up changes the ids too", () => {
  const table = new ChannelTable();
  const key = table.createChannel(INIT);
  table.setRole("client");
  table.setRole("server");
  table.setRole("server");
  assert.equal(table.streamIdOf(key), 1);
  table.handleConnected(10, 10);
  assert.throws(() => table.setRole("client"), UsageError);
});

test("the association cannot come before the role", () => {
  assert.throws(() => new ChannelTable().handleConnected(10, 10), UsageError);
});

test("the OPEN goes out in order and reliably, whatever the channel is (RFC 8832 §6)", () => {
  const table = new ChannelTable();
  table.setRole("client");
  const key = table.createChannel({ ...INIT, isOrdered: false, maxRetransmits: 0 });
  assert.deepEqual(commandsOf(table), []);
  table.handleConnected(10, 10);
  assert.deepEqual(commandsOf(table), [
    {
      kind: "send",
      streamId: 0,
      ppid: PPID_DCEP,
      payload: fromHex("03 81 0100 00000000 0004 0000 63686174"),
      isUnordered: false,
    },
  ]);
  assert.deepEqual(kindsOf(eventsOf(table)), ["opened"]);
  assert.equal(table.streamIdOf(key), 0);
});

test("an OPEN is answered with an ACK and announced with all it says (RFC 8832 §6)", () => {
  const table = connected("server");
  const properties = { label: "é", protocol: "p", isOrdered: false, maxLifetimeMs: 70 };
  table.handleMessage(4, PPID_DCEP, openBytes(properties));
  assert.deepEqual(commandsOf(table), [
    {
      kind: "send",
      streamId: 4,
      ppid: PPID_DCEP,
      payload: encodeDataChannelAck(),
      isUnordered: false,
    },
  ]);
  const [event] = eventsOf(table);
  assert.deepEqual(event, { kind: "announced", key: event?.key, streamId: 4, properties });
});

test("limits on the wire have 32 bits, in the API 16: larger ones are clamped", () => {
  const table = connected("server");
  table.handleMessage(0, PPID_DCEP, openBytes({ maxRetransmits: 0xffff_ffff }));
  table.handleMessage(2, PPID_DCEP, openBytes({ maxLifetimeMs: 70_000 }));
  const limits = eventsOf(table).map((event) => event.kind === "announced" && event.properties);
  assert.deepEqual(limits, [
    { label: "chat", protocol: "", isOrdered: true, maxRetransmits: 0xffff },
    { label: "chat", protocol: "", isOrdered: true, maxLifetimeMs: 0xffff },
  ]);
});

test("a negotiated channel opens without a message (RFC 8831 §6.5)", () => {
  const table = new ChannelTable();
  const key = table.createChannel(negotiated(7));
  table.setRole("client");
  table.handleConnected(10, 10);
  assert.deepEqual(eventsOf(table), [{ kind: "opened", key }]);
  assert.deepEqual(commandsOf(table), []);
});

test("channels whose id is beyond the negotiated streams fail, the others open", () => {
  const table = new ChannelTable();
  const keys = [table.createChannel(negotiated(4)), table.createChannel(negotiated(5))];
  table.setRole("client");
  table.handleConnected(100, 5);
  const events = eventsOf(table);
  assert.deepEqual(kindsOf(events), ["opened", "failedToOpen"]);
  assert.deepEqual(
    events.map(({ key }) => key),
    keys,
  );
  assert.match(events[1]?.kind === "failedToOpen" ? events[1].failure.message : "", /5 streams/);
  assert.equal(table.streamIdOf(keys[1]!), undefined);
});

test("ids in use or beyond 65534 are refused to the caller (W3C createDataChannel)", () => {
  const table = connected("client");
  table.createChannel(negotiated(1));
  table.createChannel(INIT);
  for (const init of [
    negotiated(1),
    negotiated(0),
    negotiated(65_535),
    negotiated(-1),
    negotiated(0.5),
    { ...INIT, isNegotiated: true },
    { ...INIT, label: "x".repeat(65_536) },
    { ...INIT, protocol: "\u00b5".repeat(32_768) },
    { ...INIT, maxRetransmits: 1, maxLifetimeMs: 1 },
  ]) {
    assert.throws(() => table.createChannel(init), { name: "UsageError", code: "ERR_RANGE" });
  }
  table.createChannel(negotiated(65_534));
});

test("when all ids of a parity are taken no channel can be created", () => {
  const table = connected("server", {}, 4);
  table.createChannel(INIT);
  table.createChannel(INIT);
  assert.throws(() => table.createChannel(INIT), { name: "UsageError", code: "ERR_RANGE" });
});

test("channels that waited fail if there are fewer ids than channels", () => {
  const table = new ChannelTable({ maxChannels: 40_000 });
  for (let count = 0; count < 32_768; count++) table.createChannel(INIT);
  table.setRole("server");
  const kinds = kindsOf(eventsOf(table));
  assert.equal(kinds.filter((kind) => kind === "idAssigned").length, 32_767);
  assert.equal(kinds.filter((kind) => kind === "failedToOpen").length, 1);
});

// Messages

test("text, binary and empty messages arrive as what they were sent (RFC 8831 §6.6)", () => {
  const link = new Link().connect();
  const key = link.client.createChannel(INIT);
  const messages: ["text" | "binary", string][] = [
    ["text", "hello"],
    ["binary", "bytes"],
    ["text", ""],
    ["binary", ""],
  ];
  for (const [kind, text] of messages) assert.ok(link.client.send(key, kind, encodeUtf8(text)));
  link.run();
  const received = link.serverEvents.flatMap((event) =>
    event.kind === "message" ? [[event.isText ? "text" : "binary", decodeUtf8(event.payload)]] : [],
  );
  assert.deepEqual(received, messages);
});

test("an empty message travels as one byte under a PPID of its own (RFC 8831 §6.6)", () => {
  const table = connected("client");
  const key = table.createChannel(INIT);
  commandsOf(table);
  table.send(key, "text", new Uint8Array(0));
  table.send(key, "binary", new Uint8Array(0));
  table.send(key, "text", encodeUtf8("x"));
  table.send(key, "binary", encodeUtf8("x"));
  const sent = commandsOf(table).flatMap((command) =>
    command.kind === "send" ? [[command.ppid, command.payload.byteLength]] : [],
  );
  assert.deepEqual(sent, [
    [PPID_STRING_EMPTY, 1],
    [PPID_BINARY_EMPTY, 1],
    [PPID_STRING, 1],
    [PPID_BINARY, 1],
  ]);
});

test("the content of an empty message is ignored (RFC 8831 §6.6)", () => {
  const table = connected("server");
  const key = acceptOpen(table, 0);
  table.handleMessage(0, PPID_STRING_EMPTY, encodeUtf8("ignored"));
  table.handleMessage(0, PPID_BINARY_EMPTY, encodeUtf8("ignored"));
  const payload = new Uint8Array(0);
  assert.deepEqual(eventsOf(table), [
    { kind: "message", key, isText: true, payload },
    { kind: "message", key, isText: false, payload },
  ]);
});

test("an unordered channel sends in order until the ACK is here (RFC 8832 §6)", () => {
  const table = connected("client");
  const key = table.createChannel({ ...INIT, isOrdered: false, maxLifetimeMs: 9 });
  const sendOne = (): boolean | undefined => {
    table.send(key, "text", encodeUtf8("x"));
    const command = commandsOf(table).at(-1);
    assert.equal(command?.kind === "send" && command.lifetimeMs, 9);
    return command?.kind === "send" ? command.isUnordered : undefined;
  };
  assert.equal(sendOne(), false);
  table.handleMessage(0, PPID_DCEP, encodeDataChannelAck());
  assert.equal(sendOne(), true);
});

test("any message of the peer is as good as an ACK for the order (RFC 8832 §6)", () => {
  const table = connected("client");
  const key = table.createChannel({ ...INIT, isOrdered: false, maxRetransmits: 2 });
  table.handleMessage(0, PPID_STRING, encodeUtf8("x"));
  commandsOf(table);
  table.send(key, "text", encodeUtf8("y"));
  assert.deepEqual(commandsOf(table), [
    {
      kind: "send",
      streamId: 0,
      ppid: PPID_STRING,
      payload: encodeUtf8("y"),
      isUnordered: true,
      maxRetransmits: 2,
    },
  ]);
});

test("the accepting side and negotiated channels send unordered at once", () => {
  const table = connected("server");
  const accepted = acceptOpen(table, 0, { isOrdered: false });
  const fixed = table.createChannel({ ...negotiated(8), isOrdered: false });
  for (const key of [accepted, fixed]) table.send(key, "binary", encodeUtf8("x"));
  assert.deepEqual(
    commandsOf(table).map((command) => command.kind === "send" && command.isUnordered),
    [true, true],
  );
});

test("an ordered channel stays ordered after the ACK", () => {
  const table = connected("client");
  const key = table.createChannel(INIT);
  table.handleMessage(0, PPID_DCEP, encodeDataChannelAck());
  table.send(key, "text", encodeUtf8("x"));
  const command = commandsOf(table).at(-1);
  assert.equal(command?.kind === "send" && command.isUnordered, false);
});

test("a message in deprecated parts is put together on a reliable ordered channel", () => {
  const table = connected("server");
  const key = acceptOpen(table, 0);
  table.handleMessage(0, PPID_STRING_PARTIAL, encodeUtf8("one "));
  table.handleMessage(0, PPID_STRING_PARTIAL, encodeUtf8("two "));
  table.handleMessage(0, PPID_STRING, encodeUtf8("three"));
  table.handleMessage(0, PPID_STRING, encodeUtf8("next"));
  assert.deepEqual(eventsOf(table), [
    { kind: "message", key, isText: true, payload: encodeUtf8("one two three") },
    { kind: "message", key, isText: true, payload: encodeUtf8("next") },
  ]);
});

test("on other channels each deprecated part is a message of its own", () => {
  const table = connected("server");
  const key = acceptOpen(table, 0, { isOrdered: false });
  table.handleMessage(0, PPID_BINARY_PARTIAL, encodeUtf8("part"));
  assert.deepEqual(eventsOf(table), [
    { kind: "message", key, isText: false, payload: encodeUtf8("part") },
  ]);
});

test("parts without an end are bounded: the channel is closed", () => {
  const table = connected("server", { maxMessageBytes: 10 });
  acceptOpen(table, 0);
  for (let count = 0; count < 4; count++) {
    table.handleMessage(0, PPID_BINARY_PARTIAL, encodeUtf8("four"));
  }
  assert.deepEqual(kindsOf(eventsOf(table)), ["closing"]);
  assert.deepEqual(commandsOf(table), [{ kind: "resetStream", streamId: 0 }]);
});

test("data on a stream without a channel and unknown PPIDs are dropped and counted", () => {
  const table = connected("server");
  table.handleMessage(8, PPID_STRING, encodeUtf8("early"));
  table.handleMessage(65_535, PPID_BINARY, encodeUtf8("early"));
  acceptOpen(table, 0);
  table.handleMessage(0, 0, encodeUtf8("?"));
  table.handleMessage(0, 55, encodeUtf8("?"));
  assert.deepEqual(eventsOf(table), []);
  assert.deepEqual(commandsOf(table), []);
  assert.equal(table.counters.droppedMessages, 4);
});

test("sent bytes are reported without those of the protocol (W3C, bufferedAmount)", () => {
  const table = connected("client");
  const key = table.createChannel(INIT);
  table.send(key, "text", new Uint8Array(0));
  table.send(key, "text", encodeUtf8("hello"));
  eventsOf(table);
  assert.equal(table.bufferedBytes, 16 + 1 + 5 + 3 * 64);
  table.handleSent(0, 16 + 1);
  assert.deepEqual(eventsOf(table), []);
  table.handleSent(0, 5);
  assert.deepEqual(eventsOf(table), [{ kind: "sent", key, bytes: 5 }]);
  assert.equal(table.bufferedBytes, 0);
});

test("a full send buffer refuses, and says when there is room for those it refused", () => {
  const table = connected("client", { maxBufferedBytes: 1000 + 2 * 64 });
  const first = table.createChannel(negotiated(0));
  const second = table.createChannel(negotiated(2));
  const third = table.createChannel(negotiated(4));
  eventsOf(table);
  assert.ok(table.send(first, "binary", new Uint8Array(900)));
  assert.equal(table.send(first, "binary", new Uint8Array(101)), false);
  assert.equal(table.send(second, "binary", new Uint8Array(200)), false);
  assert.equal(table.send(second, "binary", new Uint8Array(200)), false);
  assert.ok(table.send(third, "binary", new Uint8Array(100)));
  assert.equal(commandsOf(table).length, 2);
  table.handleSent(0, 400);
  assert.deepEqual(kindsOf(eventsOf(table)), ["sent"]);
  table.handleSent(0, 200);
  assert.deepEqual(eventsOf(table), [
    { kind: "sent", key: first, bytes: 200 },
    { kind: "sendable", key: first },
    { kind: "sendable", key: second },
  ]);
});

test("messages count with an overhead: empty ones fill the send buffer too", () => {
  const table = connected("client", { maxBufferedBytes: 6500 });
  const key = table.createChannel(negotiated(0));
  let count = 0;
  while (table.send(key, "text", new Uint8Array(0))) count++;
  assert.equal(count, 100);
  table.handleSent(0, 100);
  assert.equal(table.bufferedBytes, 0);
});

test("what is sent while the peer closes is discarded and reported as sent", () => {
  const table = connected("server");
  const key = acceptOpen(table, 0);
  table.setReceivePaused(key, true);
  table.handleStreamsReset([0]);
  commandsOf(table);
  assert.ok(table.send(key, "text", encodeUtf8("late")));
  assert.ok(table.send(key, "text", new Uint8Array(0)));
  assert.deepEqual(eventsOf(table), [
    { kind: "sent", key, bytes: 4 },
    { kind: "sent", key, bytes: 0 },
  ]);
  assert.deepEqual(commandsOf(table), []);
});

test("a channel that has closed meanwhile is not told of room", () => {
  const table = connected("client", { maxBufferedBytes: 1000 });
  const [first, second] = [table.createChannel(negotiated(0)), table.createChannel(negotiated(2))];
  assert.ok(table.send(first, "binary", new Uint8Array(900)));
  assert.equal(table.send(second, "binary", new Uint8Array(900)), false);
  table.close(second);
  table.handleStreamsReset([2]);
  table.handleStreamResetDone(2);
  assert.equal(kindsOf(eventsOf(table)).at(-1), "closed");
  table.handleSent(0, 900);
  assert.deepEqual(kindsOf(eventsOf(table)), ["sent"]);
});

// Closing

test("both directions are reset, then both sides are closed (RFC 8831 §6.7)", () => {
  const link = new Link().connect();
  const key = link.client.createChannel(INIT);
  link.run();
  link.client.close(key);
  link.run();
  assert.deepEqual(kindsOf(link.clientEvents), ["opened", "closed"]);
  assert.deepEqual(kindsOf(link.serverEvents), ["announced", "closing", "closed"]);
  assert.equal(
    link.clientEvents.at(-1)?.kind === "closed" && "failure" in link.clientEvents[1]!,
    false,
  );
});

test("what was sent before close() is delivered before the end (RFC 8831 §6.7)", () => {
  const link = new Link().connect();
  const key = link.client.createChannel(INIT);
  for (let count = 0; count < 10; count++) link.client.send(key, "text", encodeUtf8("x"));
  link.client.close(key);
  assert.ok(link.client.send(key, "text", encodeUtf8("too late")));
  link.run();
  const kinds = kindsOf(link.serverEvents);
  assert.equal(kinds.filter((kind) => kind === "message").length, 10);
  assert.deepEqual(kinds.slice(-2), ["closing", "closed"]);
});

test("when both close at once both are closed, and nobody is told twice", () => {
  const link = new Link().connect();
  const key = link.client.createChannel(INIT);
  link.run();
  link.client.close(key);
  link.server.close(link.serverEvents[0]!.key);
  link.run();
  assert.deepEqual(kindsOf(link.clientEvents), ["opened", "closed"]);
  assert.deepEqual(kindsOf(link.serverEvents), ["announced", "closed"]);
});

test("a channel closed before the association is up never goes out", () => {
  const table = new ChannelTable();
  const key = table.createChannel(INIT);
  table.close(key);
  table.close(key);
  assert.deepEqual(eventsOf(table), [{ kind: "closed", key }]);
  table.setRole("client");
  table.handleConnected(10, 10);
  assert.deepEqual(commandsOf(table), []);
});

test("an id is used again only after both directions were reset (RFC 8831 §6.7)", () => {
  const table = connected("client");
  const key = table.createChannel(INIT);
  table.close(key);
  assert.equal(table.streamIdOf(table.createChannel(INIT)), 2);
  table.handleStreamResetDone(0);
  assert.equal(table.streamIdOf(table.createChannel(INIT)), 4);
  table.handleStreamsReset([0]);
  assert.equal(table.streamIdOf(table.createChannel(INIT)), 0);
});

test("messages that arrive after close() are not delivered (W3C, receiving messages)", () => {
  const table = connected("server");
  const key = acceptOpen(table, 0);
  table.close(key);
  table.handleMessage(0, PPID_STRING, encodeUtf8("late"));
  assert.deepEqual(eventsOf(table), []);
});

test("the peer may open a stream again before its answer to our reset is here", () => {
  const table = connected("server");
  const former = acceptOpen(table, 0);
  table.handleStreamsReset([0]);
  assert.deepEqual(kindsOf(eventsOf(table)), ["closing"]);
  table.handleMessage(0, PPID_DCEP, openBytes({ label: "again" }));
  const events = eventsOf(table);
  assert.deepEqual(kindsOf(events), ["closed", "announced"]);
  assert.equal(events[0]?.key, former);
  // The answer belongs to the former channel; the new one closes by its own resets only.
  table.handleStreamResetDone(0);
  table.handleStreamsReset([0]);
  assert.deepEqual(kindsOf(eventsOf(table)), ["closing"]);
  table.handleStreamResetDone(0);
  assert.deepEqual(kindsOf(eventsOf(table)), ["closed"]);
});

test("a reset that names no stream is one of all streams (RFC 6525 §4.1)", () => {
  const table = connected("server");
  acceptOpen(table, 0);
  acceptOpen(table, 2);
  table.handleStreamsReset([]);
  assert.deepEqual(kindsOf(eventsOf(table)), ["closing", "closing"]);
  assert.deepEqual(commandsOf(table), [
    { kind: "resetStream", streamId: 0 },
    { kind: "resetStream", streamId: 2 },
  ]);
});

test("resets and answers that fit no channel change nothing", () => {
  const table = connected("server");
  acceptOpen(table, 0);
  table.handleStreamsReset([2, 65_535]);
  table.handleStreamResetDone(2);
  table.handleStreamResetDone(0);
  table.handleSent(9, 100);
  assert.deepEqual(eventsOf(table), []);
  assert.deepEqual(commandsOf(table), []);
});

test("the end of the association closes all channels with its reason, once", () => {
  const table = connected("server");
  acceptOpen(table, 0);
  table.createChannel(INIT);
  commandsOf(table);
  eventsOf(table);
  const failure = new ProtocolFailure("ERR_PEER_ABORTED", "RFC 9260 §9.1", "aborted");
  table.handleAssociationClosed(failure);
  table.handleAssociationClosed(failure);
  const events = eventsOf(table);
  assert.deepEqual(kindsOf(events), ["closed", "closed"]);
  assert.ok(events.every((event) => event.kind === "closed" && event.failure === failure));
  assert.throws(() => table.createChannel(INIT), { name: "UsageError", code: "ERR_CLOSED" });
  table.handleMessage(2, PPID_DCEP, openBytes());
  assert.deepEqual(eventsOf(table), []);
  assert.deepEqual(commandsOf(table), []);
});

// The whole

test("any mix of opening, sending and closing ends with equal channels on both sides (property)", () => {
  const action = fc.record({
    side: fc.constantFrom<"client" | "server">("client", "server"),
    what: fc.constantFrom("create", "send", "close", "run"),
    which: fc.nat(5),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const link = new Link().connect();
      let sentCount = 0;
      for (const { side, what, which } of actions) {
        const table = link[side];
        const open = openKeys(side === "client" ? link.clientEvents : link.serverEvents);
        const key = open[which % Math.max(1, open.length)];
        if (what === "create") table.createChannel(INIT);
        else if (what === "run") link.run();
        else if (key !== undefined && what === "close") table.close(key);
        else if (key !== undefined) {
          table.send(key, "text", encodeUtf8("x"));
          sentCount++;
        }
      }
      link.run();
      const openCounts = [link.clientEvents, link.serverEvents].map((log) => openKeys(log).length);
      assert.equal(openCounts[0], openCounts[1]);
      const messages = [...link.clientEvents, ...link.serverEvents].filter(
        ({ kind }) => kind === "message",
      );
      assert.ok(messages.length <= sentCount);
      assert.equal(link.client.bufferedBytes, 0);
      assert.equal(link.server.bufferedBytes, 0);
    }),
  );
});

function openKeys(events: readonly ChannelEvent[]): ChannelKey[] {
  const keys = new Set<ChannelKey>();
  for (const { kind, key } of events) {
    if (kind === "opened" || kind === "announced") keys.add(key);
    else if (kind === "closed") keys.delete(key);
  }
  return [...keys];
}
