import assert from "node:assert/strict";
import { test } from "vitest";
import { SctpPair, messagesOf, testMessage, testPayload } from "../../test/support/sctp-pair.ts";

test("both ends connect at the same time and messages flow both ways (RFC 9260 §5.2.1)", () => {
  const pair = new SctpPair({ wire: { delayMs: 10 } }).connect();
  assert.deepEqual(pair.a.events, [
    { kind: "connected", maxOutgoingStreams: 65_535, maxIncomingStreams: 65_535 },
  ]);
  assert.deepEqual(pair.b.events, pair.a.events);
  const payload = testPayload(100_000, 1);
  assert.equal(pair.a.association.send(testMessage(3, payload), pair.nowMs), true);
  assert.equal(pair.b.association.send(testMessage(4, testPayload(5, 2)), pair.nowMs), true);
  pair.run(1_000);
  assert.deepEqual(messagesOf(pair.b.events), [
    { kind: "message", streamId: 3, ppid: 53, payload },
  ]);
  assert.deepEqual(messagesOf(pair.a.events), [
    { kind: "message", streamId: 4, ppid: 53, payload: testPayload(5, 2) },
  ]);
});
