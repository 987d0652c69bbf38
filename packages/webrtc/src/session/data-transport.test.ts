import assert from "node:assert/strict";
import { test } from "vitest";

import { NEVER_AT_MS } from "../base/endpoint.ts";
import { ProtocolFailure } from "../base/errors.ts";
import { SeededRandom } from "../base/random.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { DataTransport, type DataTransportEvent } from "./data-transport.ts";

const CHANNEL = { label: "x", protocol: "", isOrdered: true, isNegotiated: false } as const;
const PLAN = { localPort: 5000, remotePort: 5000, maxSendMessageBytes: 65_536 };

function createTransport(seed = 3, maxMessageBytes = 262_144): DataTransport {
  return new DataTransport({ crypto: createNodeCrypto(new SeededRandom(seed)), maxMessageBytes });
}

function eventsOf(transport: DataTransport): readonly DataTransportEvent[] {
  const events: DataTransportEvent[] = [];
  for (let next = transport.pollEvent(); next; next = transport.pollEvent()) events.push(next);
  return events;
}

test("association and channels tell the failure of the transport below as their own", () => {
  const transport = createTransport();
  const key = transport.channels.createChannel(CHANNEL);
  transport.setRole("client");
  transport.connect(PLAN, 1_200, 0);
  eventsOf(transport);
  const failure = new ProtocolFailure("ERR_PEER_ABORTED", "RFC 5246 §7.2", "alert 80");
  transport.handleTransportClosed(failure, 10);
  assert.deepEqual(eventsOf(transport), [
    { kind: "sctpClosed", failure },
    { kind: "channel", event: { kind: "closed", key, failure } },
  ]);
  assert.equal(transport.nextTimeoutAtMs, NEVER_AT_MS);
});

test("without an association the channels still learn that there will be none", () => {
  const transport = createTransport();
  const key = transport.channels.createChannel(CHANNEL);
  transport.handleTransportClosed(undefined, 10);
  assert.deepEqual(eventsOf(transport), [{ kind: "channel", event: { kind: "closed", key } }]);
});

/** Two transports without loss or delay; returns what the second has heard. */
function exchange(a: DataTransport, b: DataTransport, nowMs: number): DataTransportEvent[] {
  const heard: DataTransportEvent[] = [];
  for (let isBusy = true; isBusy;) {
    isBusy = false;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      for (let packet = from.pollTransmit(); packet; packet = from.pollTransmit()) {
        to.handlePacket(packet.slice(), nowMs);
        isBusy = true;
      }
    }
    eventsOf(a);
    heard.push(...eventsOf(b));
  }
  return heard;
}

test("a message of the announced size arrives, though it is larger than SCTP's usual window (RFC 8841 §6)", () => {
  const maxMessageBytes = 16 * 1024 * 1024;
  const a = createTransport(1, maxMessageBytes);
  const b = createTransport(2, maxMessageBytes);
  const key = a.channels.createChannel(CHANNEL);
  a.setRole("client");
  b.setRole("server");
  a.connect(PLAN, 1_200, 0);
  b.connect(PLAN, 1_200, 0);
  exchange(a, b, 0);
  assert.ok(a.channels.send(key, "binary", new Uint8Array(maxMessageBytes)));
  a.settle(0);
  const sizes: number[] = [];
  for (let nowMs = 0; nowMs < 2_000 && sizes.length === 0; nowMs += 20) {
    a.handleTimeout(nowMs);
    b.handleTimeout(nowMs);
    for (const event of exchange(a, b, nowMs)) {
      if (event.kind !== "channel" || event.event.kind !== "message") continue;
      sizes.push(event.event.payload.byteLength);
    }
  }
  assert.deepEqual(sizes, [maxMessageBytes]);
});

test("an abandoned transport reports its end and does not touch the association again", () => {
  const transport = createTransport();
  const key = transport.channels.createChannel(CHANNEL);
  transport.setRole("client");
  transport.connect(PLAN, 1_200, 0);
  eventsOf(transport);
  const failure = new ProtocolFailure("ERR_INTERNAL", "W3C webrtc-pc", "a bug");
  transport.abandon(failure);
  assert.deepEqual(eventsOf(transport), [
    { kind: "sctpClosed", failure },
    { kind: "channel", event: { kind: "closed", key, failure } },
  ]);
  transport.handleTimeout(1e9);
  transport.abort("too late", 1e9);
  assert.equal(transport.pollTransmit(), undefined);
  assert.equal(transport.nextTimeoutAtMs, NEVER_AT_MS);
});
