import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";

import { negotiate, NegotiatingPeer } from "../../test/support/negotiating-peer.ts";
import { NegotiationError } from "./negotiation-error.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import { planSession } from "./plan-session.ts";
import { transportIdOf } from "./transports.ts";

function connected(): readonly [NegotiatingPeer, NegotiatingPeer] {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  a.wantsDataChannel = true;
  a.add("audio", { streamIds: ["s1"], isFromAddTrack: true });
  b.add("audio", { streamIds: ["t1"], isFromAddTrack: true });
  a.add("video", { streamIds: ["s1"], isFromAddTrack: true });
  negotiate(a, b);
  return [a, b];
}

/** What a rollback must bring back: all but the texts that were made and drawn meanwhile. */
function negotiated(state: NegotiationState): unknown {
  const { signalingState, currentLocal, currentRemote, pendingLocal, pendingRemote } = state;
  const { transceivers, transportIds, iceRole, credentialsToReplace } = state;
  return {
    signalingState,
    currentLocal,
    currentRemote,
    pendingLocal,
    pendingRemote,
    transceivers,
    transportIds,
    iceRole,
    credentialsToReplace,
    plan: planSession(state),
  };
}

test("a rollback of an own offer takes the mids that it gave (RFC 9429 §5.7)", () => {
  const [a] = connected();
  a.add("video");
  const before = negotiated(a.state);
  a.offer();
  assert.deepEqual(
    a.transceivers.map(({ mid }) => mid),
    ["0", "1", "3"],
  );
  assert.equal(transportIdOf(a.state, "3"), "0");
  a.rollBack("local");
  assert.deepEqual(negotiated(a.state), before);
  assert.equal(transportIdOf(a.state, "3"), undefined);
});

test("a rollback of the peer's offer takes the transceivers that it made (RFC 9429 §5.7)", () => {
  const [a, b] = connected();
  a.add("video");
  a.change(1, { direction: "inactive", streamIds: [] });
  const before = negotiated(b.state);
  b.take(a.offer());
  assert.equal(b.transceivers.length, 3);
  assert.deepEqual(b.transceiver(1).receiver.streamIds, []);
  b.rollBack("remote");
  assert.deepEqual(negotiated(b.state), before);
});

test("it leaves a transceiver that addTrack has used meanwhile, without a mid (RFC 9429 §5.7)", () => {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  a.add("audio", { streamIds: ["s1"] });
  b.take(a.offer());
  b.change(1, { hasAddedTrack: true, direction: "sendrecv", streamIds: ["t1"] });
  b.rollBack("remote");
  const [kept] = b.transceivers;
  assert.deepEqual(
    [kept?.mid, kept?.mediaIndex, kept?.direction, kept?.firedDirection, kept?.isFromPendingOffer],
    [null, null, "sendrecv", null, false],
  );
  assert.deepEqual([kept?.receiver.streamIds, kept?.sender.streamIds], [[], ["t1"]]);
  b.take(a.offer());
  assert.deepEqual(
    b.transceivers.map(({ id, mid }) => [id, mid]),
    [[1, "0"]],
    "and it is taken again",
  );
});

test("what the API has changed meanwhile stays (RFC 9429 §5.7)", () => {
  const [a] = connected();
  a.offer();
  a.change(1, { direction: "sendonly", streamIds: ["s9"] });
  a.add("video");
  a.rollBack("local");
  assert.equal(a.transceiver(1).direction, "sendonly");
  assert.deepEqual(a.transceiver(1).sender.streamIds, ["s9"]);
  assert.deepEqual(
    a.transceivers.map(({ mid }) => mid),
    ["0", "1", null],
  );
});

test("what a peer's offer has stopped stays stopped: its track has ended (W3C stop)", () => {
  const [a, b] = connected();
  a.change(1, { isStopping: true });
  b.take(a.offer());
  b.rollBack("remote");
  const { isStopped, mid, receiver } = b.transceiver(1);
  assert.deepEqual([isStopped, mid, receiver.streamIds], [true, "0", []]);
  assert.ok(b.isNegotiationNeeded);
});

test("an offer from before a rolled back one may still be set (WPT setRemoteDescription-rollback)", () => {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  a.add("video", { isFromAddTrack: true });
  const offer = a.createOffer();
  b.add("audio", { direction: "recvonly" });
  b.add("video", { direction: "recvonly" });
  a.take(b.offer());
  assert.deepEqual(a.transceiver(1).mid, "1");
  a.rollBack("remote");
  a.setLocal("offer", offer);
  assert.deepEqual(
    a.transceivers.map(({ id, mid }) => [id, mid]),
    [[1, "0"]],
  );
});

test("glare: the own offer is rolled back, and comes again under other names (WPT setRemoteDescription-rollback)", () => {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  a.add("video", { direction: "sendonly" });
  b.add("video", { direction: "sendonly" });
  a.offer();
  const offer = b.offer();
  a.rollBack("local");
  a.take(offer);
  assert.deepEqual(
    a.transceivers.map(({ mid }) => mid),
    [null, "0"],
  );
  b.setRemote("answer", a.answer());
  negotiate(a, b);
  assert.deepEqual(
    a.transceivers.map(({ mid, mediaIndex }) => [mid, mediaIndex]),
    [
      ["1", 1],
      ["0", 0],
    ],
  );
});

test.each(["local", "remote"] as const)(
  "nothing is rolled back once a provisional %s answer was set (W3C)",
  (side) => {
    const [a, b] = connected();
    const offer = a.offer();
    b.take(offer);
    const answer = b.answer("pranswer");
    a.setRemote("pranswer", answer);
    const peer = side === "local" ? b : a;
    const before = peer.state;
    assert.throws(
      () => peer.rollBack(side),
      (error) => error instanceof NegotiationError && error.kind === "invalidState",
    );
    assert.equal(peer.state, before);
  },
);

test("an offer and its rollback leave nothing, whatever is offered (property)", () => {
  const changes = fc.array(
    fc.record({
      kind: fc.constantFrom("audio" as const, "video" as const),
      direction: fc.constantFrom(
        "sendrecv" as const,
        "sendonly" as const,
        "recvonly" as const,
        "inactive" as const,
      ),
      which: fc.nat(1),
      isStopping: fc.boolean(),
      isNew: fc.boolean(),
    }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(changes, fc.boolean(), fc.boolean(), (actions, isLocal, iceRestart) => {
      const [a, b] = connected();
      for (const { kind, direction, which, isStopping, isNew } of actions) {
        if (isNew) a.add(kind, { direction });
        else if (isStopping && isLocal) a.change(which + 1, { isStopping });
        else a.change(which + 1, { direction });
      }
      const before = [a, b].map(({ state }) => negotiated(state));
      const offer = a.offer(iceRestart);
      if (!isLocal) {
        b.take(offer);
        b.rollBack("remote");
      }
      a.rollBack("local");
      assert.deepEqual(
        [a, b].map(({ state }) => negotiated(state)),
        before,
      );
    }),
    { numRuns: 25 },
  );
});
