import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { formatIpAddress } from "../base/ip-address.ts";
import type { CandidatePair } from "./candidate-pair.ts";
import { canPair } from "./candidate-pair.ts";
import { candidatePriority, pairPriority } from "./candidate-priority.ts";
import { Checklist } from "./checklist.ts";
import { LocalCandidates } from "./local-candidates.ts";
import type { LocalCandidate } from "./local-candidates.ts";
import { RemoteCandidate } from "./remote-candidates.ts";
import { selectPair } from "./nomination.ts";

let lastSocketId = 0;

function local(address: string, localPreference = 65_535): LocalCandidate {
  const base = { address, port: 5_000 };
  const socketId = ++lastSocketId;
  return new LocalCandidates("ufrag").add({
    type: "host",
    socketId,
    base,
    localPreference,
    mapped: base,
  })!;
}

function remote(
  address: string,
  priority = 1_000,
  foundation = "1",
  port = 6_000,
): RemoteCandidate {
  const type = "host";
  const transport = "udp";
  return new RemoteCandidate({
    foundation,
    component: 1,
    transport,
    priority,
    address,
    port,
    type,
  });
}

function succeed(pair: CandidatePair): void {
  pair.succeed(pair.local.candidate, 10, 0);
}

test("candidate priorities follow the formula (RFC 8445 §5.1.2.1)", () => {
  assert.equal(candidatePriority("host", 65_535), 2_130_706_431);
  assert.equal(candidatePriority("prflx", 65_535), 1_862_270_975);
  assert.equal(candidatePriority("srflx", 65_535), 1_694_498_815);
  assert.equal(candidatePriority("relay", 0), 255);
});

test("both sides compute the same pair priority (RFC 8445 §6.1.2.3)", () => {
  const priority = fc.integer({ min: 1, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(priority, priority, (g, d) => {
      const expected =
        (1n << 32n) * BigInt(Math.min(g, d)) + 2n * BigInt(Math.max(g, d)) + (g > d ? 1n : 0n);
      assert.equal(pairPriority(g, d, "controlling"), expected);
      assert.equal(pairPriority(d, g, "controlled"), expected);
    }),
  );
});

test("pairs keep to family and scope (RFC 8445 §6.1.2.2)", () => {
  const cases: [string, string, boolean][] = [
    ["192.0.2.1", "198.51.100.1", true],
    ["2001:db8::1", "2001:db8::2", true],
    ["192.0.2.1", "2001:db8::2", false],
    ["fe80::1", "fe80::2", true],
    ["fe80::1", "2001:db8::2", false],
    ["2001:db8::1", "fe80::2", false],
    ["127.0.0.1", "127.0.0.1", true],
    ["192.0.2.1", "127.0.0.1", false],
    ["127.0.0.1", "192.0.2.1", false],
    ["::1", "::1", true],
  ];
  for (const [from, to, expected] of cases) {
    assert.equal(canPair(local(from), remote(to)), expected, `${from} ${to}`);
  }
});

test("the list is sorted by priority and has no pair twice (RFC 8445 §6.1.2.3, §6.1.2.4)", () => {
  const list = new Checklist(100);
  const from = local("192.0.2.1");
  const first = remote("198.51.100.1", 10);
  for (const to of [first, remote("198.51.100.2", 30), remote("198.51.100.3", 20), first]) {
    list.pairUp(from, to, "controlling");
  }
  assert.deepEqual(
    list.pairs.map((pair) => pair.remote.candidate.priority),
    [30, 20, 10],
  );
});

test("one pair of each foundation waits, the others are frozen (RFC 8445 §6.1.2.6)", () => {
  const list = new Checklist(100);
  const from = local("192.0.2.1");
  list.pairUp(from, remote("198.51.100.1", 30, "x", 1), "controlling");
  list.pairUp(from, remote("198.51.100.1", 20, "x", 2), "controlling");
  list.pairUp(from, remote("198.51.100.2", 10, "y", 3), "controlling");
  assert.deepEqual(
    list.pairs.map(({ state }) => state),
    ["waiting", "frozen", "waiting"],
  );
  const [first, second, third] = list.pairs;
  assert.equal(list.takeOrdinary(), first);
  first!.startCheck();
  assert.equal(list.takeOrdinary(), third);
  third!.startCheck();
  // The foundation is in progress, so the frozen pair stays.
  assert.equal(list.takeOrdinary(), undefined);
  assert.ok(!list.hasOrdinary);
  first!.fail("no answer");
  assert.equal(list.takeOrdinary(), second);
});

test("a success unfreezes its foundation (RFC 8445 §7.2.5.3.3)", () => {
  const list = new Checklist(100);
  const from = local("192.0.2.1");
  list.pairUp(from, remote("198.51.100.1", 30, "x", 1), "controlling");
  list.pairUp(from, remote("198.51.100.1", 20, "x", 2), "controlling");
  const [first, second] = list.pairs;
  first!.startCheck();
  succeed(first!);
  list.unfreeze(first!.foundation);
  assert.equal(second!.state, "waiting");
  // A pair that comes later joins its foundation (RFC 8838 §12).
  list.pairUp(from, remote("198.51.100.1", 10, "x", 3), "controlling");
  assert.equal(list.pairs[2]!.state, "waiting");
});

test("triggered checks are first in, first out, and once (RFC 8445 §6.1.4.1)", () => {
  const list = new Checklist(100);
  const from = local("192.0.2.1");
  const pairs = [1, 2].map((port) => list.obtain(from, remote("::9", 1, "x", port), "controlled")!);
  for (const pair of [...pairs, ...pairs]) list.trigger(pair);
  assert.ok(list.hasTriggered);
  assert.equal(list.takeTriggered(), pairs[0]);
  assert.equal(list.takeTriggered(), pairs[1]);
  assert.equal(list.takeTriggered(), undefined);
});

test("over the limit the least pairs go, working ones stay (RFC 8445 §6.1.2.5)", () => {
  const list = new Checklist(3);
  const from = local("192.0.2.1");
  for (const priority of [10, 20, 30]) {
    list.pairUp(from, remote(`198.51.100.${priority}`, priority), "controlling");
  }
  const least = list.pairs[2]!;
  succeed(least);
  list.pairUp(from, remote("198.51.100.40", 40), "controlling");
  list.pairUp(from, remote("198.51.100.5", 5), "controlling");
  assert.deepEqual(
    list.pairs.map((pair) => pair.remote.candidate.priority),
    [40, 30, 10],
  );
  assert.ok(list.pairs.includes(least));
});

test("a nomination ends the other checks, save those nominated too (RFC 8445 §8.1.2)", () => {
  const list = new Checklist(100);
  const from = local("192.0.2.1");
  for (const [index, foundation] of ["a", "b", "c", "d"].entries()) {
    list.pairUp(from, remote(`198.51.100.${index}`, 100 - index, foundation), "controlled");
  }
  const [selected, waiting, chosen, running] = list.pairs;
  running!.startCheck();
  chosen!.nominateOnSuccess(0);
  for (const pair of [waiting!, chosen!]) list.trigger(pair);
  list.conclude(selected!);
  assert.deepEqual(
    list.pairs.map(({ state }) => state),
    ["waiting", "frozen", "waiting", "frozen"],
  );
  assert.equal(list.takeOrdinary(), undefined);
  assert.equal(list.takeTriggered(), chosen);
  assert.ok(!list.hasTriggered);
  list.pairUp(from, remote("198.51.100.77", 500, "e"), "controlled");
  assert.equal(list.pairs[0]!.state, "frozen");
  list.resume(selected);
  assert.equal(list.takeOrdinary(), list.pairs[0]);
});

test("exhausted means that every pair has come to an end", () => {
  const list = new Checklist(100);
  assert.ok(list.isExhausted);
  list.pairUp(local("192.0.2.1"), remote("198.51.100.1"), "controlling");
  const [pair] = list.pairs;
  assert.ok(!list.isExhausted);
  assert.equal(list.activeCount, 1);
  pair!.startCheck();
  assert.ok(!list.isExhausted);
  pair!.fail("no answer");
  assert.ok(list.isExhausted);
  assert.equal(list.activeCount, 0);
});

test("priorities follow the role and what the peer announces", () => {
  const list = new Checklist(100);
  const from = local("192.0.2.1");
  const learned = remote("198.51.100.1", 1);
  list.pairUp(from, learned, "controlling");
  list.pairUp(from, remote("198.51.100.2", 5), "controlling");
  const [, last] = list.pairs;
  learned.adopt({ ...learned.candidate, priority: 50 });
  list.updatePriorities("controlled");
  assert.equal(list.pairs[0], last);
  assert.equal(last!.priority, pairPriority(from.candidate.priority, 50, "controlled"));
});

test("a failed pair is not valid, not nominated, and known only if it ever worked", () => {
  const list = new Checklist(100);
  const pair = list.obtain(local("192.0.2.1"), remote("198.51.100.1"), "controlled")!;
  pair.noteRequest();
  assert.ok(pair.isKnown);
  pair.fail("no answer");
  assert.ok(!pair.isKnown);
  succeed(pair);
  pair.nominate(0);
  pair.fail("stopped answering");
  assert.ok(pair.isKnown && !pair.isValid && !pair.isNominated);
  assert.equal(pair.problem, "stopped answering");
  pair.abandon("gone");
  assert.ok(!pair.isKnown);
});

test("the selected pair is the best of the last nominated, else the best valid one", () => {
  const list = new Checklist(100);
  const from = local("192.0.2.1");
  for (const priority of [30, 20, 10]) {
    list.pairUp(from, remote(`198.51.100.${priority}`, priority), "controlled");
  }
  const [first, second, third] = list.pairs;
  assert.equal(selectPair(list.pairs), undefined);
  for (const pair of [second!, third!]) succeed(pair);
  assert.equal(selectPair(list.pairs), second);
  third!.nominate(0);
  assert.equal(selectPair(list.pairs), third);
  second!.nominate(0);
  assert.equal(selectPair(list.pairs), second);
  third!.nominate(1);
  assert.equal(selectPair(list.pairs), third);
  assert.equal(selectPair(list.pairs, third), second);
  second!.fail("no answer");
  assert.equal(selectPair(list.pairs, third), third);
  succeed(first!);
  assert.equal(selectPair(list.pairs, third), third);
});

test("find by path compares socket, address and port", () => {
  const list = new Checklist(100);
  const from = local("2001:db8::1");
  const address = formatIpAddress(Uint8Array.from({ length: 16 }, (_value, index) => index));
  list.pairUp(from, remote(address, 1, "x", 7), "controlled");
  assert.equal(list.findPath(from.socketId, address, 7), list.pairs[0]);
  assert.equal(list.findPath(from.socketId + 1, address, 7), undefined);
  assert.equal(list.findPath(from.socketId, address, 8), undefined);
  assert.equal(list.findPath(from.socketId, "::1", 7), undefined);
});
