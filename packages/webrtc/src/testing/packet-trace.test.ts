import assert from "node:assert/strict";
import { test } from "vitest";

import { formatEntry, PacketTrace } from "./packet-trace.ts";
import type { TraceEntry } from "./packet-trace.ts";
import type { VirtualPacket } from "./virtual-packet.ts";

const PACKET: VirtualPacket = {
  sourceAddress: "192.0.2.1",
  sourcePort: 5000,
  destinationAddress: "192.0.2.2",
  destinationPort: 6000,
  bytes: Uint8Array.of(1, 2, 3),
};

function hashOf(hashesContent: boolean, ...entries: readonly TraceEntry[]): string {
  const trace = new PacketTrace(hashesContent);
  for (const { atMs, kind, where, packet } of entries) trace.record(atMs, kind, where, packet);
  return trace.hash;
}

const ENTRY: TraceEntry = { atMs: 1.5, kind: "sent", where: "alice", packet: PACKET };

test("the hash tells apart every instant, kind, place, address, port and order", () => {
  const others: TraceEntry[] = [
    { ...ENTRY, atMs: 1.500001 },
    { ...ENTRY, kind: "lost" },
    { ...ENTRY, where: "bob" },
    { ...ENTRY, packet: { ...PACKET, sourceAddress: "192.0.2.3" } },
    { ...ENTRY, packet: { ...PACKET, destinationAddress: "192.0.2.3" } },
    { ...ENTRY, packet: { ...PACKET, sourcePort: 5001 } },
    { ...ENTRY, packet: { ...PACKET, destinationPort: 6001 } },
  ];
  const hashes = [ENTRY, ...others].map((entry) => hashOf(false, entry));
  hashes.push(hashOf(false), hashOf(false, ENTRY, others[0]!), hashOf(false, others[0]!, ENTRY));
  assert.equal(new Set(hashes).size, hashes.length);
  assert.equal(hashOf(false, ENTRY), hashOf(false, { ...ENTRY }));
  assert.match(hashOf(false, ENTRY), /^[0-9a-f]{16}$/);
});

test("content and length count only if asked for", () => {
  const other = { ...ENTRY, packet: { ...PACKET, bytes: Uint8Array.of(1, 2, 4) } };
  assert.equal(hashOf(false, ENTRY), hashOf(false, other));
  assert.notEqual(hashOf(true, ENTRY), hashOf(true, other));
});

test("everything is counted and reported, the last entries are kept", () => {
  const reported: TraceEntry[] = [];
  const trace = new PacketTrace(false, (entry) => reported.push(entry));
  for (let atMs = 0; atMs < 150; atMs++) trace.record(atMs, "sent", "alice", PACKET);
  trace.record(150, "delivered", "bob", PACKET);
  trace.record(151, "lost", "bob.down", PACKET);
  trace.record(152, "lost", "bob.down", PACKET);
  assert.deepEqual(trace.counters, { sent: 150, delivered: 1, dropped: { lost: 2 } });
  assert.equal(reported.length, 153);
  assert.equal(trace.recent.length, 64);
  assert.deepEqual(trace.recent, reported.slice(-64));
});

test("entries read well", () => {
  const line = "1.500 ms sent at alice: 192.0.2.1:5000 > 192.0.2.2:6000, 3 bytes";
  assert.equal(formatEntry(ENTRY), line);
  const trace = new PacketTrace(false);
  trace.record(1.5, "sent", "alice", PACKET);
  assert.equal(trace.describe(5), line);
});
