import assert from "node:assert/strict";
import { test } from "vitest";

import { negotiate, NegotiatingPeer } from "../../test/support/negotiating-peer.ts";
import { addLocalCandidate, addRemoteCandidate } from "./candidates.ts";
import type { BundlePolicy } from "./negotiation-state.ts";
import { planSession } from "./plan-session.ts";
import { transportIdOf } from "./transports.ts";

const CANDIDATE = {
  foundation: "1",
  component: 1,
  transport: "udp",
  priority: 2_130_706_431,
  address: "198.51.100.7",
  port: 5001,
  type: "host",
  extensions: [],
} as const;

function offerer(policy: BundlePolicy): NegotiatingPeer {
  const peer = new NegotiatingPeer(1, policy);
  for (const kind of ["audio", "audio", "video"] as const) peer.add(kind);
  peer.wantsDataChannel = true;
  return peer;
}

/** `id`, with what lies on it. */
function outline(peer: NegotiatingPeer): readonly string[] {
  return planSession(peer.state).transports.map(({ transportId, hasRtp, sctp, remote, dtls }) =>
    [transportId, hasRtp && "rtp", sctp && "sctp", remote && "remote", dtls?.role]
      .filter(Boolean)
      .join(" "),
  );
}

test.each([
  ["balanced", ["0 rtp", "2 rtp", "3"]],
  ["max-compat", ["0 rtp", "1 rtp", "2 rtp", "3"]],
  ["max-bundle", ["0 rtp"]],
] as const)(
  "an offer by policy %s has a transport for each section that is not bundle-only (RFC 9429 §5.9)",
  (policy, plans) => {
    const [a, b] = [offerer(policy), new NegotiatingPeer(2)];
    const offer = a.offer();
    assert.deepEqual(outline(a), plans);
    b.take(offer);
    assert.deepEqual(outline(b), [], "a remote offer alone makes nothing");
    const answer = b.answer();
    assert.deepEqual(outline(b), ["0 rtp sctp remote client"]);
    a.setRemote("answer", answer);
    assert.deepEqual(outline(a), ["0 rtp sctp remote server"]);
  },
);

test("the transport of a section, while it is negotiated (RFC 8843 §7)", () => {
  const [a, b] = [offerer("balanced"), new NegotiatingPeer(2)];
  const idsOf = (peer: NegotiatingPeer): readonly unknown[] =>
    ["0", "1", "2", "3", "9"].map((mid) => transportIdOf(peer.state, mid));
  const offer = a.createOffer();
  assert.deepEqual(idsOf(a), [undefined, undefined, undefined, undefined, undefined]);
  a.setLocal("offer", offer);
  assert.deepEqual(idsOf(a), ["0", "0", "2", "3", undefined]);
  b.take(offer);
  assert.deepEqual(idsOf(b), ["0", "0", "0", "0", undefined]);
  const answer = b.answer("pranswer");
  a.setRemote("pranswer", answer);
  for (const peer of [a, b]) assert.deepEqual(idsOf(peer), ["0", "0", "0", "0", undefined]);
  assert.deepEqual(outline(a), ["0 rtp sctp remote server"], "a provisional answer starts it");
  a.setRemote("answer", b.answer());
  for (const peer of [a, b]) assert.deepEqual(idsOf(peer), ["0", "0", "0", "0", undefined]);
});

test("without a bundle in the answer every section keeps its own (RFC 8843 §7.3)", () => {
  const [a, b] = [offerer("max-compat"), new NegotiatingPeer(2, "max-compat")];
  b.take(a.offer().replace(/a=group:.*\r\n/, ""));
  a.setRemote("answer", b.answer());
  const plans = ["0 rtp remote", "1 rtp remote", "2 rtp remote", "3 sctp remote"];
  assert.deepEqual(
    outline(a),
    plans.map((plan) => `${plan} server`),
  );
  assert.deepEqual(
    outline(b),
    plans.map((plan) => `${plan} client`),
  );
  a.add("video");
  a.offer();
  assert.deepEqual(
    outline(a),
    [...plans.map((plan) => `${plan} server`), "4 rtp"],
    "and what is new has its own",
  );
});

test("the transport outlives the section that it is called after, with all that is known of it", () => {
  const [a, b] = [offerer("balanced"), new NegotiatingPeer(2)];
  negotiate(a, b);
  const target = { mid: "0", mediaIndex: null, ufrag: null };
  b.state = addRemoteCandidate(b.state, target, CANDIDATE);
  a.state = addLocalCandidate(a.state, "0", CANDIDATE);
  const [before] = planSession(b.state).transports;
  a.change(1, { isStopping: true });
  negotiate(a, b);
  assert.deepEqual(planSession(b.state).transports, [before]);
  assert.equal(transportIdOf(b.state, "2"), "0");
  a.add("audio");
  const { offer } = negotiate(a, b);
  assert.match(offer, /a=mid:4\r\n/, "its name is not given away");
  assert.deepEqual(planSession(b.state).transports, [before]);
});

test("what an open offer would end goes on until it is answered, and after a rollback (RFC 9429 §4.1.10.2)", () => {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  const id = a.add("audio");
  negotiate(a, b);
  const before = planSession(a.state);
  a.change(id, { isStopping: true });
  const offer = a.offer();
  assert.deepEqual(planSession(a.state), before);
  a.rollBack("local");
  assert.deepEqual(planSession(a.state), before);
  a.setLocal("offer", offer);
  b.take(offer);
  const provisional = b.answer("pranswer");
  assert.deepEqual(outline(b), ["0 rtp remote client"]);
  a.setRemote("pranswer", provisional);
  assert.deepEqual(planSession(a.state), before);
  a.setRemote("answer", b.answer());
  assert.deepEqual([outline(a), outline(b)], [[], []]);
});

test("a peer may give the name away: then the new transport gets another", () => {
  const [a, b] = [offerer("balanced"), new NegotiatingPeer(2)];
  negotiate(a, b);
  a.change(1, { isStopping: true });
  negotiate(a, b);
  a.add("audio");
  const offer = a
    .offer()
    .replace("a=mid:4", "a=mid:0")
    .replace(/(BUNDLE .*) 4/, "$1")
    .replace(/a=ice-ufrag:(?=[^]*?m=audio 9)/, "a=ice-ufrag:new");
  b.take(offer);
  assert.equal(transportIdOf(b.state, "1"), "0");
  assert.equal(transportIdOf(b.state, "0"), "0 2");
});

test("the tag of a foreign bundle gives the transport its name, whatever its place", () => {
  const [a, b] = [offerer("max-compat"), new NegotiatingPeer(2)];
  b.take(a.offer().replace("BUNDLE 0 1 2 3", "BUNDLE 2 0 1 3"));
  const answer = b.answer();
  assert.deepEqual(outline(b), ["2 rtp sctp remote client"]);
  assert.match(answer, /a=group:BUNDLE 2 0 1 3/);
  b.state = addLocalCandidate(b.state, "2", CANDIDATE);
  assert.deepEqual(
    b.state.currentLocal!.parsed.media.map(({ port }) => port),
    [9, 9, 5001, 9],
  );
});

test("the same plan follows from the same state", () => {
  const [a, b] = [offerer("balanced"), new NegotiatingPeer(2)];
  negotiate(a, b);
  const plan = planSession(a.state);
  negotiate(b, a);
  assert.deepEqual(planSession(a.state), plan);
});
