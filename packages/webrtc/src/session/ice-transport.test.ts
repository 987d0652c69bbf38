import assert from "node:assert/strict";
import { test } from "vitest";

import { NEVER_AT_MS } from "../base/endpoint.ts";
import { UsageError } from "../base/errors.ts";
import { SeededRandom } from "../base/random.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import type { IceAgentOptions, IceEvent, IceRequest } from "../ice/index.ts";
import { IceTransport } from "./ice-transport.ts";

const INTERFACES = [
  { address: "192.0.2.1", interfaceName: "eth0", isInternal: false, family: "IPv4" },
] as const;
const STUN = [{ address: "stun.example", port: 3_478, url: "stun:stun.example" }];

/** A transport whose sockets are bound as soon as they are asked for. */
class Bench {
  readonly transport: IceTransport;
  readonly requests: IceRequest[] = [];
  readonly events: IceEvent[] = [];
  readonly #crypto = createNodeCrypto(new SeededRandom(5));
  #lastSocketId = 0;

  constructor(stunServers: IceAgentOptions["stunServers"] = []) {
    this.transport = new IceTransport(this.options(1, stunServers));
    this.transport.gather(INTERFACES, 0);
    this.drain();
  }

  options(generation: number, stunServers: IceAgentOptions["stunServers"] = []): IceAgentOptions {
    return {
      crypto: this.#crypto,
      role: "controlling",
      localParameters: credentialsOf(generation),
      stunServers,
      transportPolicy: "all",
      allocateSocketId: () => ++this.#lastSocketId,
    };
  }

  restart(generation: number, stunServers: IceAgentOptions["stunServers"] = []): void {
    this.transport.restart(this.options(generation, stunServers), INTERFACES, 0);
    this.drain();
  }

  setRemote(generation: number, isLite = false): void {
    const ice = { ...credentialsOf(100 + generation), isLite };
    this.transport.setRemote({ ice, candidates: [], hasAllCandidates: false }, 0);
    this.drain();
  }

  drain(): void {
    const { transport } = this;
    for (let request = transport.pollRequest(); request; request = transport.pollRequest()) {
      this.requests.push(request);
      if (request.kind !== "bindUdp") continue;
      const { socketId, address } = request;
      transport.handleSocketBound(socketId, { address, port: 5_000 + socketId }, 0);
    }
    for (let event = transport.pollEvent(); event; event = transport.pollEvent()) {
      this.events.push(event);
    }
  }

  requestsOf<K extends IceRequest["kind"]>(kind: K): Extract<IceRequest, { kind: K }>[] {
    return this.requests.filter(
      (request): request is Extract<IceRequest, { kind: K }> => request.kind === kind,
    );
  }

  get portsOfCandidates(): readonly number[] {
    return this.events.flatMap((event) =>
      event.kind === "localCandidate" ? [event.candidate.port] : [],
    );
  }
}

function credentialsOf(generation: number): { ufrag: string; password: string } {
  return { ufrag: `ufrag${generation}`, password: `passwordOfTwentyTwoOrMore${generation}` };
}

test("names that two generations ask for keep apart, though their agents count alike", () => {
  const bench = new Bench(STUN);
  bench.setRemote(1);
  bench.restart(2, STUN);
  const ids = bench.requestsOf("resolveName").map(({ requestId }) => requestId);
  assert.deepEqual(ids, [1, 2]);
  bench.transport.handleNameResolved(2, ["203.0.113.9"], 0);
  bench.transport.handleTimeout(0);
  assert.equal(bench.transport.pollTransmit()?.socketId, 2);
  bench.transport.handleNameResolved(1, ["203.0.113.9"], 0);
  bench.transport.handleTimeout(0);
  assert.equal(bench.transport.pollTransmit()?.socketId, 1);
  bench.transport.handleNameResolved(1, ["203.0.113.9"], 0);
});

test("an answer to the question of a generation that is closed is nobody's", () => {
  const bench = new Bench(STUN);
  bench.setRemote(1);
  bench.restart(2, STUN);
  assert.ok(bench.transport.rollBackTo(credentialsOf(1), 0));
  bench.drain();
  bench.transport.handleNameResolved(2, ["203.0.113.9"], 0);
  bench.transport.handleTimeout(0);
  assert.equal(bench.transport.pollTransmit(), undefined);
});

test("what is found for an older generation is told when a rollback returns to it, not before", () => {
  const bench = new Bench();
  const late = new IceTransport(bench.options(7));
  late.gather(INTERFACES, 0);
  const request = late.pollRequest()!;
  assert.ok(request.kind === "bindUdp");
  late.setRemote(
    { ice: { ...credentialsOf(107), isLite: false }, candidates: [], hasAllCandidates: false },
    0,
  );
  late.restart(bench.options(8), [], 0);
  late.handleSocketBound(request.socketId, { address: request.address, port: 7_777 }, 0);
  const told: IceEvent[] = [];
  for (let event = late.pollEvent(); event; event = late.pollEvent()) told.push(event);
  assert.ok(!told.some(({ kind }) => kind === "localCandidate"));
  assert.ok(late.rollBackTo(credentialsOf(7), 0));
  const after: string[] = [];
  for (let event = late.pollEvent(); event; event = late.pollEvent()) {
    after.push(event.kind === "localCandidate" ? `port ${event.candidate.port}` : event.kind);
  }
  assert.deepEqual(after, ["port 7777"]);
});

test("before the peer has any description a new generation replaces the old one at once", () => {
  const bench = new Bench();
  bench.restart(2);
  bench.restart(3);
  assert.deepEqual(
    bench.requestsOf("closeSocket").map(({ socketId }) => socketId),
    [1, 2],
  );
  assert.ok(bench.transport.isAt(credentialsOf(3)));
  assert.ok(!bench.transport.rollBackTo(credentialsOf(1), 0), "nothing is left to return to");
  assert.deepEqual(bench.portsOfCandidates, [5_001, 5_002, 5_003]);
});

test("of generations that the peer knows the newest and the carrier stay", () => {
  const bench = new Bench();
  bench.setRemote(1);
  for (const generation of [2, 3, 4]) {
    bench.restart(generation);
    bench.setRemote(generation);
  }
  bench.restart(5);
  assert.deepEqual(
    bench.requestsOf("closeSocket").map(({ socketId }) => socketId),
    [2, 3],
  );
  assert.ok(bench.transport.rollBackTo(credentialsOf(4), 0));
  bench.drain();
  assert.deepEqual(
    bench.requestsOf("closeSocket").map(({ socketId }) => socketId),
    [2, 3, 5],
  );
});

test("the old answer is not taken for the new generation's: its agent stays without a peer", () => {
  const bench = new Bench();
  bench.setRemote(1);
  bench.restart(2);
  bench.setRemote(1);
  assert.ok(bench.transport.rollBackTo(credentialsOf(1), 0));
  bench.restart(3);
  bench.setRemote(3);
  assert.throws(() => bench.setRemote(4), UsageError);
});

test("the state is that of the old generation until the new one begins to check", () => {
  const bench = new Bench();
  bench.setRemote(1);
  const statesOf = (): readonly string[] =>
    bench.events.flatMap((event) => (event.kind === "stateChanged" ? [event.state] : []));
  for (let atMs = 0; atMs < 60_000; atMs += 500) bench.transport.handleTimeout(atMs);
  bench.drain();
  assert.deepEqual(statesOf(), ["failed"]);
  bench.restart(2);
  assert.deepEqual(statesOf(), ["failed"]);
  bench.setRemote(2);
  assert.deepEqual(statesOf(), ["failed", "checking"]);
});

test("a lite peer makes this side control (RFC 8445 §6.1.1), told once", () => {
  const bench = new Bench();
  const controlled = new IceTransport({ ...bench.options(1), role: "controlled" });
  controlled.gather(INTERFACES, 0);
  controlled.setRemote(
    { ice: { ...credentialsOf(101), isLite: true }, candidates: [], hasAllCandidates: false },
    0,
  );
  assert.equal(controlled.role, "controlling");
  const roles: string[] = [];
  for (let event = controlled.pollEvent(); event; event = controlled.pollEvent()) {
    if (event.kind === "roleChanged") roles.push(event.role);
  }
  assert.deepEqual(roles, ["controlling"]);
});

test("closing gives all sockets of all generations back, and leaves no timer", () => {
  const bench = new Bench(STUN);
  bench.setRemote(1);
  bench.restart(2, STUN);
  bench.transport.close();
  bench.drain();
  assert.deepEqual(
    bench.requestsOf("closeSocket").map(({ socketId }) => socketId),
    [1, 2],
  );
  assert.equal(bench.transport.nextTimeoutAtMs, NEVER_AT_MS);
  assert.equal(bench.transport.pollTransmit(), undefined);
});
