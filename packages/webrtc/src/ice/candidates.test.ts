import assert from "node:assert/strict";
import { test } from "vitest";
import { UsageError } from "../base/errors.ts";
import { drawIceCredentials } from "../base/ice-credentials.ts";
import { SeededRandom } from "../base/random.ts";
import { addressText } from "./ice-candidate.ts";
import type { IceCandidate } from "./ice-candidate.ts";
import { checkIceParameters } from "./ice-credentials.ts";
import { DEFAULT_ICE_LIMITS } from "./ice-options.ts";
import type { LocalCandidateSource } from "./local-candidates.ts";
import { LocalCandidates, localPreferenceOf } from "./local-candidates.ts";
import { RemoteCandidates } from "./remote-candidates.ts";

const BASE = { address: "10.0.0.1", port: 5_000 };
const SERVER = { address: "203.0.113.9", url: "stun:203.0.113.9" };

function source(overrides: Partial<LocalCandidateSource> = {}): LocalCandidateSource {
  return {
    type: "host",
    socketId: 1,
    base: BASE,
    localPreference: 65_535,
    mapped: BASE,
    ...overrides,
  };
}

const ANNOUNCED: IceCandidate = {
  foundation: "f",
  component: 1,
  transport: "udp",
  priority: 100,
  address: "198.51.100.1",
  port: 4_000,
  type: "host",
};

test("a candidate with address and base of another is redundant (RFC 8445 §5.1.3)", () => {
  const locals = new LocalCandidates("ufrag");
  assert.ok(locals.add(source()));
  assert.equal(locals.add(source({ type: "srflx", server: SERVER })), undefined);
  const mapped = { address: "198.51.100.9", port: 7 };
  assert.ok(locals.add(source({ type: "srflx", mapped, server: SERVER })));
  // The same address over another base is a candidate of its own.
  const base = { address: "10.0.0.2", port: 5_001 };
  assert.ok(locals.add(source({ type: "srflx", socketId: 2, base, mapped, server: SERVER })));
  assert.equal(locals.size, 3);
  assert.equal(locals.baseOf(1)?.candidate.type, "host");
  assert.equal(locals.baseOf(2), undefined);
  locals.removeSocket(1);
  assert.equal(locals.size, 1);
});

test("foundations are equal for equal type, base and server, else distinct (RFC 8445 §5.1.1.3)", () => {
  const locals = new LocalCandidates("ufrag");
  let port = 1;
  const foundationOf = (overrides: Partial<LocalCandidateSource>): string => {
    const mapped = { address: "198.51.100.9", port: port++ };
    return locals.add(source({ mapped, ...overrides }))!.candidate.foundation;
  };
  const host = foundationOf({});
  const otherPort = foundationOf({ base: { ...BASE, port: 5_001 } });
  const otherBase = foundationOf({ base: { address: "10.0.0.2", port: 5_000 } });
  const reflexive = foundationOf({ type: "srflx", server: SERVER });
  const otherServer = { ...SERVER, address: "203.0.113.10" };
  const otherReflexive = foundationOf({ type: "srflx", server: otherServer });
  assert.equal(host, otherPort);
  assert.equal(new Set([host, otherBase, reflexive, otherReflexive]).size, 4);
  assert.match(reflexive, /^[A-Za-z0-9+/]{1,32}$/);
});

test("local preferences are distinct for every socket and server (RFC 8445 §5.1.2.1)", () => {
  assert.equal(localPreferenceOf(0), 65_535);
  const all = new Set<number>();
  for (let rank = 0; rank < 50; rank++) {
    for (let server = 0; server < 16; server++) all.add(localPreferenceOf(rank, server));
  }
  assert.equal(all.size, 50 * 16);
  assert.equal(localPreferenceOf(100_000, 99), 0);
});

test("an announced candidate replaces what was learned of it (RFC 8445 §7.3.1.3)", () => {
  const remotes = new RemoteCandidates(DEFAULT_ICE_LIMITS);
  const learned = remotes.learn(ANNOUNCED.address, ANNOUNCED.port, 77);
  assert.equal(learned.candidate.type, "prflx");
  const added = remotes.add(ANNOUNCED, undefined);
  assert.equal(added.kind, "adopted");
  assert.equal(learned.candidate.priority, 100);
  assert.equal(remotes.size, 1);
  assert.deepEqual(remotes.add(ANNOUNCED, undefined), { kind: "unusable", reason: "duplicate" });
});

test("announced candidates do not share their room with learned ones", () => {
  const remotes = new RemoteCandidates({ ...DEFAULT_ICE_LIMITS, maxCandidatesPerAddress: 2 });
  for (const port of [1, 2, 3]) remotes.learn(ANNOUNCED.address, port, 1);
  assert.equal(remotes.add({ ...ANNOUNCED, port: 4 }, undefined).kind, "new");
  assert.equal(remotes.add({ ...ANNOUNCED, port: 1 }, undefined).kind, "adopted");
  assert.deepEqual(
    remotes.learned.map(({ candidate }) => candidate.port),
    [2, 3],
  );
});

test("a learned candidate that is announced over the limit stays as it was: adoption is no way round it", () => {
  const remotes = new RemoteCandidates({ ...DEFAULT_ICE_LIMITS, maxRemoteCandidates: 1 });
  const learned = remotes.learn(ANNOUNCED.address, 1, 77);
  assert.equal(remotes.add(ANNOUNCED, undefined).kind, "new");
  const again = remotes.add({ ...ANNOUNCED, port: 1 }, undefined);
  assert.deepEqual(again, { kind: "unusable", reason: "overLimit" });
  assert.ok(learned.isLearned);
});

test("a candidate that is announced as peer-reflexive counts as announced", () => {
  const remotes = new RemoteCandidates(DEFAULT_ICE_LIMITS);
  const announced = { ...ANNOUNCED, type: "prflx" } as const;
  assert.equal(remotes.add(announced, undefined).kind, "new");
  assert.deepEqual(remotes.add(announced, undefined), { kind: "unusable", reason: "duplicate" });
  assert.deepEqual(remotes.learned, []);
});

test("learned candidates have foundations of their own (RFC 8445 §7.3.1.3)", () => {
  const remotes = new RemoteCandidates(DEFAULT_ICE_LIMITS);
  remotes.add({ ...ANNOUNCED, foundation: "prflx1" }, undefined);
  const foundations = [1, 2, 3].map(
    (port) => remotes.learn("203.0.113.1", port, 1).candidate.foundation,
  );
  assert.equal(new Set([...foundations, "prflx1"]).size, 4);
});

test("addresses are brought to canonical form before they are compared", () => {
  const remotes = new RemoteCandidates(DEFAULT_ICE_LIMITS);
  remotes.add({ ...ANNOUNCED, address: "2001:DB8:0:0::1" }, undefined);
  assert.equal(remotes.find("2001:db8::1", 4_000)?.candidate.address, "2001:db8::1");
});

test("candidates of an old generation are left aside, early ones when that turns out", () => {
  const remotes = new RemoteCandidates(DEFAULT_ICE_LIMITS);
  remotes.add({ ...ANNOUNCED, ufrag: "old" }, undefined);
  remotes.add({ ...ANNOUNCED, port: 1, ufrag: "new" }, undefined);
  remotes.add({ ...ANNOUNCED, port: 2 }, undefined);
  assert.equal(remotes.keepOnly("new").length, 1);
  assert.equal(remotes.size, 2);
  remotes.add({ ...ANNOUNCED, port: 3, ufrag: "old" }, "new");
  assert.equal(remotes.unusable.get("otherGeneration"), 2);
});

test("credentials have the form of RFC 8839 §5.4, and others are refused", () => {
  const made = drawIceCredentials(new SeededRandom(3));
  checkIceParameters(made);
  for (const bad of [
    { ...made, ufrag: "abc" },
    { ...made, ufrag: "a".repeat(257) },
    { ...made, ufrag: "ab:d" },
    { ...made, password: "x".repeat(21) },
    { ...made, password: "x".repeat(257) },
    { ...made, password: `${"x".repeat(22)} ` },
  ]) {
    assert.throws(() => checkIceParameters(bad), UsageError);
  }
});

test("addresses are written as people read them", () => {
  assert.equal(addressText("192.0.2.1", 80), "192.0.2.1:80");
  assert.equal(addressText("2001:db8::1", 80), "[2001:db8::1]:80");
});
