import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { WireFormatError } from "../../src/base/errors.ts";
import { ChannelTable } from "../../src/datachannel/channel-table.ts";
import { decodeDataChannelAck } from "../../src/datachannel/data-channel-ack.ts";
import {
  decodeDataChannelOpen,
  encodeDataChannelOpen,
} from "../../src/datachannel/data-channel-open.ts";

const RUNS = { numRuns: 3000 };
const OPEN = encodeDataChannelOpen({
  label: "label",
  protocol: "protocol",
  isOrdered: false,
  priority: 256,
  maxRetransmits: 3,
});

/** A valid OPEN with some bytes changed and its end moved. */
const mutatedOpen = fc
  .tuple(fc.array(fc.tuple(fc.nat(OPEN.byteLength - 1), fc.nat(255))), fc.nat(OPEN.byteLength + 4))
  .map(([changes, length]) => {
    const bytes = new Uint8Array(length);
    bytes.set(OPEN.subarray(0, length));
    for (const [index, value] of changes) if (index < length) bytes[index] = value;
    return bytes;
  });
const control = fc.oneof(fc.uint8Array({ maxLength: 64 }), mutatedOpen);

test("the DCEP decoders throw nothing but WireFormatError", () => {
  fc.assert(
    fc.property(control, (bytes) => {
      for (const decode of [decodeDataChannelOpen, decodeDataChannelAck]) {
        try {
          decode(bytes);
        } catch (error) {
          assert.ok(error instanceof WireFormatError);
        }
      }
    }),
    RUNS,
  );
});

test("a table survives any sequence of messages and resets, within its bounds", () => {
  const streamId = fc.oneof(fc.nat(8), fc.nat(65_535));
  const ppid = fc.oneof(fc.constantFrom(50, 51, 52, 53, 54, 56, 57), fc.nat(0xffff_ffff));
  const step = fc.oneof(
    fc.record({ what: fc.constant("message" as const), streamId, ppid, bytes: control }),
    fc.record({ what: fc.constant("open" as const), streamId }),
    fc.record({ what: fc.constant("reset" as const), streamIds: fc.array(streamId) }),
    fc.record({ what: fc.constant("resetDone" as const), streamId }),
    fc.record({ what: fc.constant("sent" as const), streamId, bytes: fc.nat(100_000) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = new ChannelTable({ maxPeerChannels: 4 });
      table.setRole("server");
      table.createChannel({ label: "", protocol: "", isOrdered: true, isNegotiated: false });
      table.handleConnected(65_535, 1024);
      const open = new Set<number>();
      for (const next of steps) {
        if (next.what === "message") table.handleMessage(next.streamId, next.ppid, next.bytes);
        else if (next.what === "open") table.handleMessage(next.streamId, 50, OPEN);
        else if (next.what === "reset") table.handleStreamsReset(next.streamIds);
        else if (next.what === "resetDone") table.handleStreamResetDone(next.streamId);
        else table.handleSent(next.streamId, next.bytes);
        for (let event = table.pollEvent(); event; event = table.pollEvent()) {
          if (event.kind === "announced") open.add(event.key);
          if (event.kind === "closed") open.delete(event.key);
        }
        for (let command = table.pollCommand(); command; command = table.pollCommand()) {
          assert.ok(command.streamId < 1024);
        }
        assert.ok(open.size <= 4);
        assert.ok(table.bufferedBytes >= 0);
      }
      table.handleAssociationClosed();
      for (let event = table.pollEvent(); event; event = table.pollEvent()) open.delete(event.key);
      assert.equal(open.size, 0);
    }),
    { numRuns: 2000 },
  );
});
