import assert from "node:assert/strict";
import { beforeEach, test } from "vitest";
import { CandidatePair } from "./candidate-pair.ts";
import type { IceCandidate } from "./ice-candidate.ts";
import { pairStatisticsOf } from "./ice-statistics.ts";
import { LocalCandidates } from "./local-candidates.ts";
import { RemoteCandidate } from "./remote-candidates.ts";
import { createTraffic } from "./path-traffic.ts";

const REMOTE: IceCandidate = {
  foundation: "r",
  component: 1,
  transport: "udp",
  priority: 5,
  address: "198.51.100.1",
  port: 4_000,
  type: "host",
};

let pair: CandidatePair;

beforeEach(() => {
  const base = { address: "192.0.2.1", port: 5_000 };
  const source = { type: "host", socketId: 1, base, localPreference: 9, mapped: base } as const;
  const local = new LocalCandidates("u").add(source)!;
  pair = new CandidatePair("pair7", local, new RemoteCandidate(REMOTE), "controlling");
});

test("the life of a pair: frozen, waiting, in progress, succeeded (RFC 8445 §6.1.2.6)", () => {
  const states = [pair.state];
  pair.awaitCheck();
  states.push(pair.state);
  pair.startCheck();
  states.push(pair.state);
  pair.succeed(pair.local.candidate, 12, 100);
  states.push(pair.state);
  pair.startCheck(); // The nominating check: the pair stays valid meanwhile.
  states.push(pair.state);
  assert.deepEqual(states, ["frozen", "waiting", "in-progress", "succeeded", "succeeded"]);
  assert.ok(pair.isValid);
  assert.equal(pair.succeededAtMs, 100);
});

test("a new check forgets what an old one proved", () => {
  pair.succeed(pair.local.candidate, 12, 100);
  pair.awaitCheck();
  assert.ok(!pair.isValid);
  assert.equal(pair.state, "waiting");
  assert.ok(pair.isKnown); // Data is still taken from there.
});

test("the valid local candidate is what the peer sees (RFC 8445 §7.2.5.3.2)", () => {
  assert.equal(pair.validLocal, pair.local.candidate);
  assert.ok(pair.isHostToHost);
  const reflexive: IceCandidate = { ...pair.local.candidate, type: "srflx" };
  pair.succeed(reflexive, 1, 0);
  assert.equal(pair.validLocal, reflexive);
  assert.ok(!pair.isHostToHost);
});

test("a nomination that came early takes effect with the success (RFC 8445 §7.3.1.5)", () => {
  pair.nominateOnSuccess(2);
  pair.nominateOnSuccess(1);
  assert.ok(pair.isNominationRequested && !pair.isNominated);
  pair.succeed(pair.local.candidate, 1, 0);
  assert.ok(!pair.isNominationRequested && pair.isNominated);
  assert.equal(pair.nominationRank, 2);
  pair.nominate(1); // An older one does not lower it.
  assert.equal(pair.nominationRank, 2);
});

test("a failure takes nomination and its request along (RFC 8445 §7.2.5.3.4)", () => {
  pair.nominateOnSuccess(0);
  pair.fail("no answer");
  pair.succeed(pair.local.candidate, 1, 0);
  assert.ok(!pair.isNominated);
  assert.equal(pair.nominationRank, -1);
});

test("what the peer said is a better reason than silence", () => {
  pair.noteProblem("peer refused with error 400");
  pair.fail("no answer");
  assert.equal(pair.problem, "peer refused with error 400");
  pair.succeed(pair.local.candidate, 1, 0);
  assert.equal(pair.problem, undefined);
});

test("the foundation joins both ends (RFC 8445 §6.1.2.6)", () => {
  assert.equal(pair.foundation, `${pair.local.candidate.foundation}:r`);
  pair.remote.adopt({ ...REMOTE, foundation: "other" });
  assert.equal(pair.foundation, `${pair.local.candidate.foundation}:other`);
});

test("statistics are a snapshot of everything that W3C RTCIceCandidatePairStats shows", () => {
  pair.noteRequest();
  pair.succeed(pair.local.candidate, 12, 100);
  pair.countRoundTrip(8);
  const before = pairStatisticsOf(pair);
  assert.deepEqual(before, {
    id: "pair7",
    local: pair.local.candidate,
    remote: REMOTE,
    state: "succeeded",
    priority: pair.priority,
    isNominated: false,
    isValid: true,
    requestsSent: 0,
    retransmissionsSent: 0,
    requestsReceived: 1,
    responsesSent: 0,
    responsesReceived: 2,
    consentRequestsSent: 0,
    currentRoundTripTimeMs: 8,
    totalRoundTripTimeMs: 20,
    traffic: createTraffic(),
  });
  pair.countRoundTrip(5);
  assert.equal(before.currentRoundTripTimeMs, 8);
});
