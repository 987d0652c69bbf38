import assert from "node:assert/strict";
import { beforeEach, test } from "vitest";
import { encodeUtf8 } from "../base/bytes.ts";
import { SeededRandom } from "../base/random.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import type { StunAttributes } from "../stun/attribute-table.ts";
import { decodeStunMessage } from "../stun/stun-decoder.ts";
import type { StunProtection } from "../stun/stun-encoder.ts";
import { encodeStunMessage } from "../stun/stun-encoder.ts";
import type { ReceivedStunMessage } from "../stun/stun-message.ts";
import { checkIntegrity } from "../stun/stun-message.ts";
import { AgentContext } from "./agent-context.ts";
import type { AcceptedCheck } from "./check-responder.ts";
import { CheckResponder } from "./check-responder.ts";
import type { IceRole } from "./index.ts";
import { DEFAULT_ICE_LIMITS, DEFAULT_ICE_TIMINGS } from "./ice-options.ts";

const crypto = createNodeCrypto(new SeededRandom(11));
const PATH = { socketId: 3, remoteAddress: "2001:db8::7", remotePort: 7_000 };

let context: AgentContext;
let responder: CheckResponder;

function begin(role: IceRole): void {
  context = new AgentContext(crypto, role, DEFAULT_ICE_TIMINGS, DEFAULT_ICE_LIMITS);
  responder = new CheckResponder(context);
}

beforeEach(() => begin("controlled"));

type Answered = {
  readonly response: ReceivedStunMessage | undefined;
  readonly accepted: AcceptedCheck | undefined;
};

/** Sends a request with the right user name and key unless told otherwise. */
function ask(
  attributes: StunAttributes,
  protection: StunProtection = { integrity: { crypto, key: context.localKey } },
  mayRepairRoles = true,
): Answered {
  const username = `${context.local.ufrag}:them`;
  const bytes = encodeStunMessage(
    {
      class: "request",
      method: 1,
      transactionId: crypto.random.bytes(12),
      attributes: { username, priority: 77, ...attributes },
    },
    { hasFingerprint: true, ...protection },
  );
  const request = decodeStunMessage(bytes);
  const verdict = responder.respond(request, { ...PATH, bytes }, mayRepairRoles, 0);
  const response = verdict.response && decodeStunMessage(verdict.response);
  if (response !== undefined) assert.deepEqual(response.transactionId, request.transactionId);
  return { response, accepted: verdict.accepted };
}

test("an authentic check is answered with where it came from, signed (RFC 8445 §7.3)", () => {
  const { response, accepted } = ask({ useCandidate: true, iceControlling: 1n, nomination: 4 });
  assert.equal(response?.class, "success");
  assert.deepEqual(response.attributes, {
    xorMappedAddress: { address: PATH.remoteAddress, port: PATH.remotePort },
  });
  assert.ok(response.hasFingerprint);
  assert.equal(checkIntegrity(response, context.localKey, crypto), "valid");
  assert.deepEqual(accepted, {
    ...PATH,
    remoteUfrag: "them",
    priority: 77,
    isNominating: true,
    nomination: 4,
  });
});

test("a check signed with SHA-256 is understood as well (RFC 8489 §9.1.3)", () => {
  const { accepted } = ask({}, { integrity: { crypto, key: context.localKey, kind: "sha256" } });
  assert.equal(accepted?.priority, 77);
  assert.equal(accepted.isNominating, false);
});

test("who does not know the password gets 401 or 400, unsigned (RFC 8489 §9.1.3)", () => {
  const wrongKey = { integrity: { crypto, key: encodeUtf8("wrong") } };
  const long = { software: "x".repeat(40) };
  const cases: [number, Answered][] = [
    [401, ask(long, wrongKey)],
    [401, ask({ ...long, username: "else:them" })],
    [401, ask({ ...long, username: context.local.ufrag })],
    [401, ask({ ...long, username: `${context.local.ufrag} :them` })],
    [400, ask(long, {})],
  ];
  for (const [code, { response, accepted }] of cases) {
    assert.equal(response?.attributes.errorCode?.code, code);
    assert.deepEqual(response.integrity, {});
    assert.equal(accepted, undefined);
  }
  assert.equal(responder.unauthenticated, cases.length);
});

test("roles: the larger tie-breaker controls (RFC 8445 §7.3.1.1)", () => {
  const { tieBreaker } = context;
  // Controlled meets controlled.
  const refused = ask({ iceControlled: tieBreaker + 1n });
  assert.equal(refused.response?.attributes.errorCode?.code, 487);
  assert.equal(checkIntegrity(refused.response, context.localKey, crypto), "valid");
  assert.equal(refused.accepted, undefined);
  assert.equal(context.role, "controlled");
  assert.ok(ask({ iceControlled: tieBreaker }).accepted);
  assert.equal(context.role, "controlling");
  // Controlling meets controlling.
  begin("controlling");
  assert.equal(
    ask({ iceControlling: context.tieBreaker }).response?.attributes.errorCode?.code,
    487,
  );
  assert.equal(context.role, "controlling");
  assert.ok(ask({ iceControlling: context.tieBreaker + 1n }).accepted);
  assert.equal(context.role, "controlled");
});

test("opposite roles are no conflict, whatever the tie-breakers", () => {
  for (const tieBreaker of [0n, 2n ** 64n - 1n]) {
    assert.ok(ask({ iceControlling: tieBreaker }).accepted);
    assert.equal(context.role, "controlled");
  }
  begin("controlling");
  for (const tieBreaker of [0n, 2n ** 64n - 1n]) {
    assert.ok(ask({ iceControlled: tieBreaker }).accepted);
    assert.equal(context.role, "controlling");
  }
});

test("once roles do not matter any more they stay", () => {
  const answered = ask({ iceControlled: 0n }, undefined, false);
  assert.ok(answered.accepted);
  assert.equal(context.role, "controlled");
});

test("yielding a role draws a new tie-breaker (RFC 8445 §7.2.5.1)", () => {
  const before = context.tieBreaker;
  context.yieldRole();
  assert.equal(context.role, "controlling");
  assert.notEqual(context.tieBreaker, before);
});
