import assert from "node:assert/strict";
import { test } from "vitest";

import { VirtualWorld } from "../testing/index.ts";
import type { RTCSettings } from "./environment.ts";
import { RTCDtlsTransport } from "./rtc-dtls-transport.ts";
import { RTCIceCandidatePair, RTCIceTransport } from "./rtc-ice-transport.ts";
import { RTCPeerConnection } from "./rtc-peer-connection.ts";
import { RTCSctpTransport } from "./rtc-sctp-transport.ts";

const world = new VirtualWorld({ seed: 1 });
const { runtime } = world.createHost("host", {
  network: world.internet,
  addresses: ["192.0.2.1"],
});
const create = (configuration?: unknown, settings?: RTCSettings): RTCPeerConnection =>
  new RTCPeerConnection(configuration, settings, { runtime });

const ATTRIBUTES = [
  "canTrickleIceCandidates",
  "connectionState",
  "currentLocalDescription",
  "currentRemoteDescription",
  "iceConnectionState",
  "iceGatheringState",
  "localDescription",
  "pendingLocalDescription",
  "pendingRemoteDescription",
  "remoteDescription",
  "sctp",
  "signalingState",
] as const;
const HANDLERS = [
  "onconnectionstatechange",
  "ondatachannel",
  "onicecandidate",
  "onicecandidateerror",
  "oniceconnectionstatechange",
  "onicegatheringstatechange",
  "onnegotiationneeded",
  "onsignalingstatechange",
] as const;

test("a new connection is stable and new, and has nothing yet (webrtc-pc §4.4.1.1)", () => {
  const connection = create();
  assert.deepEqual(
    ATTRIBUTES.map((name) => [name, connection[name]]),
    ATTRIBUTES.map((name) => {
      if (name === "signalingState") return [name, "stable"];
      return [name, name.endsWith("State") ? "new" : null];
    }),
  );
  connection.close();
});

test("attributes are read-only; a handler is a function or null", () => {
  const connection = create();
  for (const name of ATTRIBUTES) {
    assert.throws(() => Object.assign(connection, { [name]: "x" }), TypeError, name);
  }
  for (const name of HANDLERS) {
    assert.equal(connection[name], null);
    const handler = (): void => {};
    connection[name] = handler;
    assert.equal(connection[name], handler);
    Object.assign(connection, { [name]: "not a function" });
    assert.equal(connection[name], null);
  }
});

test("createDataChannel converts what it is given before it does anything (webrtc-pc §6.1, Web IDL)", () => {
  const connection = create();
  const channel = connection.createDataChannel("l\ud800bel", {
    ordered: false,
    maxRetransmits: 3,
    protocol: "p",
    id: 7,
  });
  assert.equal(channel.label, "l\ufffdbel");
  const { ordered, maxRetransmits, maxPacketLifeTime, protocol, negotiated, id, readyState } =
    channel;
  assert.deepEqual(
    { ordered, maxRetransmits, maxPacketLifeTime, protocol, negotiated, id, readyState },
    {
      ordered: false,
      maxRetransmits: 3,
      maxPacketLifeTime: null,
      protocol: "p",
      negotiated: false,
      id: null,
      readyState: "connecting",
    },
  );
  assert.equal(connection.createDataChannel(null as never).label, "null");
  connection.close();
});

test.each([
  ["argument 1", []],
  ["label is longer than 65535", ["é".repeat(32_768)]],
  ["protocol is longer than 65535", ["", { protocol: "x".repeat(65_536) }]],
  ["needs an id", ["", { negotiated: true }]],
  ["exclude each other", ["", { maxPacketLifeTime: 1, maxRetransmits: 1 }]],
  ["largest id is 65534", ["", { negotiated: true, id: 65_535 }]],
  ["RTCDataChannelInit.id", ["", { negotiated: true, id: 65_536 }]],
  ["RTCDataChannelInit.id", ["", { id: -1 }]],
  ["RTCDataChannelInit.maxRetransmits", ["", { maxRetransmits: 65_536 }]],
  ["RTCDataChannelInit.maxPacketLifeTime", ["", { maxPacketLifeTime: Number.NaN }]],
  ["not an object", ["", 7]],
])("createDataChannel refuses with a TypeError: %s (webrtc-pc §6.1)", async (words, values) => {
  const connection = create();
  let hasFired = false;
  connection.onnegotiationneeded = () => (hasFired = true);
  assert.throws(
    () => Reflect.apply(connection.createDataChannel, connection, values),
    (error) => error instanceof TypeError && (error.message.includes(words) || values.length === 0),
  );
  await world.advance(0);
  assert.equal(hasFired, false, "no channel was created");
});

test("setConfiguration cannot change the pool once a local description was set, even if it was rolled back (webrtc-pc §4.4.1.6)", async () => {
  const connection = create();
  connection.createDataChannel("x");
  connection.setConfiguration({ iceCandidatePoolSize: 1 });
  await world.settle(connection.setLocalDescription());
  await world.settle(connection.setLocalDescription({ type: "rollback" }));
  assert.throws(() => connection.setConfiguration({ iceCandidatePoolSize: 2 }), {
    name: "InvalidModificationError",
  });
  assert.equal(connection.getConfiguration().iceCandidatePoolSize, 1);
  connection.close();
});

test("servers that are not used are named in the log, once when they are given", () => {
  const lines: string[] = [];
  const keep = (message: string): void => void lines.push(message);
  const logger = { debug() {}, info() {}, warn: keep, error: keep };
  const urls = "turn:relay.example";
  const server = { urls, username: "u", credential: "c" };
  const connection = create({ iceServers: [server] }, { logger });
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^"turn:relay\.example": /);
  connection.setConfiguration({});
  assert.equal(lines.length, 1);
  connection.close();
});

test.each([RTCSctpTransport, RTCDtlsTransport, RTCIceTransport, RTCIceCandidatePair])(
  "nobody but a connection makes a %o (Web IDL §3.7.1)",
  (interfaceClass) => {
    assert.throws(() => Reflect.construct(interfaceClass, []), {
      name: "TypeError",
      message: "Illegal constructor",
    });
  },
);
