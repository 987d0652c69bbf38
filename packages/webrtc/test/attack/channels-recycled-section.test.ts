import assert from "node:assert/strict";
import { test } from "vitest";

import { assertUnharmed, closeWithoutTrace, honestPair } from "./support/forgery.ts";

test("after the data section was taken away its place is used again, with new channels over a second association (RFC 9429 §5.2.2)", async () => {
  const pair = honestPair(7);
  const [near, far] = await pair.connect();
  const { world } = pair;
  const [offerer, answerer] = [pair.offerer.connection, pair.answerer.connection];
  const id = near.id;

  // On its way the offer is changed to one without data: the answer cannot but reject it.
  await world.settle(offerer.setLocalDescription());
  const sdp = offerer.localDescription!.sdp.replace(/m=application \d+/, "m=application 0");
  await world.settle(answerer.setRemoteDescription({ type: "offer", sdp }));
  await world.settle(answerer.setLocalDescription());
  await world.settle(offerer.setRemoteDescription(answerer.localDescription!));
  await world.advance(200);
  assert.deepEqual([near.readyState, far.readyState], ["closed", "closed"]);
  assert.deepEqual([offerer.sctp, answerer.sctp], [null, null]);

  const again = offerer.createDataChannel("again");
  await world.settle(pair.negotiate());
  await world.advanceUntil(() => again.readyState === "open");
  await world.advance(100);
  const incoming = pair.answerer.incoming.at(-1)!;
  assert.deepEqual([incoming.label, incoming.readyState], ["again", "open"]);
  assert.equal(again.id, id, "the ids start anew with the association");
  assert.equal(near.readyState, "closed");
  await assertUnharmed(pair, [again, incoming]);
  await closeWithoutTrace(pair);
});
