import assert from "node:assert/strict";
import { test } from "vitest";

import {
  connectionStateOf,
  iceConnectionStateOf,
  iceGatheringStateOf,
  type RTCDtlsTransportState,
  type RTCIceTransportState,
  type TransportStates,
} from "./connection-states.ts";

const transport = (
  ice: RTCIceTransportState,
  dtls: RTCDtlsTransportState,
  gatherer: TransportStates["gatherer"] = "complete",
): TransportStates => ({ ice, dtls, gatherer });

test("a connection without transports is new in every respect (webrtc-pc §4.3.3)", () => {
  assert.equal(connectionStateOf([]), "new");
  assert.equal(iceConnectionStateOf([]), "new");
  assert.equal(iceGatheringStateOf([]), "new");
});

test("connectionState follows ICE and DTLS together (webrtc-pc §4.3.3)", () => {
  const rows: readonly (readonly [RTCIceTransportState, RTCDtlsTransportState, string])[] = [
    ["new", "new", "new"],
    ["checking", "new", "connecting"],
    ["connected", "new", "connecting"],
    ["connected", "connecting", "connecting"],
    ["connected", "connected", "connected"],
    ["completed", "connected", "connected"],
    ["disconnected", "connected", "disconnected"],
    ["failed", "connected", "failed"],
    ["connected", "failed", "failed"],
    ["closed", "closed", "new"],
    ["connected", "closed", "connected"],
  ];
  for (const [ice, dtls, expected] of rows) {
    assert.equal(connectionStateOf([transport(ice, dtls)]), expected, `${ice}/${dtls}`);
  }
});

test("one failed transport fails the connection, one disconnected one disconnects it", () => {
  const good = transport("completed", "connected");
  assert.equal(connectionStateOf([good, transport("failed", "new")]), "failed");
  assert.equal(connectionStateOf([good, transport("disconnected", "connected")]), "disconnected");
  assert.equal(iceConnectionStateOf([good, transport("checking", "new")]), "checking");
  assert.equal(iceConnectionStateOf([good, transport("connected", "connected")]), "connected");
  assert.equal(iceConnectionStateOf([good, good]), "completed");
});

test("gathering is complete when every transport has gathered", () => {
  const done = transport("new", "new", "complete");
  assert.equal(iceGatheringStateOf([done, transport("new", "new", "gathering")]), "gathering");
  assert.equal(iceGatheringStateOf([done, transport("new", "new", "new")]), "new");
  assert.equal(iceGatheringStateOf([done, done]), "complete");
});
