import assert from "node:assert/strict";
import { test } from "vitest";
import { SctpPair, messagesOf, testMessage, testPayload } from "../../test/support/sctp-pair.ts";

const MIB = 1024 * 1024;
const MESSAGE_BYTES = 12 * MIB;

for (const isInterleavingOffered of [true, false]) {
  const kind = isInterleavingOffered ? "I-DATA" : "DATA";

  /** Sends one message of 12 MiB and returns how long it took on a path of 10 ms. */
  const transferMs = (receiveWindowBytes: number): number => {
    const pair = new SctpPair({
      wire: { delayMs: 5 },
      a: { isInterleavingOffered },
      b: { isInterleavingOffered, receiveWindowBytes },
    }).connect();
    const payload = testPayload(MESSAGE_BYTES, 1);
    assert.ok(pair.a.association.send(testMessage(1, payload), pair.nowMs));
    const startMs = pair.nowMs;
    const hasArrived = () => pair.b.events.some((event) => event.kind === "message");
    assert.ok(pair.runUntil(hasArrived, 120_000), "it has not arrived after two minutes");
    const [message] = messagesOf(pair.b.events);
    assert.equal(Buffer.compare(message!.payload, payload), 0);
    assert.equal(pair.b.association.stats.heldBytes, 0);
    assert.equal(pair.b.association.state, "established");
    return pair.nowMs - startMs;
  };

  test(`a message of half the receive window arrives at full speed over ${kind} (RFC 9260 §6.2)`, () => {
    assert.ok(transferMs(2 * MESSAGE_BYTES) < 5_000);
  });

  test(`a message as large as the receive window arrives over ${kind}, at the end chunk by chunk`, () => {
    transferMs(MESSAGE_BYTES);
  });
}
