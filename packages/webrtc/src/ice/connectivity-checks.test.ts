import assert from "node:assert/strict";
import { beforeEach, test } from "vitest";
import { encodeUtf8 } from "../base/bytes.ts";
import type { Datagram } from "../base/datagram.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { SeededRandom } from "../base/random.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import type { StunAttributes } from "../stun/attribute-table.ts";
import { decodeStunMessage } from "../stun/stun-decoder.ts";
import { encodeStunMessage } from "../stun/stun-encoder.ts";
import { AgentContext } from "./agent-context.ts";
import { CandidatePair } from "./candidate-pair.ts";
import type { CheckOutcome } from "./connectivity-checks.ts";
import { ConnectivityChecks } from "./connectivity-checks.ts";
import { DEFAULT_ICE_LIMITS, DEFAULT_ICE_TIMINGS } from "./ice-options.ts";
import { LocalCandidates } from "./local-candidates.ts";
import { RemoteCandidate } from "./remote-candidates.ts";

const PASSWORD = "p".repeat(24);
const MAPPED = { address: "198.51.100.9", port: 9 };
const crypto = createNodeCrypto(new SeededRandom(4));

let context: AgentContext;
let checks: ConnectivityChecks;
let pair: CandidatePair;

beforeEach(() => {
  context = new AgentContext(crypto, "controlling", DEFAULT_ICE_TIMINGS, DEFAULT_ICE_LIMITS);
  context.setRemote({ ufrag: "peer", password: PASSWORD });
  checks = new ConnectivityChecks(context);
  pair = pairTo(4_000);
});

function pairTo(port: number): CandidatePair {
  const base = { address: "192.0.2.1", port: 5_000 };
  const source = { type: "host", socketId: 1, base, localPreference: 9, mapped: base } as const;
  const remote = new RemoteCandidate({
    foundation: "1",
    component: 1,
    transport: "udp",
    priority: 5,
    address: "198.51.100.1",
    port,
    type: "host",
  });
  return new CandidatePair("pair1", new LocalCandidates("u").add(source)!, remote, "controlling");
}

function sent(): Datagram[] {
  const datagrams: Datagram[] = [];
  for (let next = checks.pollTransmit(); next; next = checks.pollTransmit()) datagrams.push(next);
  return datagrams;
}

function outcomes(): CheckOutcome[] {
  const all: CheckOutcome[] = [];
  for (let next = checks.pollOutcome(); next; next = checks.pollOutcome()) all.push(next);
  return all;
}

/** Hands in the answer to `request`; true if it was recognised. */
function answer(
  request: Datagram,
  attributes: StunAttributes,
  nowMs: number,
  password: string | undefined = PASSWORD,
): boolean {
  const bytes = encodeStunMessage(
    {
      class: attributes.errorCode === undefined ? "success" : "error",
      method: 1,
      transactionId: decodeStunMessage(request.bytes).transactionId,
      attributes,
    },
    password === "" ? {} : { integrity: { crypto, key: encodeUtf8(password) } },
  );
  return checks.handleResponse(decodeStunMessage(bytes), { ...request, bytes }, nowMs);
}

test("a check goes out at once to the remote candidate, from the base (RFC 8445 §7.2.4)", () => {
  checks.start(pair, false, 1, 100);
  const [datagram, ...others] = sent();
  assert.equal(others.length, 0);
  assert.deepEqual(
    { ...datagram, bytes: undefined },
    {
      socketId: 1,
      remoteAddress: "198.51.100.1",
      remotePort: 4_000,
      bytes: undefined,
    },
  );
  assert.equal(pair.state, "in-progress");
  assert.equal(pair.counters.requestsSent, 1);
  assert.equal(checks.nextTimeoutAtMs, 600);
});

test("success tells the mapped address and the round trip of the last transmission", () => {
  checks.start(pair, true, 1, 0);
  checks.handleTimeout(500);
  const [request] = sent();
  assert.ok(answer(request!, { xorMappedAddress: MAPPED }, 530));
  assert.deepEqual(outcomes(), [
    { kind: "succeeded", pair, mapped: MAPPED, roundTripTimeMs: 30, wasNominating: true },
  ]);
  assert.equal(checks.nextTimeoutAtMs, NEVER_AT_MS);
  assert.ok(!answer(request!, { xorMappedAddress: MAPPED }, 540)); // Duplicated: nobody's.
  assert.deepEqual(outcomes(), []);
});

test("ten transmissions without an answer fail the pair (RFC 8445 §7.2.5.2.3)", () => {
  checks.start(pair, false, 1, 0);
  let nowMs = 0;
  while (checks.nextTimeoutAtMs !== NEVER_AT_MS) {
    nowMs = checks.nextTimeoutAtMs;
    checks.handleTimeout(nowMs);
  }
  assert.equal(nowMs, 19_500);
  assert.equal(sent().length, DEFAULT_ICE_TIMINGS.checkMaxRequests);
  assert.deepEqual(outcomes(), [{ kind: "failed", pair, problem: "no answer" }]);
});

test("retransmissions repeat the very bytes (RFC 8489 §6.2.1)", () => {
  checks.start(pair, false, 1, 0);
  checks.handleTimeout(500);
  const [first, second] = sent();
  assert.deepEqual(first, second);
});

test("many checks at once stretch the timeout, within its limit (RFC 8445 §14.3)", () => {
  checks.start(pair, false, 50, 0);
  assert.equal(checks.nextTimeoutAtMs, 50 * DEFAULT_ICE_TIMINGS.taMs);
  checks.start(pairTo(1), false, 1_000, 0);
  checks.handleTimeout(1_000);
  assert.equal(checks.nextTimeoutAtMs, DEFAULT_ICE_TIMINGS.checkMaxRtoMs);
});

test("a new check of the pair cancels the old, whose silence then means nothing", () => {
  checks.start(pair, false, 1, 0);
  checks.start(pair, true, 1, 10);
  const [first, second] = sent();
  assert.ok(answer(second!, { xorMappedAddress: MAPPED }, 20));
  assert.equal(outcomes().length, 1);
  checks.handleTimeout(10 + DEFAULT_ICE_TIMINGS.checkLastWaitMs);
  assert.deepEqual(outcomes(), []);
  assert.deepEqual(sent(), []);
  assert.ok(!answer(first!, { xorMappedAddress: MAPPED }, 9_999));
});

test("a pair has few outstanding checks, however often it is triggered", () => {
  for (let nowMs = 0; nowMs < 100; nowMs++) checks.start(pair, false, 1, nowMs);
  const requests = sent();
  assert.equal(requests.length, 100);
  const recognised = requests.filter((request) => {
    return answer(request, { xorMappedAddress: MAPPED }, 200);
  });
  assert.equal(recognised.length, 4);
});

test("frozen pairs are not asked again (RFC 8445 §8.1.2)", () => {
  const other = pairTo(1);
  checks.start(pair, false, 2, 0);
  checks.start(other, false, 2, 0);
  sent();
  other.freeze();
  checks.cancelFrozen(10);
  checks.handleTimeout(500);
  assert.deepEqual(
    sent().map(({ remotePort }) => remotePort),
    [4_000],
  );
});

test("answers without valid integrity are as if they had not come (RFC 8489 §9.1.4)", () => {
  checks.start(pair, false, 1, 0);
  const [request] = sent();
  assert.ok(answer(request!, { xorMappedAddress: MAPPED }, 10, ""));
  assert.ok(answer(request!, { xorMappedAddress: MAPPED }, 10, "wrong"));
  assert.ok(answer(request!, { errorCode: { code: 487, reason: "" } }, 10, ""));
  assert.deepEqual(outcomes(), []);
  assert.equal(pair.problem, "peer refused with an unsigned error 487");
  assert.ok(answer(request!, { xorMappedAddress: MAPPED }, 20));
  assert.equal(outcomes()[0]?.kind, "succeeded");
});

test("487 is told with the role that the check had (RFC 8445 §7.2.5.1)", () => {
  checks.start(pair, false, 1, 0);
  const [request] = sent();
  context.yieldRole();
  answer(request!, { errorCode: { code: 487, reason: "Role Conflict" } }, 10);
  assert.deepEqual(outcomes(), [{ kind: "roleConflict", pair, roleThen: "controlling" }]);
});

test("asymmetric answers are counted and do not end the check: anybody could replay one", () => {
  checks.start(pair, false, 1, 0);
  const request = sent().at(-1)!;
  for (const elsewhere of [{ socketId: 2 }, { remotePort: 1 }, { remoteAddress: "192.0.2.77" }]) {
    assert.ok(answer({ ...request, ...elsewhere }, { xorMappedAddress: MAPPED }, 10));
  }
  assert.equal(checks.asymmetricAnswers, 3);
  assert.deepEqual(outcomes(), []);
  assert.ok(answer(request, { xorMappedAddress: MAPPED }, 20));
  assert.equal(outcomes()[0]?.kind, "succeeded");
});

test("after an asymmetric answer the check is not repeated, and fails if no true one comes", () => {
  checks.start(pair, false, 1, 0);
  const request = sent().at(-1)!;
  const replay = (atMs: number): boolean =>
    answer({ ...request, remotePort: 1 }, { xorMappedAddress: MAPPED }, atMs);
  assert.ok(replay(10));
  const { checkLastWaitMs } = DEFAULT_ICE_TIMINGS;
  assert.equal(checks.nextTimeoutAtMs, 10 + checkLastWaitMs);
  assert.ok(replay(1_000));
  assert.equal(checks.nextTimeoutAtMs, 10 + checkLastWaitMs, "more of them do not prolong it");
  checks.handleTimeout(10 + checkLastWaitMs);
  assert.deepEqual(sent(), []);
  pair.fail(outcomes().map((outcome) => (outcome.kind === "failed" ? outcome.problem : ""))[0]!);
  assert.match(pair.problem!, /answer came from another address/);
});

test("forgetting and clearing leave nothing behind", () => {
  checks.start(pair, false, 1, 0);
  checks.start(pairTo(1), false, 1, 0);
  checks.forget(pair);
  assert.equal(sent().length, 2);
  checks.handleTimeout(500);
  assert.deepEqual(
    sent().map(({ remotePort }) => remotePort),
    [1],
  );
  checks.clear();
  assert.equal(checks.nextTimeoutAtMs, NEVER_AT_MS);
});
