import assert from "node:assert/strict";
import { test } from "vitest";
import { Checklist } from "./checklist.ts";
import type { FailureFacts } from "./failure-report.ts";
import { explainNoPair } from "./failure-report.ts";
import { DEFAULT_ICE_LIMITS } from "./ice-options.ts";
import { LocalCandidates } from "./local-candidates.ts";
import { RemoteCandidates } from "./remote-candidates.ts";

function factsWith(remoteCount: number): FailureFacts & { readonly checklist: Checklist } {
  const local = new LocalCandidates("ufrag");
  const base = { address: "192.0.2.2", port: 5_000 };
  const ours = local.add({ type: "host", socketId: 1, base, localPreference: 9, mapped: base })!;
  const remote = new RemoteCandidates(DEFAULT_ICE_LIMITS);
  const checklist = new Checklist(100);
  for (let index = 0; index < remoteCount; index++) {
    const learned = remote.learn(`198.51.100.${index + 1}`, 4_000, 1_000 - index);
    checklist.pairUp(ours, learned, "controlling");
  }
  const gatherer = { bindFailures: [], silentServers: new Set<string>(), isRelayOnly: false };
  return { local, remote, pairs: checklist.pairs, gatherer, checklist };
}

test("each pair is told: what was sent, what came back", () => {
  const facts = factsWith(2);
  const [first, second] = facts.pairs;
  first!.counters.requestsSent = 9;
  second!.counters.requestsSent = 1;
  second!.noteRequest();
  second!.noteProblem("peer refused with error 400");
  assert.equal(
    explainNoPair(facts),
    "no connection: none of 2 candidate pairs worked; " +
      "sent 9 checks 192.0.2.2:5000 -> 198.51.100.1:4000, no answer; " +
      "sent 1 check 192.0.2.2:5000 -> 198.51.100.2:4000, peer refused with error 400, " +
      "received 1 check",
  );
});

test("many pairs are counted, so that the text stays readable", () => {
  const text = explainNoPair(factsWith(30));
  assert.match(text, /none of 30 candidate pairs worked/);
  assert.match(text, /and 22 more pairs;/);
  assert.ok(text.length < 1_000);
});

test("what was missing on our side is told", () => {
  const facts = factsWith(0);
  const gatherer = {
    bindFailures: ["10.0.0.1: EADDRINUSE"],
    silentServers: new Set(["stun:stun.example:3478"]),
    isRelayOnly: false,
  };
  assert.equal(
    explainNoPair({ ...facts, gatherer }),
    "no connection: no remote candidates arrived that can be used; " +
      'STUN server "stun:stun.example:3478" did not answer; could not use 10.0.0.1: EADDRINUSE',
  );
});

test("without a local candidate it is told why there is none", () => {
  const facts = { ...factsWith(1), local: new LocalCandidates("ufrag") };
  const { gatherer } = facts;
  const textWith = (change: Partial<typeof gatherer> & { bindFailures?: string[] }): string =>
    explainNoPair({ ...facts, gatherer: { ...gatherer, ...change } });
  assert.match(textWith({}), /^no connection: no usable network interface: there is none/);
  assert.match(
    textWith({ bindFailures: ["10.0.0.1: EACCES"] }),
    /^no connection: no usable network interface: none of the addresses .*; could not use 10\.0\.0\.1: EACCES$/,
  );
  assert.match(textWith({ isRelayOnly: true }), /^no connection: iceTransportPolicy is "relay"/);
});

test("a TURN server is suggested where direct pairs met with silence, and only there", () => {
  const hint = /one of the peers needs a TURN server/;
  const silent = factsWith(2);
  silent.pairs[0]!.fail("no answer");
  assert.match(explainNoPair(silent), hint);
  assert.doesNotMatch(explainNoPair(factsWith(0)), hint);
  const refused = factsWith(2);
  refused.pairs[1]!.noteProblem("peer refused with error 400");
  assert.doesNotMatch(explainNoPair(refused), hint);
  const relayed = factsWith(2);
  const { candidate } = relayed.pairs[0]!.remote;
  relayed.pairs[0]!.remote.adopt({ ...candidate, type: "relay" });
  assert.doesNotMatch(explainNoPair(relayed), hint);
});
