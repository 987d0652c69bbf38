import assert from "node:assert/strict";
import { test } from "vitest";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { CandidatePair } from "./candidate-pair.ts";
import { Checklist } from "./checklist.ts";
import { DEFAULT_ICE_TIMINGS } from "./ice-options.ts";
import { LocalCandidates } from "./local-candidates.ts";
import { Nomination } from "./nomination.ts";
import { RemoteCandidate } from "./remote-candidates.ts";

const { taMs, nominationGraceMs, maxNominationGraceMs } = DEFAULT_ICE_TIMINGS;

/** A list of pairs, best first, to remote candidates of the given types. */
function listOf(...types: ("host" | "srflx" | "prflx")[]): Checklist {
  const base = { address: "192.0.2.1", port: 5_000 };
  const source = { type: "host", socketId: 1, base, localPreference: 1, mapped: base } as const;
  const local = new LocalCandidates("ufrag").add(source)!;
  const list = new Checklist(100);
  for (const [index, type] of types.entries()) {
    const remote = new RemoteCandidate({
      foundation: `${index}`,
      component: 1,
      transport: "udp",
      priority: 1_000 - index,
      address: "198.51.100.1",
      port: 1 + index,
      type,
    });
    list.pairUp(local, remote, "controlling");
  }
  return list;
}

function succeed(pair: CandidatePair, nowMs: number, roundTripTimeMs = 10): void {
  pair.succeed(pair.local.candidate, roundTripTimeMs, nowMs);
}

test("host to host is nominated at once, whatever else is open", () => {
  const nomination = new Nomination(DEFAULT_ICE_TIMINGS);
  const list = listOf("host", "host", "host");
  assert.equal(nomination.choose(list, false, undefined, 0), undefined);
  succeed(list.pairs[1]!, 50);
  assert.equal(nomination.choose(list, false, undefined, 50), list.pairs[1]);
  assert.equal(nomination.nominating, list.pairs[1]);
  // Given once: nothing further until it is settled.
  succeed(list.pairs[0]!, 60);
  assert.equal(nomination.choose(list, false, undefined, 60), undefined);
  nomination.confirm(list.pairs[0]!);
  assert.ok(!list.pairs[0]!.isNominated);
  nomination.confirm(list.pairs[1]!);
  assert.ok(list.pairs[1]!.isNominated);
});

test("a lesser pair waits for better ones, for as long as they may need", () => {
  const nomination = new Nomination(DEFAULT_ICE_TIMINGS);
  const list = listOf("srflx", "srflx", "srflx");
  succeed(list.pairs[2]!, 1_000);
  const graceEndsAtMs = 1_000 + 2 * taMs + nominationGraceMs;
  assert.equal(nomination.choose(list, true, undefined, 1_000), undefined);
  assert.equal(nomination.nextTimeoutAtMs, graceEndsAtMs);
  assert.equal(nomination.choose(list, true, undefined, graceEndsAtMs - 1), undefined);
  assert.equal(nomination.choose(list, true, undefined, graceEndsAtMs), list.pairs[2]);
  assert.equal(nomination.nextTimeoutAtMs, NEVER_AT_MS);
});

test("a slow path gives the others two of its round trips, within a limit", () => {
  const nomination = new Nomination(DEFAULT_ICE_TIMINGS);
  const list = listOf("srflx", "srflx");
  succeed(list.pairs[1]!, 0, 300);
  nomination.choose(list, true, undefined, 0);
  assert.equal(nomination.nextTimeoutAtMs, 600 + taMs);
  succeed(list.pairs[1]!, 0, 30_000);
  nomination.choose(list, true, undefined, 0);
  assert.equal(nomination.nextTimeoutAtMs, maxNominationGraceMs);
});

test("with nothing better to come there is no wait", () => {
  const nomination = new Nomination(DEFAULT_ICE_TIMINGS);
  const list = listOf("prflx", "srflx");
  list.pairs[0]!.fail("no answer");
  succeed(list.pairs[1]!, 70);
  assert.equal(nomination.choose(list, true, undefined, 70), list.pairs[1]);
});

test("a better candidate may still be announced: a short wait", () => {
  const nomination = new Nomination(DEFAULT_ICE_TIMINGS);
  const list = listOf("srflx");
  succeed(list.pairs[0]!, 0);
  assert.equal(nomination.choose(list, false, undefined, 0), undefined);
  assert.equal(nomination.nextTimeoutAtMs, nominationGraceMs);
  assert.equal(nomination.choose(list, true, undefined, 10), list.pairs[0]);
});

test("a pair that has stopped working is avoided, and reset lets choose again", () => {
  const nomination = new Nomination(DEFAULT_ICE_TIMINGS);
  const list = listOf("host", "host");
  for (const pair of list.pairs) succeed(pair, 0);
  assert.equal(nomination.choose(list, true, undefined, 0), list.pairs[0]);
  nomination.reset();
  assert.equal(nomination.choose(list, true, list.pairs[0], 0), list.pairs[1]);
});
