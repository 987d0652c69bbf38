import assert from "node:assert/strict";
import { test } from "vitest";
import { SeededRandom } from "../base/random.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { decodeStunMessage } from "../stun/stun-decoder.ts";
import { encodeStunMessage } from "../stun/stun-encoder.ts";
import { AgentContext } from "./agent-context.ts";
import type { GathererEvent, GatherInterface } from "./gatherer.ts";
import { Gatherer } from "./gatherer.ts";
import type { IceRequest } from "./ice-events.ts";
import type { IceAgentOptions, IceServer } from "./ice-options.ts";
import { DEFAULT_ICE_LIMITS, DEFAULT_ICE_TIMINGS } from "./ice-options.ts";
import { LocalCandidates } from "./local-candidates.ts";
import { ServerNames } from "./server-names.ts";

const LITERAL: IceServer = { address: "203.0.113.9", port: 3_478, url: "stun:203.0.113.9" };
const NAMED: IceServer = { address: "stun.example", port: 3_478, url: "stun:stun.example" };

function gathererOf(options: Partial<IceAgentOptions> = {}): Gatherer {
  const crypto = createNodeCrypto(new SeededRandom(1));
  const context = new AgentContext(crypto, "controlling", DEFAULT_ICE_TIMINGS, DEFAULT_ICE_LIMITS);
  let lastSocketId = 0;
  const complete = {
    crypto,
    role: "controlling",
    stunServers: [],
    transportPolicy: "all",
    allocateSocketId: () => ++lastSocketId,
    ...options,
  } as const;
  return new Gatherer(context, complete, new LocalCandidates("ufrag"));
}

function interfaceOf(address: string, isInternal = false): GatherInterface {
  const family = address.includes(":") ? "IPv6" : "IPv4";
  return { address, interfaceName: "eth0", isInternal, family };
}

function drain<T>(poll: () => T | undefined): T[] {
  const items: T[] = [];
  for (let item = poll(); item !== undefined; item = poll()) items.push(item);
  return items;
}

function boundAddresses(requests: readonly IceRequest[]): string[] {
  return requests.flatMap((request) => (request.kind === "bindUdp" ? [request.address] : []));
}

function summary(events: readonly GathererEvent[]): string[] {
  return events.map((event) => {
    if (event.kind === "candidate") return event.local.candidate.type;
    return event.kind === "stateChanged" ? event.state : `${event.errorCode} ${event.url}`;
  });
}

test("one socket for each address, the best first (RFC 8421 §3)", () => {
  const gatherer = gathererOf();
  const addresses = ["127.0.0.1", "192.0.2.1", "fe80::1", "2001:db8::1", "192.0.2.1", "10.0.0.1"];
  gatherer.gather(
    addresses.map((address) => interfaceOf(address, address.startsWith("127."))),
    0,
  );
  assert.deepEqual(boundAddresses(drain(() => gatherer.pollRequest())), [
    "2001:db8::1",
    "192.0.2.1",
    "10.0.0.1",
    "fe80::1",
    "127.0.0.1",
  ]);
});

test("no address, nothing to gather: complete at once", () => {
  const gatherer = gathererOf({ stunServers: [NAMED] });
  gatherer.gather([], 0);
  assert.deepEqual(summary(drain(() => gatherer.pollEvent())), ["gathering", "complete"]);
  assert.deepEqual(
    drain(() => gatherer.pollRequest()),
    [],
  );
});

test("the policy relay gathers neither host nor reflexive candidates (W3C iceTransportPolicy)", () => {
  const gatherer = gathererOf({ transportPolicy: "relay", stunServers: [LITERAL] });
  gatherer.gather([interfaceOf("192.0.2.1")], 0);
  assert.deepEqual(
    drain(() => gatherer.pollRequest()),
    [],
  );
  assert.equal(gatherer.state, "complete");
});

test("names are looked up once, and servers of the socket's family are asked", () => {
  const twice = { ...NAMED, port: 19_302, url: "stun:stun.example:19302" };
  const gatherer = gathererOf({ stunServers: [LITERAL, NAMED, twice] });
  gatherer.gather([interfaceOf("192.0.2.1"), interfaceOf("2001:db8::1")], 0);
  const requests = drain(() => gatherer.pollRequest());
  const lookups = requests.filter(({ kind }) => kind === "resolveName");
  assert.deepEqual(lookups, [{ kind: "resolveName", requestId: 1, name: "stun.example" }]);
  gatherer.handleSocketBound(1, { address: "2001:db8::1", port: 1 }, 0);
  gatherer.handleSocketBound(2, { address: "192.0.2.1", port: 2 }, 0);
  gatherer.handleNameResolved(1, ["198.51.100.5", "198.51.100.6", "2001:db8::53"], 10);
  for (let nowMs = 0; nowMs < 200; nowMs += 20) gatherer.handleTimeout(nowMs);
  const asked = drain(() => gatherer.pollTransmit()).map(
    ({ socketId, remoteAddress, remotePort }) => `${socketId} ${remoteAddress} ${remotePort}`,
  );
  assert.deepEqual(asked.toSorted(), [
    "1 2001:db8::53 19302",
    "1 2001:db8::53 3478",
    "2 198.51.100.5 19302",
    "2 198.51.100.5 3478",
    "2 203.0.113.9 3478",
  ]);
});

test("questions are Ta apart (RFC 8445 §14.1)", () => {
  const servers = [1, 2, 3].map((host) => ({ ...LITERAL, address: `203.0.113.${host}` }));
  const gatherer = gathererOf({ stunServers: servers });
  gatherer.gather([interfaceOf("192.0.2.1")], 0);
  gatherer.handleSocketBound(1, { address: "192.0.2.1", port: 2 }, 0);
  const sentAtMs: number[] = [];
  for (let nowMs = 0; nowMs < 100; nowMs = gatherer.nextTimeoutAtMs) {
    gatherer.handleTimeout(nowMs);
    sentAtMs.push(...drain(() => gatherer.pollTransmit()).map(() => nowMs));
  }
  assert.deepEqual(sentAtMs, [0, DEFAULT_ICE_TIMINGS.taMs, 2 * DEFAULT_ICE_TIMINGS.taMs]);
});

test("what does not answer is named when gathering ends, after five seconds at most", () => {
  const gatherer = gathererOf({ stunServers: [LITERAL, NAMED] });
  gatherer.gather([interfaceOf("192.0.2.1"), interfaceOf("192.0.2.2")], 0);
  drain(() => gatherer.pollRequest());
  gatherer.handleSocketBound(1, { address: "192.0.2.1", port: 2 }, 0);
  let nowMs = 0;
  while (gatherer.state !== "complete") {
    nowMs = gatherer.nextTimeoutAtMs;
    gatherer.handleTimeout(nowMs);
  }
  assert.equal(nowMs, DEFAULT_ICE_TIMINGS.gatheringTimeoutMs);
  assert.deepEqual(summary(drain(() => gatherer.pollEvent())), [
    "gathering",
    "host",
    `701 ${NAMED.url}`,
    `701 ${LITERAL.url}`,
    "complete",
  ]);
  // The socket that is bound only now comes too late, and so does the name.
  gatherer.handleSocketBound(2, { address: "192.0.2.2", port: 3 }, nowMs);
  gatherer.handleNameResolved(1, ["203.0.113.1"], nowMs);
  assert.deepEqual(
    drain(() => gatherer.pollRequest()),
    [{ kind: "closeSocket", socketId: 2 }],
  );
  assert.deepEqual(
    drain(() => gatherer.pollEvent()),
    [],
  );
});

test("a name that leads nowhere is an error without an address (W3C icecandidateerror)", () => {
  const gatherer = gathererOf({ stunServers: [NAMED] });
  gatherer.gather([interfaceOf("192.0.2.1")], 0);
  gatherer.handleSocketBound(1, { address: "192.0.2.1", port: 2 }, 0);
  gatherer.handleNameResolved(1, [], 30);
  const events = drain(() => gatherer.pollEvent());
  assert.deepEqual(summary(events), ["gathering", "host", `701 ${NAMED.url}`, "complete"]);
  assert.deepEqual(events[2], {
    kind: "candidateError",
    address: undefined,
    port: undefined,
    url: NAMED.url,
    errorCode: 701,
    errorText: 'no address was found for "stun.example"',
  });
});

test("a server's refusal is passed on with its code", () => {
  const gatherer = gathererOf({ stunServers: [LITERAL] });
  gatherer.gather([interfaceOf("192.0.2.1")], 0);
  gatherer.handleSocketBound(1, { address: "192.0.2.1", port: 2 }, 0);
  const question = gatherer.pollTransmit()!;
  const { transactionId } = decodeStunMessage(question.bytes);
  const attributes = { errorCode: { code: 420, reason: "Unknown Attribute" } };
  const bytes = encodeStunMessage({ class: "error", method: 1, transactionId, attributes });
  const answer = decodeStunMessage(bytes);
  assert.ok(gatherer.handleResponse(answer, { ...question, bytes }, 10));
  assert.ok(!gatherer.handleResponse(answer, { ...question, bytes }, 11));
  assert.deepEqual(summary(drain(() => gatherer.pollEvent())), [
    "gathering",
    "host",
    `420 ${LITERAL.url}`,
    "complete",
  ]);
});

test("a socket that fails takes its questions along", () => {
  const gatherer = gathererOf({ stunServers: [LITERAL, { ...LITERAL, address: "203.0.113.8" }] });
  gatherer.gather([interfaceOf("192.0.2.1")], 0);
  gatherer.handleSocketBound(1, { address: "192.0.2.1", port: 2 }, 0);
  assert.ok(gatherer.handleSocketFailed(1, "ENETDOWN"));
  assert.ok(!gatherer.handleSocketFailed(1, "ENETDOWN"));
  assert.equal(gatherer.state, "complete");
  assert.equal(gatherer.nextTimeoutAtMs, Infinity);
  assert.deepEqual(gatherer.bindFailures, ["192.0.2.1: ENETDOWN"]);
});

test("loopback and link-local sockets do not ask servers elsewhere", () => {
  const gatherer = gathererOf({ stunServers: [LITERAL, { ...LITERAL, address: "2001:db8::9" }] });
  gatherer.gather([interfaceOf("127.0.0.1", true), interfaceOf("fe80::1")], 0);
  gatherer.handleSocketBound(1, { address: "fe80::1", port: 1 }, 0);
  gatherer.handleSocketBound(2, { address: "127.0.0.1", port: 2 }, 0);
  assert.equal(gatherer.pollTransmit(), undefined);
  assert.equal(gatherer.state, "complete");
});

test("close asks to close what is bound and what is about to be", () => {
  const gatherer = gathererOf();
  gatherer.gather([interfaceOf("192.0.2.1"), interfaceOf("192.0.2.2")], 0);
  drain(() => gatherer.pollRequest());
  gatherer.handleSocketBound(1, { address: "192.0.2.1", port: 2 }, 0);
  gatherer.close();
  assert.deepEqual(
    drain(() => gatherer.pollRequest()),
    [
      { kind: "closeSocket", socketId: 1 },
      { kind: "closeSocket", socketId: 2 },
    ],
  );
  assert.deepEqual(
    drain(() => gatherer.pollEvent()),
    [],
  );
});

test("literal addresses need no look-up, and each family counts once", () => {
  const names = new ServerNames([LITERAL, { ...LITERAL, address: "2001:DB8::9" }, NAMED]);
  assert.deepEqual(names.begin(), [{ requestId: 1, name: "stun.example" }]);
  assert.deepEqual(
    names.resolved.map(({ addresses, serverIndex }) => [serverIndex, ...addresses]),
    [
      [0, "203.0.113.9"],
      [1, "2001:db8::9"],
    ],
  );
  assert.ok(names.hasPending);
  assert.deepEqual(names.resolve(9, ["203.0.113.1"]), []);
  const [resolved] = names.resolve(1, ["203.0.113.1", "::1:2", "203.0.113.2", "rubbish"]);
  assert.deepEqual(resolved?.addresses, ["::1:2", "203.0.113.1"]);
  assert.deepEqual(names.giveUp(), []);
});
