import assert from "node:assert/strict";
import { test } from "vitest";

import { NEVER_AT_MS } from "../base/endpoint.ts";
import { ProtocolFailure } from "../base/errors.ts";
import { SeededRandom } from "../base/random.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { DataTransport, type DataTransportEvent } from "./data-transport.ts";

const CHANNEL = { label: "x", protocol: "", isOrdered: true, isNegotiated: false } as const;
const PLAN = { localPort: 5000, remotePort: 5000, maxSendMessageBytes: 65_536 };

function eventsOf(transport: DataTransport): readonly DataTransportEvent[] {
  const events: DataTransportEvent[] = [];
  for (let next = transport.pollEvent(); next; next = transport.pollEvent()) events.push(next);
  return events;
}

test("association and channels tell the failure of the transport below as their own", () => {
  const transport = new DataTransport(createNodeCrypto(new SeededRandom(3)));
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
  const transport = new DataTransport(createNodeCrypto(new SeededRandom(3)));
  const key = transport.channels.createChannel(CHANNEL);
  transport.handleTransportClosed(undefined, 10);
  assert.ok(!transport.hasAssociation);
  assert.deepEqual(eventsOf(transport), [{ kind: "channel", event: { kind: "closed", key } }]);
});
