import assert from "node:assert/strict";
import { test } from "vitest";

import { negotiate, NegotiatingPeer } from "../../test/support/negotiating-peer.ts";

function connected(): readonly [NegotiatingPeer, NegotiatingPeer] {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  a.add("audio", { streamIds: ["s1"] });
  negotiate(a, b);
  assert.ok(!a.isNegotiationNeeded && !b.isNegotiationNeeded);
  return [a, b];
}

test("nothing is needed where there is nothing", () => {
  assert.ok(!new NegotiatingPeer(1).isNegotiationNeeded);
});

test("a new transceiver is needed until it is answered, offered or not (W3C, step 5.2)", () => {
  const peer = new NegotiatingPeer(1);
  peer.add("audio");
  assert.ok(peer.isNegotiationNeeded);
  peer.offer();
  assert.ok(peer.isNegotiationNeeded, "the current local description counts, not the pending one");
});

test("data channels are needed once (W3C, step 4)", () => {
  const [a, b] = connected();
  a.wantsDataChannel = true;
  assert.ok(a.isNegotiationNeeded);
  negotiate(a, b);
  assert.ok(!a.isNegotiationNeeded);
});

test("a stopping transceiver is needed until it is stopped (W3C, steps 5.1 and 5.4)", () => {
  const [a, b] = connected();
  a.change(1, { isStopping: true });
  assert.ok(a.isNegotiationNeeded);
  negotiate(a, b);
  assert.ok(!a.isNegotiationNeeded && !b.isNegotiationNeeded);
});

test("one that stopped before anything was described leaves with the next negotiation, and is not needed for ever", () => {
  const [a, b] = connected();
  const id = a.add("video");
  a.change(id, { isStopping: true });
  assert.ok(a.isNegotiationNeeded);
  const count = a.state.transceivers.length;
  negotiate(a, b);
  assert.ok(!a.isNegotiationNeeded);
  assert.equal(a.state.transceivers.length, count - 1);
});

test.each([[["s1", "s2"]], [["s2"]], [[]]])(
  "other streams, %o, are needed (W3C, step 5.3.1)",
  (streamIds) => {
    const [a, b] = connected();
    a.change(1, { streamIds });
    assert.ok(a.isNegotiationNeeded);
    negotiate(a, b);
    assert.ok(!a.isNegotiationNeeded);
  },
);

test("streams are of no interest to who does not send", () => {
  const [a, b] = connected();
  a.change(1, { direction: "recvonly" });
  negotiate(a, b);
  a.change(1, { streamIds: ["s2"] });
  assert.ok(!a.isNegotiationNeeded);
});

test.each(["sendonly", "recvonly", "inactive"] as const)(
  "the offerer's direction %s is needed unless one description has it (W3C, step 5.3.2)",
  (direction) => {
    const [a] = connected();
    a.change(1, { direction });
    // The peer has answered "recvonly", which is "sendonly" from here.
    assert.equal(a.isNegotiationNeeded, direction !== "sendonly");
  },
);

test("the answerer's direction is needed if it would change the answer (W3C, step 5.3.3)", () => {
  const [, b] = connected();
  b.change(1, { direction: "sendrecv" });
  assert.ok(b.isNegotiationNeeded);
  b.change(1, { direction: "inactive" });
  assert.ok(b.isNegotiationNeeded);
  const [c, d] = [new NegotiatingPeer(3), new NegotiatingPeer(4)];
  c.add("audio", { direction: "sendonly" });
  d.take(c.offer());
  d.change(1, { direction: "sendrecv" });
  c.setRemote("answer", d.answer());
  assert.ok(
    !d.isNegotiationNeeded,
    "the offer has not let it send: the answer was what it could be",
  );
});
