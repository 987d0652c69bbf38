import assert from "node:assert/strict";
import { test } from "vitest";

import type { ChannelTable } from "../../src/datachannel/channel-table.ts";
import {
  PPID_BINARY,
  PPID_BINARY_PARTIAL,
  PPID_DCEP,
  PPID_STRING_PARTIAL,
} from "../../src/datachannel/ppid.ts";
import { DATA_FLAG } from "../../src/sctp/packet/data-chunk.ts";
import { acceptOpen, connected, eventsOf, kindsOf, openBytes } from "../support/channel-link.ts";
import { rawData } from "../support/sctp-raw-peer.ts";
import { HostilePeer } from "./support/hostile-peer.ts";

const MIB = 1024 * 1024;

/** How many channels a table has begun to close since its events were last taken. */
function closedCount(table: ChannelTable): number {
  return kindsOf(eventsOf(table)).filter((kind) => kind === "closing").length;
}

test("unfinished messages in parts on many channels are bounded together, and counted in heldBytes", () => {
  const table = connected("server", { maxMessageBytes: 16 * MIB });
  const part = new Uint8Array(15 * MIB);
  for (let streamId = 0; streamId < 200; streamId += 2) acceptOpen(table, streamId);
  for (let streamId = 0; streamId < 200; streamId += 2) {
    table.handleMessage(streamId, PPID_BINARY_PARTIAL, part);
    assert.ok(table.heldBytes <= 64 * MIB, `${table.heldBytes} bytes are held`);
  }
  assert.ok(table.heldBytes >= 4 * part.byteLength, "and those that fit are kept");
  assert.equal(closedCount(table), 96);
});

test("a million parts of one byte cost no more than the same bound", () => {
  const table = connected("server", { maxMessageBytes: 16 * MIB });
  for (let streamId = 0; streamId < 20; streamId += 2) acceptOpen(table, streamId);
  const part = new Uint8Array(1);
  for (let count = 0; count < 1_000_000; count++) {
    table.handleMessage((count % 10) * 2, PPID_STRING_PARTIAL, part);
  }
  assert.ok(table.heldBytes <= 64 * MIB);
  assert.ok(closedCount(table) > 0);
});

test("a message of 4 MB is not delivered by who announced 262,144 bytes; the other channels go on", async () => {
  const peer = await new HostilePeer().connect();
  for (const streamId of [1, 3]) peer.send(peer.message(streamId, PPID_DCEP, openBytes()));
  await peer.world.advance(50);
  const sizes: number[][] = [[], []];
  for (const [index, channel] of peer.victim.incoming.entries()) {
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", ({ data }) =>
      sizes[index]!.push((data as ArrayBuffer).byteLength),
    );
  }
  const [large, other] = peer.victim.incoming;
  for (let index = 0; index < 500; index++) {
    const flags = (index === 0 ? DATA_FLAG.begin : 0) | (index === 499 ? DATA_FLAG.end : 0);
    const fields = { tsn: peer.nextTsn(), streamId: 1, ppid: PPID_BINARY, sequence: 1, flags };
    peer.send(rawData(fields, new Uint8Array(8_000)));
    await peer.world.advance(1);
  }
  peer.send(peer.message(3, PPID_BINARY, new Uint8Array(8_000), 1));
  await peer.world.advance(50);
  assert.deepEqual(sizes, [[], [8_000]]);
  assert.deepEqual([large?.readyState, other?.readyState], ["closing", "open"]);
  await peer.close();
});

test("a label with line breaks, escape sequences and turned text is quoted, and cut, where people read it", () => {
  const table = connected("server");
  const label = `x\n2026-01-01 INFO root logged in\u001b[2J\u009b2J\u202e${"y".repeat(60_000)}`;
  acceptOpen(table, 0, { label });
  table.handleMessage(0, PPID_DCEP, openBytes());
  table.handleAssociationClosed();
  const closed = eventsOf(table).find((event) => event.kind === "closed");
  assert.ok(closed?.kind === "closed" && closed.failure !== undefined);
  const { message } = closed.failure;
  assert.doesNotMatch(message, /[\p{Cc}\p{Cf}]/u);
  assert.match(message, /^data channel "x\\n2026-01-01 INFO root/);
  assert.ok(message.length < 300, `${message.length} characters`);
});
