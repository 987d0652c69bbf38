import assert from "node:assert/strict";
import { beforeEach, test } from "vitest";
import { encodeUtf8, toHex } from "../base/bytes.ts";
import type { Datagram } from "../base/datagram.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { SeededRandom } from "../base/random.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import type { StunAttributes } from "../stun/attribute-table.ts";
import { decodeStunMessage } from "../stun/stun-decoder.ts";
import { encodeStunMessage } from "../stun/stun-encoder.ts";
import { checkIntegrity } from "../stun/stun-message.ts";
import { AgentContext } from "./agent-context.ts";
import { CandidatePair } from "./candidate-pair.ts";
import { DEFAULT_ICE_LIMITS, DEFAULT_ICE_TIMINGS } from "./ice-options.ts";
import { LocalCandidates } from "./local-candidates.ts";
import { PathConsent } from "./path-consent.ts";
import { RemoteCandidate } from "./remote-candidates.ts";

const PASSWORD = "p".repeat(24);
const crypto = createNodeCrypto(new SeededRandom(8));

let context: AgentContext;
let consent: PathConsent;
let pair: CandidatePair;

beforeEach(() => {
  context = new AgentContext(crypto, "controlled", DEFAULT_ICE_TIMINGS, DEFAULT_ICE_LIMITS);
  context.setRemote({ ufrag: "peer", password: PASSWORD });
  consent = new PathConsent(context);
  const base = { address: "192.0.2.1", port: 5_000 };
  const source = { type: "host", socketId: 1, base, localPreference: 9, mapped: base } as const;
  const remote = new RemoteCandidate({
    foundation: "1",
    component: 1,
    transport: "udp",
    priority: 5,
    address: "198.51.100.1",
    port: 4_000,
    type: "host",
  });
  pair = new CandidatePair("pair1", new LocalCandidates("u").add(source)!, remote, "controlled");
  pair.succeed(pair.local.candidate, 10, 0);
});

/** The next consent check and when it is due. */
function nextCheck(): { request: Datagram; atMs: number } {
  const atMs = consent.nextTimeoutAtMs;
  consent.handleTimeout(atMs);
  return { request: consent.pollTransmit()!, atMs };
}

function answer(
  request: Datagram,
  nowMs: number,
  change: { password?: string; attributes?: StunAttributes; path?: Partial<Datagram> } = {},
): boolean {
  const { transactionId } = decodeStunMessage(request.bytes);
  const { attributes = { xorMappedAddress: { address: "192.0.2.1", port: 5_000 } } } = change;
  const bytes = encodeStunMessage(
    {
      class: attributes.errorCode === undefined ? "success" : "error",
      method: 1,
      transactionId,
      attributes,
    },
    { integrity: { crypto, key: encodeUtf8(change.password ?? PASSWORD) } },
  );
  const datagram = { ...request, bytes, ...change.path };
  return consent.handleResponse(toHex(transactionId), decodeStunMessage(bytes), datagram, nowMs);
}

test("a consent check is a signed Binding request along the pair (RFC 7675 §5.1)", () => {
  consent.watch(pair, 0);
  const { request } = nextCheck();
  const message = decodeStunMessage(request.bytes);
  assert.equal(message.class, "request");
  assert.equal(checkIntegrity(message, encodeUtf8(PASSWORD), crypto), "valid");
  assert.equal(message.attributes.useCandidate, undefined);
  assert.equal(request.remoteAddress, "198.51.100.1");
  assert.equal(pair.counters.consentRequestsSent, 1);
  assert.ok(message.attributes.username?.startsWith("peer:"));
});

test("the controlling side repeats in each consent check that this pair is nominated", () => {
  context.setRole("controlling");
  consent.watch(pair, 0);
  const useCandidate = (): boolean =>
    decodeStunMessage(nextCheck().request.bytes).attributes.useCandidate === true;
  assert.ok(!useCandidate(), "not before it is");
  pair.nominate(0);
  assert.ok(useCandidate());
  context.setRole("controlled");
  assert.ok(!useCandidate(), "never from the controlled side (RFC 8445 §7.1.2)");
});

test("only a signed success from the very address asked gives consent (RFC 7675 §5.1)", () => {
  consent.watch(pair, 0);
  const { request, atMs } = nextCheck();
  const errorCode = { code: 400, reason: "" };
  assert.ok(!answer(request, atMs + 5, { password: "wrong" }));
  assert.ok(!answer(request, atMs + 5, { path: { remoteAddress: "203.0.113.66" } }));
  assert.ok(!answer(request, atMs + 5, { path: { remotePort: 4_001 } }));
  assert.ok(!answer(request, atMs + 5, { path: { socketId: 2 } }));
  assert.ok(!answer(request, atMs + 5, { attributes: { errorCode } }));
  assert.ok(answer(request, atMs + 12));
  assert.equal(pair.counters.currentRoundTripTimeMs, 12);
  assert.ok(!answer(request, atMs + 13)); // Replayed.
  assert.ok(consent.nextTimeoutAtMs >= atMs + 12 + 4_000);
});

test("a connectivity check that succeeds on the pair counts as an answer, once", () => {
  consent.watch(pair, 0);
  assert.ok(!consent.confirmBy(pair, 100));
  pair.succeed(pair.local.candidate, 10, 3_000);
  assert.ok(consent.confirmBy(pair, 3_000));
  assert.ok(!consent.confirmBy(pair, 3_001));
  assert.ok(!consent.confirmBy(undefined, 3_002));
  assert.ok(consent.nextTimeoutAtMs >= 7_000);
});

test("a pair that worked long ago is asked at once and not given up at once", () => {
  consent.watch(pair, 100_000);
  assert.ok(consent.pollTransmit() !== undefined);
  assert.ok(consent.nextTimeoutAtMs > 100_000);
  assert.equal(consent.pollEvent(), undefined);
});

test("without a pair there is nothing to do", () => {
  consent.watch(pair, 0);
  consent.watch(undefined, 1);
  assert.equal(consent.nextTimeoutAtMs, NEVER_AT_MS);
  assert.equal(consent.pollTransmit(), undefined);
  assert.equal(consent.pollEvent(), undefined);
  consent.handleTimeout(10_000);
  consent.hasten(10_000);
  assert.ok(!consent.isMissing);
});
