import assert from "node:assert/strict";
import { test } from "vitest";
import { SessionPair, type SessionEnd } from "../../test/support/session-pair.ts";
import type { ChannelKey } from "./channel-events.ts";
import type { TransportStatistics } from "./session-statistics.ts";

const CHANNEL = { label: "x", protocol: "", isOrdered: true, isNegotiated: false } as const;
const ID = "0";

function connected(): { pair: SessionPair; key: ChannelKey } {
  const pair = new SessionPair();
  const key = pair.a.session.createChannel(CHANNEL, 0);
  pair.book.add(ID, true).agree();
  pair.run(2_000);
  return { pair, key };
}

function transportOf(pair: SessionPair, end: SessionEnd = pair.a): TransportStatistics {
  return end.session.statistics(pair.nowMs).transports[0]!;
}

test("after a restart the old pairs and candidates are gone, and the transport has counted on (webrtc-stats, candidate-pair)", () => {
  const { pair, key } = connected();
  const before = transportOf(pair);
  pair.book.restart(ID, "a");
  pair.run(5_000);
  pair.a.session.sendOnChannel(key, "text", new Uint8Array(10), pair.nowMs);
  pair.run(100);

  const after = transportOf(pair);
  assert.equal(after.serial, before.serial);
  assert.equal(after.ice.localUfrag, pair.book.localOf(ID, "a").ufrag);
  assert.deepEqual(
    after.ice.generations.map(({ localUfrag }) => localUfrag),
    [after.ice.localUfrag],
  );
  assert.ok(after.traffic.bytesSent > before.traffic.bytesSent);
  assert.equal(after.ice.selectedPairChanges, 2);
  // The new pair has counted only what went along it.
  assert.ok(after.ice.generations[0]!.pairs[0]!.traffic.bytesSent < after.traffic.bytesSent);
  const there = transportOf(pair, pair.b);
  assert.equal(there.traffic.bytesReceived, after.traffic.bytesSent);
});

test("an offer to restart deletes nothing yet (webrtc-stats, candidate-pair)", () => {
  const { pair } = connected();
  const [before] = transportOf(pair).ice.generations;
  pair.book.renew(ID, "a");
  pair.book.apply("a");
  pair.run(10);
  const { ice } = transportOf(pair);
  const [carrier, next] = ice.generations;
  assert.deepEqual(
    carrier?.pairs.map(({ id }) => id),
    before?.pairs.map(({ id }) => id),
  );
  assert.equal(next?.localUfrag, ice.localUfrag);
  assert.deepEqual(next?.pairs, []);
  assert.equal(ice.selectedPairChanges, 1);
});

test("while the new generation checks, of the old one only the path remains (webrtc-stats, candidate-pair)", () => {
  const { pair } = connected();
  pair.intercept = () => [];
  pair.book.restart(ID, "a");
  pair.run(50);
  const [carrier, next] = transportOf(pair).ice.generations;
  assert.deepEqual(
    carrier?.pairs.map(({ id }) => id),
    [carrier?.selectedPairId],
  );
  assert.equal(carrier?.localCandidates.length, 1);
  assert.equal(carrier?.remoteCandidates.length, 1);
  assert.equal(next?.selectedPairId, undefined);
});

test("a check before the peer's description shows a candidate that says nothing of the peer (webrtc-stats, usernameFragment, address)", () => {
  const pair = new SessionPair();
  pair.book.add(ID, true);
  // b answers the offer of a, and a has not got the answer.
  pair.book.apply("a");
  pair.run(10);
  pair.book.tell("a");
  pair.book.apply("b");
  pair.run(500);
  const [generation] = transportOf(pair).ice.generations;
  assert.deepEqual(
    generation?.remoteCandidates.map(({ candidate, isAddressSignaled }) => [
      candidate.type,
      candidate.address,
      candidate.ufrag,
      isAddressSignaled,
    ]),
    [["prflx", pair.b.address, undefined, false]],
  );

  pair.book.tell("b");
  pair.book.apply("a");
  pair.run(500);
  const [known] = transportOf(pair).ice.generations;
  assert.deepEqual(
    known?.remoteCandidates.map(({ candidate }) => candidate.ufrag),
    [pair.book.localOf(ID, "b").ufrag],
  );
});
