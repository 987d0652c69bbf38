import assert from "node:assert/strict";
import { test } from "vitest";
import {
  EPOCH_MS,
  makeChannel,
  makeContext,
  makeSource,
} from "../../../test/support/stats-fixtures.ts";
import { dataChannelStats } from "./data-channel-stats.ts";
import { peerConnectionStats } from "./peer-connection-stats.ts";

test("a channel tells its names, its state and its messages (webrtc-stats, RTCDataChannelStats)", () => {
  const { id, ...stats } = dataChannelStats(makeChannel(), makeContext());
  assert.match(id, /^D/);
  assert.deepEqual(stats, {
    timestamp: EPOCH_MS,
    type: "data-channel",
    label: "chat",
    protocol: "",
    dataChannelIdentifier: 0,
    state: "open",
    messagesSent: 1,
    bytesSent: 2,
    messagesReceived: 3,
    bytesReceived: 4,
  });
});

test("a channel without a stream has no identifier (webrtc-stats, dataChannelIdentifier)", () => {
  const channel = makeChannel({ streamId: undefined, state: "connecting" });
  assert.equal("dataChannelIdentifier" in dataChannelStats(channel, makeContext()), false);
});

test("the connection counts channels that have been open, and those that no longer are (webrtc-stats, RTCPeerConnectionStats)", () => {
  const { session } = makeSource({ openedChannels: 5, closedChannels: 2 });
  const { id, ...stats } = peerConnectionStats(session, makeContext());
  assert.match(id, /^P/);
  assert.deepEqual(stats, {
    timestamp: EPOCH_MS,
    type: "peer-connection",
    dataChannelsOpened: 5,
    dataChannelsClosed: 2,
  });
});
