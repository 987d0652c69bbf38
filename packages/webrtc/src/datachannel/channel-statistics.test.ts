import assert from "node:assert/strict";
import { test } from "vitest";
import { acceptOpen, connected, INIT, negotiated } from "../../test/support/channel-link.ts";
import { Channel } from "./channel.ts";
import type { ChannelKey } from "./channel-events.ts";
import { ChannelHistory, channelStatisticsOf } from "./channel-statistics.ts";
import type { ChannelTable } from "./channel-table.ts";
import { ChannelTable as Table } from "./channel-table.ts";
import { PPID_BINARY, PPID_STRING_EMPTY } from "./ppid.ts";

function of(table: ChannelTable, key: ChannelKey) {
  return table.statistics.find((channel) => channel.key === key);
}

function counts({ history }: ChannelTable): readonly number[] {
  return [history.openedChannels, history.closedChannels];
}

function endedChannel(key: number, label: string): Channel {
  const properties = { label, protocol: "", isOrdered: true };
  const channel = new Channel(key as ChannelKey, properties, "local");
  channel.state = "closed";
  return channel;
}

test("a channel that waits is connecting and has counted nothing (webrtc-stats, RTCDataChannelStats)", () => {
  const table = new Table();
  const key = table.createChannel({ ...INIT, label: "chat", protocol: "p" });
  assert.deepEqual(of(table, key), {
    key,
    label: "chat",
    protocol: "p",
    streamId: undefined,
    state: "connecting",
    messagesSent: 0,
    bytesSent: 0,
    messagesReceived: 0,
    bytesReceived: 0,
  });
  assert.deepEqual(counts(table), [0, 0]);
});

test("messages of the application are counted with their bytes, empty ones too (webrtc-stats, messagesSent)", () => {
  const table = connected("client");
  const key = table.createChannel(negotiated(4));
  table.send(key, "text", new Uint8Array(0));
  table.send(key, "binary", new Uint8Array(7));
  table.handleMessage(4, PPID_STRING_EMPTY, new Uint8Array(1));
  table.handleMessage(4, PPID_BINARY, new Uint8Array(9));
  table.handleMessage(6, PPID_BINARY, new Uint8Array(9));
  const statistics = of(table, key);
  assert.deepEqual([statistics?.messagesSent, statistics?.bytesSent], [2, 7]);
  assert.deepEqual([statistics?.messagesReceived, statistics?.bytesReceived], [2, 9]);
});

test("what is discarded or refused was not sent (webrtc-stats, bytesSent)", () => {
  const table = connected("client", { maxBufferedBytes: 10 });
  const key = table.createChannel(negotiated(4));
  while (table.send(key, "binary", new Uint8Array(5)));
  const sent = of(table, key)!.messagesSent;
  assert.equal(of(table, key)?.bytesSent, 5 * sent);
  table.close(key);
  table.send(key, "binary", new Uint8Array(5));
  assert.equal(of(table, key)?.messagesSent, sent);
});

test("a channel counts as closed once, whoever begins and however it ends (webrtc-stats, dataChannelsClosed)", () => {
  const table = connected("client");
  const [first, second] = [table.createChannel(negotiated(4)), table.createChannel(negotiated(6))];
  acceptOpen(table, 1);
  assert.deepEqual(counts(table), [3, 0]);
  table.close(first);
  table.close(first);
  assert.deepEqual(counts(table), [3, 1]);
  table.handleStreamsReset([6]);
  assert.deepEqual(counts(table), [3, 2]);
  assert.equal(of(table, second)?.state, "closing");
  table.handleAssociationClosed();
  assert.deepEqual(counts(table), [3, 3]);
  assert.ok(table.statistics.every(({ state }) => state === "closed"));
});

test("a channel that never was open is not counted as closed (webrtc-stats, dataChannelsClosed)", () => {
  const table = new Table();
  table.close(table.createChannel(INIT));
  assert.deepEqual(counts(table), [0, 0]);
});

test("the counts and the ended channels go on in the next table", () => {
  const table = connected("client");
  const key = table.createChannel(negotiated(4));
  const successor = table.createSuccessor();
  table.handleAssociationClosed();
  assert.deepEqual(counts(successor), [1, 1]);
  assert.equal(of(successor, key)?.state, "closed");
});

test("a paused channel that has ended is told of once, though its last event waits", () => {
  const table = connected("client");
  const key = table.createChannel(negotiated(4));
  table.setReceivePaused(key, true);
  table.handleMessage(4, PPID_BINARY, new Uint8Array(1));
  table.handleStreamsReset([4]);
  table.handleStreamResetDone(4);
  assert.deepEqual(
    table.statistics.map((channel) => [channel.key, channel.state]),
    [[key, "closed"]],
  );
});

test("no more than 256 ended channels are remembered, the latest", () => {
  const history = new ChannelHistory();
  for (let key = 1; key <= 300; key++) history.noteEnded(endedChannel(key, "x"));
  assert.equal(history.ended.length, 256);
  assert.equal(history.ended[0]?.key, 45);
  assert.equal(history.ended.at(-1)?.key, 300);
});

test("a peer cannot have long labels remembered without end", () => {
  const history = new ChannelHistory();
  for (let key = 1; key <= 10; key++) history.noteEnded(endedChannel(key, "y".repeat(20_000)));
  assert.deepEqual(
    history.ended.map(({ key }) => key),
    [8, 9, 10],
  );
});

test("a snapshot does not change any more", () => {
  const channel = endedChannel(1, "x");
  const snapshot = channelStatisticsOf(channel);
  channel.counters.messagesSent++;
  assert.equal(snapshot.messagesSent, 0);
});
