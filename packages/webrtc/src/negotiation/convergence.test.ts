import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";

import { NegotiatingPeer, negotiate } from "../../test/support/negotiating-peer.ts";
import { reverseDirection } from "./media/direction.ts";
import { isLive, isMediaSection, midOf, sectionTransportOf } from "./media-section.ts";
import type { BundlePolicy, NegotiationState } from "./negotiation-state.ts";
import { planSession } from "./plan-session.ts";
import { rtpSectionOf } from "./rtp-sections.ts";
import { transportIdOf } from "./transports.ts";

const DIRECTIONS = ["sendrecv", "sendonly", "recvonly", "inactive"] as const;
const POLICIES: readonly BundlePolicy[] = ["balanced", "max-compat", "max-bundle"];

/** What an application may do to its side, at any time. */
const apiCall = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.constant("add" as const),
      kind: fc.constantFrom("audio" as const, "video" as const),
      direction: fc.constantFrom(...DIRECTIONS),
      isTrack: fc.boolean(),
      layers: fc.nat(3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      call: fc.constant("direct" as const),
      which: fc.nat(),
      direction: fc.constantFrom(...DIRECTIONS),
    }),
  },
  { weight: 2, arbitrary: fc.record({ call: fc.constant("stop" as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant("streams" as const),
      which: fc.nat(),
      ids: fc.subarray(["s1", "s2", "s3"]),
    }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("addTrack" as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("data" as const) }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("restart" as const) }) },
);
type ApiCall = typeof apiCall extends fc.Arbitrary<infer T> ? T : never;

/** What the two applications do to each other. */
const step = fc.record({
  side: fc.nat(1),
  calls: fc.array(apiCall, { maxLength: 3 }),
  kind: fc.constantFrom(
    "nothing" as const,
    "negotiate" as const,
    "glare" as const,
    "rollBackLocal" as const,
    "rollBackRemote" as const,
    "provisional" as const,
    "offerTwice" as const,
    "restart" as const,
  ),
  during: fc.array(apiCall, { maxLength: 2 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function call(peer: NegotiatingPeer, action: ApiCall): void {
  if (action.call === "add") {
    const { kind, direction, isTrack, layers } = action;
    const encodings =
      kind === "video" && layers > 1 && !isTrack
        ? Array.from({ length: layers }, (_, index) => ({
            rid: String(index),
            active: true,
            priority: "low" as const,
            networkPriority: "low" as const,
          }))
        : [];
    peer.add(kind, {
      direction: isTrack ? "sendrecv" : direction,
      isFromAddTrack: isTrack,
      encodings,
    });
    return;
  }
  if (action.call === "data") peer.wantsDataChannel = true;
  else if (action.call === "restart") peer.restartIce();
  else {
    const { transceivers } = peer;
    const chosen = transceivers[action.which % Math.max(transceivers.length, 1)];
    if (chosen === undefined || chosen.isStopping) return;
    if (action.call === "direct") peer.change(chosen.id, { direction: action.direction });
    else if (action.call === "stop") {
      // One that nothing describes would need negotiation for ever (W3C stop).
      if (chosen.mid !== null) peer.change(chosen.id, { isStopping: true });
    } else if (action.call === "streams") peer.change(chosen.id, { streamIds: action.ids });
    else peer.change(chosen.id, { hasAddedTrack: true, direction: "sendrecv" });
  }
}

function run(
  peers: readonly [NegotiatingPeer, NegotiatingPeer],
  { side, calls, kind, during }: Step,
): void {
  const [self, other] = [peers[side]!, peers[1 - side]!];
  const meanwhile = (): void => {
    for (const [index, action] of during.entries()) call(index % 2 === 0 ? self : other, action);
  };
  for (const action of calls) call(self, action);
  switch (kind) {
    case "nothing":
      return;
    case "restart":
      negotiate(self, other, true);
      return;
    case "negotiate": {
      const offer = self.offer();
      meanwhile();
      other.take(offer);
      meanwhile();
      self.setRemote("answer", other.answer());
      return;
    }
    case "provisional": {
      other.take(self.offer());
      self.setRemote("pranswer", other.answer("pranswer"));
      meanwhile();
      self.setRemote("answer", other.answer());
      return;
    }
    case "offerTwice":
      self.offer();
      meanwhile();
      negotiate(self, other);
      return;
    case "rollBackLocal":
      self.offer();
      meanwhile();
      self.rollBack("local");
      return;
    case "rollBackRemote":
      other.take(self.offer());
      meanwhile();
      other.rollBack("remote");
      self.rollBack("local");
      return;
    case "glare": {
      // Perfect negotiation: the first peer is the polite one.
      const offer = peers[1].offer();
      peers[0].offer();
      meanwhile();
      peers[0].rollBack("local");
      peers[0].take(offer);
      peers[1].setRemote("answer", peers[0].answer());
    }
  }
}

/** Everything that both sides say of each other must fit. */
function assertAgreed(a: NegotiationState, b: NegotiationState): void {
  assert.equal(a.signalingState, "stable");
  assert.equal(b.signalingState, "stable");
  const [ours, theirs] = [a.currentLocal?.parsed, b.currentLocal?.parsed];
  assert.equal(ours?.media.length, theirs?.media.length);
  for (const index of ours?.media.keys() ?? []) {
    const isUsed = isLive(ours, index) && isLive(theirs, index);
    const [mine, yours] = [a, b].map(({ transceivers }) =>
      transceivers.filter(({ mediaIndex }) => mediaIndex === index),
    );
    if (!isUsed) {
      assert.deepEqual([mine, yours], [[], []], "a refused section has no transceiver");
      continue;
    }
    const mid = midOf(ours!, index);
    assert.equal(midOf(theirs!, index), mid);
    assert.equal(ours!.media[index]!.kind, theirs!.media[index]!.kind);
    assert.equal(transportIdOf(a, mid), transportIdOf(b, mid));
    if (!isMediaSection(ours!, index)) continue;
    assert.equal(mine!.length, 1);
    assert.equal(yours!.length, 1);
    const [own, their] = [mine![0]!, yours![0]!];
    // The peer's offer stopped it and was rolled back: the next negotiation will end it.
    if (own.isStopped || their.isStopped) continue;
    assert.equal(own.mid, mid);
    assert.equal(their.mid, mid);
    assert.equal(own.currentDirection, reverseDirection(their.currentDirection!));
    assert.deepEqual(own.firedDirection, own.currentDirection);
    assert.ok(own.sender.codecs.length > 0 && their.sender.codecs.length > 0);
  }
}

function assertMirrored(a: NegotiationState, b: NegotiationState): void {
  const [ours, theirs] = [planSession(a).transports, planSession(b).transports];
  assert.deepEqual(
    ours.map(({ transportId }) => transportId),
    theirs.map(({ transportId }) => transportId),
  );
  for (const [index, plan] of ours.entries()) {
    const counterpart = theirs[index]!;
    assert.deepEqual(plan.remote?.ice, { ...counterpart.localIce, isLite: false });
    assert.deepEqual(counterpart.remote?.ice, { ...plan.localIce, isLite: false });
    assert.notEqual(plan.dtls?.role, counterpart.dtls?.role);
    assert.notEqual(plan.dtls?.role, undefined);
    assert.equal(plan.hasRtp, counterpart.hasRtp);
    assert.equal(plan.sctp === undefined, counterpart.sctp === undefined);
  }
}

function assertSound(state: NegotiationState): void {
  const ids = state.transceivers.map(({ id }) => id);
  assert.deepEqual(
    ids,
    [...new Set(ids)].toSorted((x, y) => x - y),
    "in the order of creation",
  );
  const mids = state.transceivers.flatMap(({ mid }) => mid ?? []);
  assert.equal(new Set(mids).size, mids.length, "each mid once");
  for (const transceiver of state.transceivers) {
    const { mid, mediaIndex, sender } = transceiver;
    assert.equal(mid === null, mediaIndex === null);
    assert.ok(sender.encodings.length > 0);
  }
  for (const set of [state.currentLocal, state.pendingLocal]) {
    for (const index of set?.parsed.media.keys() ?? []) {
      if (!isLive(set!.parsed, index)) continue;
      assert.ok(sectionTransportOf(set!.parsed, index).credentials);
      if (isMediaSection(set!.parsed, index))
        assert.ok(rtpSectionOf(set!.parsed, index).codecs.length > 0);
    }
  }
}

test("whatever two applications do, in whatever order, both sides agree in the end (property)", () => {
  const scenario = fc.record({
    policies: fc.tuple(fc.constantFrom(...POLICIES), fc.constantFrom(...POLICIES)),
    steps: fc.array(step, { maxLength: 8 }),
  });
  fc.assert(
    fc.property(scenario, ({ policies, steps }) => {
      const peers = [
        new NegotiatingPeer(1, policies[0]),
        new NegotiatingPeer(2, policies[1]),
      ] as const;
      for (const one of steps) {
        run(peers, one);
        for (const peer of peers) assertSound(peer.state);
        assertAgreed(peers[0].state, peers[1].state);
        assertMirrored(peers[0].state, peers[1].state);
      }
      for (let round = 0; round < 6; round++) {
        const needy = peers.findIndex((peer) => canSettle(peer) && peer.isNegotiationNeeded);
        if (needy < 0) break;
        negotiate(peers[needy]!, peers[1 - needy]!);
        for (const peer of peers) assertSound(peer.state);
        assertAgreed(peers[0].state, peers[1].state);
        assertMirrored(peers[0].state, peers[1].state);
      }
      for (const peer of peers) assert.ok(!canSettle(peer) || !peer.isNegotiationNeeded, "settled");
    }),
    { numRuns: 30 },
  );
});

/** False after a rollback has taken its section from a transceiver that was stopped meanwhile. */
function canSettle({ transceivers }: NegotiatingPeer): boolean {
  return !transceivers.some(({ isStopping, mid }) => isStopping && mid === null);
}
