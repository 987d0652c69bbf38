import assert from "node:assert/strict";
import { beforeEach, test } from "vitest";
import type { Datagram, TransportAddress } from "../base/datagram.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { SeededRandom } from "../base/random.ts";
import type { StunAttributes } from "../stun/attribute-table.ts";
import { decodeStunMessage } from "../stun/stun-decoder.ts";
import { encodeStunMessage } from "../stun/stun-encoder.ts";
import { DEFAULT_ICE_TIMINGS } from "./ice-options.ts";
import type { ReflexiveQuestion } from "./reflexive-gatherer.ts";
import { ReflexiveGatherer } from "./reflexive-gatherer.ts";

const MAPPED: TransportAddress = { address: "198.51.100.1", port: 61_000 };
let gatherer: ReflexiveGatherer;

beforeEach(() => {
  gatherer = new ReflexiveGatherer(new SeededRandom(2), DEFAULT_ICE_TIMINGS);
});

function question(socketId: number, host = 9): ReflexiveQuestion {
  const address = `203.0.113.${host}`;
  const server = { address, port: 3_478, url: `stun:${address}` };
  return { socketId, server, serverIndex: 0, serverAddress: { address, port: 3_478 } };
}

function answer(request: Datagram, attributes: StunAttributes, nowMs = 30): boolean {
  const { transactionId } = decodeStunMessage(request.bytes);
  const messageClass = attributes.errorCode === undefined ? "success" : "error";
  const bytes = encodeStunMessage({ class: messageClass, method: 1, transactionId, attributes });
  return gatherer.handleResponse(decodeStunMessage(bytes), { ...request, bytes }, nowMs);
}

test("the question is a plain Binding request (RFC 8489 §2)", () => {
  gatherer.ask(question(1), 0);
  const datagram = gatherer.pollTransmit()!;
  const message = decodeStunMessage(datagram.bytes);
  assert.equal(message.class, "request");
  assert.deepEqual({ ...message.attributes }, {});
  assert.ok(message.hasFingerprint);
  assert.equal(datagram.remoteAddress, "203.0.113.9");
});

test("XOR-MAPPED-ADDRESS is the answer, MAPPED-ADDRESS of old servers will do", () => {
  for (const attributes of [{ xorMappedAddress: MAPPED }, { mappedAddress: MAPPED }]) {
    gatherer.ask(question(1), 0);
    gatherer.handleTimeout(1_000);
    assert.ok(answer(gatherer.pollTransmit()!, attributes));
    const outcome = gatherer.pollOutcome();
    assert.ok(outcome?.kind === "mapped");
    assert.deepEqual(outcome.mapped, MAPPED);
    gatherer.close();
    gatherer = new ReflexiveGatherer(new SeededRandom(2), DEFAULT_ICE_TIMINGS);
  }
});

test("useless answers fail the question at once", () => {
  const useless: StunAttributes[] = [
    {},
    { xorMappedAddress: { address: "0.0.0.0", port: 5 } },
    { xorMappedAddress: { address: "ff02::1", port: 5 } },
    { xorMappedAddress: { ...MAPPED, port: 0 } },
  ];
  for (const [index, attributes] of useless.entries()) {
    gatherer.ask(question(1), index * 1_000);
    answer(gatherer.pollTransmit()!, attributes);
    const outcome = gatherer.pollOutcome();
    assert.ok(outcome?.kind === "failed");
    assert.equal(outcome.errorCode, 701);
  }
  assert.ok(gatherer.isIdle);
});

test("a server's reason phrase is told, without control characters: it ends up in logs", () => {
  const phrases = [
    ['Try "later"', 'Try "later"'],
    [
      "x\n2026-01-01 root logged in\u001b[2J\u009b1m",
      "x\u{fffd}2026-01-01 root logged in\u{fffd}[2J\u{fffd}1m",
    ],
  ];
  for (const [index, [reason, told]] of phrases.entries()) {
    gatherer.ask(question(1), index * 1_000);
    answer(gatherer.pollTransmit()!, { errorCode: { code: 500, reason: reason! } });
    const outcome = gatherer.pollOutcome();
    assert.ok(outcome?.kind === "failed");
    assert.equal(outcome.errorText, told);
  }
});

test("answers from elsewhere, to another socket or of unknown id are nobody's", () => {
  gatherer.ask(question(1), 0);
  const request = gatherer.pollTransmit()!;
  const attributes = { xorMappedAddress: MAPPED };
  assert.ok(!answer({ ...request, remoteAddress: "203.0.113.10" }, attributes));
  assert.ok(!answer({ ...request, remotePort: 1 }, attributes));
  assert.ok(!answer({ ...request, socketId: 2 }, attributes));
  assert.ok(answer(request, attributes));
  assert.ok(!answer(request, attributes));
});

test("the question is repeated as RFC 8489 §6.2.1 says and given up after 39.5 s", () => {
  gatherer.ask(question(1), 0);
  const sentAtMs = [0];
  gatherer.pollTransmit();
  while (!gatherer.isIdle) {
    const nowMs = gatherer.nextTimeoutAtMs;
    gatherer.handleTimeout(nowMs);
    if (gatherer.pollTransmit() !== undefined) sentAtMs.push(nowMs);
    else assert.equal(nowMs, 39_500);
  }
  assert.deepEqual(sentAtMs, [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
  assert.equal(gatherer.pollOutcome()?.kind, "failed");
  assert.equal(gatherer.nextTimeoutAtMs, NEVER_AT_MS);
});

test("giving up reports what is asked and what was still to be asked", () => {
  for (const host of [1, 2, 3]) gatherer.ask(question(1, host), 0);
  gatherer.giveUp();
  const urls: string[] = [];
  for (let next = gatherer.pollOutcome(); next; next = gatherer.pollOutcome()) {
    urls.push(next.question.server.url);
  }
  assert.deepEqual(urls, ["stun:203.0.113.1", "stun:203.0.113.2", "stun:203.0.113.3"]);
  assert.ok(gatherer.isIdle);
});

test("mappings are refreshed until that is stopped (RFC 8445 §5.1.1.4)", () => {
  gatherer.ask(question(1), 0);
  answer(gatherer.pollTransmit()!, { xorMappedAddress: MAPPED }, 30);
  const firstAtMs = 30 + DEFAULT_ICE_TIMINGS.reflexiveKeepaliveMs;
  assert.equal(gatherer.nextTimeoutAtMs, firstAtMs);
  gatherer.handleTimeout(firstAtMs);
  const refresh = gatherer.pollTransmit()!;
  assert.equal(refresh.remoteAddress, "203.0.113.9");
  assert.ok(!answer(refresh, { xorMappedAddress: MAPPED })); // Nothing new is learned from it.
  gatherer.stopKeepalives();
  assert.equal(gatherer.nextTimeoutAtMs, NEVER_AT_MS);
});

test("a socket that is gone is forgotten with questions and mappings", () => {
  gatherer.ask(question(1, 1), 0);
  answer(gatherer.pollTransmit()!, { xorMappedAddress: MAPPED });
  gatherer.ask(question(1, 2), 1_000);
  gatherer.ask(question(1, 3), 1_000);
  gatherer.ask(question(2, 4), 1_000);
  gatherer.forgetSocket(1);
  assert.ok(!gatherer.isIdle);
  gatherer.pollTransmit();
  gatherer.handleTimeout(1_020);
  assert.equal(gatherer.pollTransmit()?.socketId, 2);
  gatherer.forgetSocket(2);
  assert.ok(gatherer.isIdle);
  assert.equal(gatherer.nextTimeoutAtMs, NEVER_AT_MS);
});
