import assert from "node:assert/strict";
import { test } from "vitest";

import { negotiate, NegotiatingPeer } from "../../test/support/negotiating-peer.ts";
import { addLocalCandidate, addRemoteCandidate, candidateSection } from "./candidates.ts";
import { NegotiationError } from "./negotiation-error.ts";
import { planSession } from "./plan-session.ts";
import type { TransportPlan } from "./session-plan.ts";

function connected(): readonly [NegotiatingPeer, NegotiatingPeer] {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  a.wantsDataChannel = true;
  a.add("audio");
  negotiate(a, b);
  return [a, b];
}

function planOf(peer: NegotiatingPeer): TransportPlan {
  const [plan, ...others] = planSession(peer.state).transports;
  assert.deepEqual(others, []);
  return plan!;
}

function ufragsOf(text: string): readonly string[] {
  return [...text.matchAll(/a=ice-ufrag:(.*)\r\n/g)].map(([, ufrag]) => ufrag!);
}

function refusal(action: () => void): NegotiationError {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof NegotiationError);
    return error;
  }
  return assert.fail("nothing was thrown");
}

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

test.each(["createOffer option", "restartIce"])(
  "%s gives every transport new credentials (RFC 9429 §5.2.3.1)",
  (way) => {
    const [a, b] = connected();
    const before = [planOf(a), planOf(b)].map(({ localIce }) => localIce.ufrag);
    if (way === "restartIce") a.restartIce();
    assert.equal(a.isNegotiationNeeded, way === "restartIce");
    const { offer, answer } = negotiate(a, b, way !== "restartIce");
    const after = [planOf(a), planOf(b)];
    assert.notEqual(after[0]!.localIce.ufrag, before[0]);
    assert.notEqual(
      after[1]!.localIce.ufrag,
      before[1],
      "the answer has others too (RFC 9429 §5.3.1)",
    );
    assert.deepEqual(new Set(ufragsOf(offer)).size, 1);
    assert.deepEqual(new Set(ufragsOf(answer)).size, 1);
    assert.deepEqual(after[0]!.remote?.ice.ufrag, after[1]!.localIce.ufrag);
    assert.ok(!a.isNegotiationNeeded && !b.isNegotiationNeeded);
    assert.deepEqual(
      [after[0]!.dtls?.role, after[1]!.dtls?.role],
      ["server", "client"],
      "DTLS goes on",
    );
  },
);

test("the offered credentials are the same until the answer, and the running ones count till then", () => {
  const [a] = connected();
  const running = planOf(a);
  const offer = a.createOffer(true);
  assert.equal(a.createOffer(true), offer);
  a.setLocal("offer", offer);
  const pending = planOf(a);
  assert.notEqual(pending.localIce.ufrag, running.localIce.ufrag);
  assert.deepEqual(pending.remote, running.remote);
  assert.deepEqual(pending.dtls, running.dtls);
  a.rollBack("local");
  assert.deepEqual(planOf(a), running);
});

test("an offer without the option goes back to what is running (W3C RTCOfferOptions)", () => {
  const [a] = connected();
  a.offer(true);
  assert.deepEqual(
    ufragsOf(a.createOffer())[0],
    planOf({ ...a, state: { ...a.state, signalingState: "stable" } } as NegotiatingPeer).localIce
      .ufrag,
  );
});

test("restartIce while an offer is open replaces that one's credentials too (W3C restartIce)", () => {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  a.add("audio");
  const offer = a.offer();
  a.restartIce();
  b.take(offer);
  a.setRemote("answer", b.answer());
  assert.ok(a.isNegotiationNeeded);
  const next = negotiate(a, b).offer;
  assert.notEqual(ufragsOf(next)[0], ufragsOf(offer)[0]);
  assert.ok(!a.isNegotiationNeeded);
  a.offer(true);
  const restarted = planOf(a).localIce.ufrag;
  a.restartIce();
  a.rollBack("local");
  assert.ok(![restarted, ufragsOf(next)[0]].includes(ufragsOf(a.createOffer())[0]!));
});

test("restartIce survives the peer's offer, and is satisfied by the peer's restart (WPT restartIce)", () => {
  const [a, b] = connected();
  a.restartIce();
  negotiate(b, a);
  assert.ok(a.isNegotiationNeeded);
  negotiate(b, a, true);
  assert.ok(!a.isNegotiationNeeded);
});

test("restartIce before anything was negotiated changes nothing (WPT restartIce)", () => {
  const peer = new NegotiatingPeer(1);
  peer.restartIce();
  assert.ok(!peer.isNegotiationNeeded);
});

test("an answer restarts ICE if and only if the offer did (RFC 9429 §5.10)", () => {
  const [a, b] = connected();
  b.take(a.offer());
  const plain = b.answer();
  const restarting = plain.replaceAll(/a=ice-ufrag:.*/g, "a=ice-ufrag:another");
  assert.match(
    refusal(() => a.setRemote("answer", restarting)).message,
    /restarts ICE, which the offer did not/,
  );
  a.setRemote("answer", plain);
  a.offer(true);
  assert.match(refusal(() => a.setRemote("answer", plain)).message, /keeps a=ice-ufrag/);
});

test("candidates stay with their generation, on both sides (RFC 8839 §4.4.1.1.1)", () => {
  const [a, b] = connected();
  const at = (port: number): typeof CANDIDATE => ({ ...CANDIDATE, port }) as typeof CANDIDATE;
  const ports = (peer: NegotiatingPeer): readonly number[] =>
    planOf(peer).remote!.candidates.map(({ port }) => port);
  const target = { mid: "0", mediaIndex: null, ufrag: null };
  a.state = addLocalCandidate(a.state, "0", at(1));
  b.state = addRemoteCandidate(b.state, target, at(1));
  const offer = a.offer(true);
  assert.doesNotMatch(offer, /a=candidate/, "what was found belongs to the old credentials");
  a.state = addLocalCandidate(a.state, "0", at(2));
  const old = planOf(b).remote!.ice.ufrag;
  a.state = addLocalCandidate(a.state, "0", at(3), old);
  const local = (which: "currentLocal" | "pendingLocal"): readonly number[] =>
    a.state[which]!.parsed.media[0]!.attributes.flatMap((attribute) =>
      attribute.kind === "candidate" ? [attribute.port] : [],
    );
  assert.deepEqual([local("currentLocal"), local("pendingLocal")], [[1, 3], [2]]);
  b.take(offer);
  b.state = addRemoteCandidate(b.state, target, at(2));
  b.state = addRemoteCandidate(b.state, { ...target, ufrag: old }, at(3));
  assert.deepEqual(ports(b), [1, 3], "the running generation, until it is answered");
  a.setRemote("answer", b.answer());
  assert.deepEqual(ports(b), [2]);
});

test("candidates stand in the section that speaks for the bundle (RFC 8843 §10)", () => {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  for (const kind of ["audio", "video"] as const) a.add(kind);
  a.wantsDataChannel = true;
  negotiate(a, b);
  assert.deepEqual(candidateSection(b.state, "0"), { mid: "0", mediaIndex: 0 });
  b.state = addLocalCandidate(b.state, "0", CANDIDATE);
  const portsOf = (): readonly number[] =>
    b.state.currentLocal!.parsed.media.map(({ port }) => port);
  assert.deepEqual(portsOf(), [5001, 9, 9]);
  a.change(1, { isStopping: true });
  negotiate(a, b);
  assert.deepEqual(
    planSession(b.state).transports.map(({ transportId }) => transportId),
    ["0"],
    "the transport goes on",
  );
  assert.deepEqual(candidateSection(b.state, "0"), { mid: "1", mediaIndex: 1 });
  assert.deepEqual(portsOf(), [0, 5001, 9]);
  assert.equal(candidateSection(b.state, "7"), undefined);
});

test("a section with several transports restarts all of them (RFC 9429 §5.2.3.1)", () => {
  const [a, b] = [new NegotiatingPeer(1, "max-compat"), new NegotiatingPeer(2, "max-compat")];
  for (const kind of ["audio", "video"] as const) a.add(kind);
  b.take(a.offer().replace(/a=group:.*\r\n/, ""));
  a.setRemote("answer", b.answer());
  const before = new Set(planSession(a.state).transports.map(({ localIce }) => localIce.ufrag));
  assert.equal(before.size, 2);
  negotiate(a, b, true);
  const after = planSession(a.state).transports.map(({ localIce }) => localIce.ufrag);
  assert.deepEqual([after.length, after.filter((ufrag) => before.has(ufrag))], [2, []]);
});
