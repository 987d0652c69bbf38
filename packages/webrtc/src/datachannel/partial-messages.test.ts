import assert from "node:assert/strict";
import { test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../base/bytes.ts";
import { Channel } from "./channel.ts";
import { PartialMessages } from "./partial-messages.ts";
import type { ChannelKey } from "./channel-events.ts";

const createChannel = (key: number): Channel =>
  new Channel(key as ChannelKey, { label: "", protocol: "", isOrdered: true }, "peer");

test("parts and the last part make one message, and nothing is left (RFC 8831 §6.6)", () => {
  const partials = new PartialMessages();
  const channel = createChannel(1);
  partials.add(channel, encodeUtf8("a"));
  partials.add(channel, encodeUtf8("b"));
  assert.equal(decodeUtf8(partials.finish(channel, encodeUtf8("c"))), "abc");
  assert.equal(partials.heldBytes, 0);
  assert.equal(decodeUtf8(partials.finish(channel, encodeUtf8("d"))), "d");
});

test("the parts of all channels are in one account, tiny ones with an allowance", () => {
  const partials = new PartialMessages();
  const [first, second] = [createChannel(1), createChannel(2)];
  for (let count = 0; count < 100; count++) partials.add(first, new Uint8Array(1));
  assert.ok(partials.heldBytes >= 10_000);
  const before = partials.heldBytes;
  partials.add(second, new Uint8Array(1000));
  assert.ok(partials.heldBytes >= before + 1000);
  partials.drop(second);
  assert.equal(partials.heldBytes, before);
  partials.drop(second);
  partials.drop(first);
  assert.equal(partials.heldBytes, 0);
});
