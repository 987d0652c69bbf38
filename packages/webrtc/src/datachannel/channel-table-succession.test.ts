import assert from "node:assert/strict";
import { test } from "vitest";
import { encodeUtf8 } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";
import {
  acceptOpen,
  commandsOf,
  connected,
  eventsOf,
  INIT,
  kindsOf,
  negotiated,
} from "../../test/support/channel-link.ts";
import { ChannelTable } from "./channel-table.ts";
import { PPID_STRING } from "./ppid.ts";

test("channels that wait go to the next table with their keys, the others end with the old one", () => {
  const table = connected("client");
  const open = table.createChannel(INIT);
  const announced = acceptOpen(table, 1);
  const successor = table.createSuccessor();
  assert.deepEqual(eventsOf(successor), []);
  table.handleAssociationClosed();
  assert.deepEqual(
    eventsOf(table).map(({ kind, key }) => [kind, key]),
    [
      ["closed", open],
      ["closed", announced],
    ],
  );

  const waiting = successor.createChannel(INIT);
  const agreed = successor.createChannel(negotiated(3));
  const last = successor.createSuccessor();
  successor.handleAssociationClosed();
  assert.deepEqual(eventsOf(successor), [], "nothing has ended: nothing was open");
  last.setRole("client");
  last.handleConnected(10, 10);
  assert.deepEqual(kindsOf(eventsOf(last)), ["idAssigned", "opened", "opened"]);
  assert.deepEqual([last.streamIdOf(waiting), last.streamIdOf(agreed)], [0, 3]);
  assert.deepEqual(kindsOf(commandsOf(last)), ["send"], "an OPEN for the one that is announced");
});

test("no key is given twice, whichever table gives it", () => {
  let table = new ChannelTable();
  const keys = new Set<number>();
  for (let round = 0; round < 3; round++) {
    table.setRole("server");
    table.handleConnected(100, 100);
    keys.add(table.createChannel(INIT)).add(acceptOpen(table, 0));
    const next = table.createSuccessor();
    table.handleAssociationClosed();
    table = next;
  }
  assert.equal(keys.size, 6);
});

test("an id that a waiting channel has is kept if the next role allows it, and replaced if not (RFC 8832 §6)", () => {
  const table = new ChannelTable();
  table.setRole("client");
  const keys = [table.createChannel(INIT), table.createChannel(INIT)];
  assert.deepEqual(
    keys.map((key) => table.streamIdOf(key)),
    [0, 2],
  );
  const same = table.createSuccessor();
  same.setRole("client");
  assert.deepEqual(eventsOf(same), []);
  const other = same.createSuccessor();
  other.setRole("server");
  assert.deepEqual(kindsOf(eventsOf(other)), ["idAssigned", "idAssigned"]);
  assert.deepEqual(
    keys.map((key) => other.streamIdOf(key)),
    [1, 3],
  );
});

test("a table without a role gives no ids, though the one before it had a role", () => {
  const successor = connected("client").createSuccessor();
  assert.equal(successor.streamIdOf(successor.createChannel(INIT)), undefined);
});

test("what succeeds a table that has failed is as new, and has its limits", () => {
  const table = connected("server", { maxMessageBytes: 3 });
  table.createChannel(INIT);
  table.handleAssociationClosed();
  assert.throws(() => table.createChannel(INIT), UsageError);
  const successor = table.createSuccessor();
  successor.setRole("server");
  successor.handleConnected(100, 100);
  const key = acceptOpen(successor, 0);
  successor.handleMessage(0, PPID_STRING, encodeUtf8("one"));
  successor.handleMessage(0, PPID_STRING, encodeUtf8("four"));
  assert.deepEqual(kindsOf(eventsOf(successor)), ["message", "closing"]);
  assert.equal(successor.streamIdOf(key), 0);
});
