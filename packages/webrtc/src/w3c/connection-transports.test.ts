import assert from "node:assert/strict";
import { test } from "vitest";

import { ProtocolFailure } from "../base/errors.ts";
import { DEFAULT_SDP_LIMITS } from "../sdp/index.ts";
import type { SessionEvent } from "../session/session-events.ts";
import { ConnectionTransports } from "./connection-transports.ts";
import { ConnectionStateEvent } from "./events/connection-state-event.ts";
import { RTCPeerConnectionIceErrorEvent } from "./events/rtc-peer-connection-ice-error-event.ts";
import { RTCPeerConnectionIceEvent } from "./events/rtc-peer-connection-ice-event.ts";
import { TaskQueue } from "./task-queue.ts";

const MID = "0";
const CANDIDATE = {
  foundation: "1",
  component: 1,
  transport: "udp",
  priority: 1,
  address: "192.0.2.1",
  port: 4711,
  type: "host",
} as const;
const selected = (port: number): SessionEvent => ({
  kind: "selectedPairChanged",
  transportId: MID,
  local: { ...CANDIDATE, port },
  remote: CANDIDATE,
});
const iceState = (
  state: "checking" | "connected" | "completed" | "disconnected" | "failed",
  failure?: ProtocolFailure,
): SessionEvent => ({
  kind: "iceStateChanged",
  transportId: MID,
  state,
  ...(failure === undefined ? {} : { failure }),
});

/** The transports of a connection without a session: events go in, tasks are run by hand. */
class Bench {
  readonly log: string[] = [];
  readonly events: Event[] = [];
  readonly tasks: TaskQueue;
  readonly transports: ConnectionTransports;
  readonly #queued: (() => void)[] = [];

  constructor() {
    const silent = (): void => {};
    this.tasks = new TaskQueue({ queueTask: (task) => void this.#queued.push(task) });
    this.transports = new ConnectionTransports({
      tasks: this.tasks,
      logger: { debug: silent, info: silent, warn: silent, error: silent },
      fire: (event) => {
        this.log.push(event.type);
        this.events.push(event);
        return true;
      },
      surfaceCandidate: () => ({ mid: MID, mediaIndex: 0 }),
    });
    this.transports.use([MID], { mid: MID, transportId: MID }, true);
    const sctp = this.transports.sctp!;
    const dtls = sctp.transport;
    const ice = dtls.iceTransport;
    for (const [name, target] of Object.entries({ sctp, dtls, ice })) {
      for (const type of ["statechange", "selectedcandidatepairchange", "error"]) {
        target.addEventListener(type, () => this.log.push(`${name} ${type}`));
      }
    }
  }

  tell(...events: readonly SessionEvent[]): void {
    for (const event of events) this.transports.handleEvent(event);
  }

  /** Runs one task; what was fired in it. */
  step(): readonly string[] {
    this.log.length = 0;
    this.#queued.shift()?.();
    return [...this.log];
  }

  get waiting(): number {
    return this.#queued.length;
  }
}

test("a pair and the state that follows it at once are one task (webrtc-pc §5.6)", () => {
  const bench = new Bench();
  bench.tell(iceState("checking"), selected(1), iceState("connected"), iceState("completed"));
  assert.equal(bench.waiting, 3);
  bench.step();
  assert.deepEqual(bench.step(), [
    "ice selectedcandidatepairchange",
    "ice statechange",
    "iceconnectionstatechange",
  ]);
  assert.deepEqual(bench.step(), ["ice statechange", "iceconnectionstatechange"]);
});

test("a pair whose task has run, or that something else has followed, takes no later state along", () => {
  const bench = new Bench();
  bench.tell(selected(1));
  assert.deepEqual(bench.step(), ["ice selectedcandidatepairchange"]);
  bench.tell(iceState("connected"));
  assert.equal(bench.waiting, 1);
  bench.step();
  const dtls = { kind: "dtlsStateChanged", transportId: MID, state: "connecting" } as const;
  bench.tell(selected(2), dtls, iceState("completed"));
  assert.equal(bench.waiting, 3);
  bench.step();
  const pair = bench.transports.sctp!.transport.iceTransport.getSelectedCandidatePair();
  assert.equal(pair?.local.port, 2);
});

test("a change of DTLS is told at the transport first, and at the connection in a task of its own (webrtc-pc §4.4.1.3)", () => {
  const bench = new Bench();
  bench.tell(iceState("completed"));
  bench.step();
  bench.tell({ kind: "dtlsStateChanged", transportId: MID, state: "connected" });
  assert.deepEqual(bench.step(), ["dtls statechange"]);
  assert.equal(bench.transports.connectionState, "connecting");
  assert.deepEqual(bench.step(), ["connectionstatechange"]);
  assert.equal(bench.transports.connectionState, "connected");
});

test("a failure of DTLS is final, carries its reason, and takes SCTP along (webrtc-pc §5.5)", () => {
  const bench = new Bench();
  const failure = new ProtocolFailure("ERR_HANDSHAKE_FAILED", "RFC 6347 §4.2", "no common cipher", {
    detail: { receivedAlert: 40 },
  });
  const certificates = [Uint8Array.of(1)];
  bench.tell(
    {
      kind: "dtlsStateChanged",
      transportId: MID,
      state: "connected",
      remoteCertificates: certificates,
    },
    { kind: "dtlsStateChanged", transportId: MID, state: "failed", failure },
    { kind: "dtlsStateChanged", transportId: MID, state: "closed" },
  );
  const all = [];
  while (bench.waiting > 0) all.push(...bench.step());
  assert.deepEqual(
    all.filter((line) => line !== "connectionstatechange"),
    ["dtls statechange", "dtls error", "dtls statechange", "sctp statechange"],
  );
  const { sctp } = bench.transports;
  assert.equal(sctp!.transport.state, "failed");
  assert.equal(sctp!.state, "closed");
  assert.equal(sctp!.transport.getRemoteCertificates().length, 1, "what was seen stays");
  const last = bench.events.findLast((event) => event.type === "connectionstatechange");
  assert.ok(last instanceof ConnectionStateEvent);
  assert.deepEqual([last.reason, last.failure], ["no common cipher", failure]);
});

test("a reason belongs to failed: a recovery has none, and the next failure its own", () => {
  const bench = new Bench();
  const failure = (words: string): ProtocolFailure =>
    new ProtocolFailure("ERR_CONSENT_LOST", "RFC 7675 §5.1", words);
  bench.tell(iceState("disconnected", failure("first")), iceState("failed", failure("second")));
  while (bench.waiting > 0) bench.step();
  const reasons = bench.events.map((event) =>
    event instanceof ConnectionStateEvent ? event.reason : undefined,
  );
  assert.deepEqual(reasons, [null, null, "second", "second"]);
});

test("what concerns a transport that no description calls for any more is not told", () => {
  const bench = new Bench();
  bench.transports.use([], undefined, false);
  assert.equal(bench.transports.sctp, null);
  assert.deepEqual(bench.step(), ["sctp statechange", "dtls statechange", "ice statechange"]);
  bench.tell(
    selected(1),
    iceState("connected"),
    { kind: "dtlsStateChanged", transportId: MID, state: "connected" },
    { kind: "iceGatheringStateChanged", transportId: MID, state: "complete" },
    { kind: "localCandidate", transportId: MID, candidate: CANDIDATE },
    { kind: "iceRoleChanged", transportId: MID, role: "controlled" },
    { kind: "sctpConnected", transportId: MID, maxChannels: 5 },
  );
  while (bench.waiting > 0) assert.deepEqual(bench.step(), []);
  assert.equal(bench.transports.connectionState, "new");
});

test("the end of the association that a negotiation has replaced does not touch the one that follows", () => {
  const bench = new Bench();
  bench.transports.use(["next"], { mid: "next", transportId: "next" }, false);
  while (bench.waiting > 0) bench.step();
  bench.tell({ kind: "sctpClosed", transportId: MID });
  while (bench.waiting > 0) assert.deepEqual(bench.step(), []);
  assert.equal(bench.transports.sctp?.state, "connecting");
  bench.tell({ kind: "sctpConnected", transportId: "next", maxChannels: 5 });
  while (bench.waiting > 0) bench.step();
  assert.equal(bench.transports.sctp?.state, "connected");
});

test("a server that does not help is told in an event, with the local address if a candidate has told it (webrtc-pc §4.8.3)", () => {
  const bench = new Bench();
  const error = {
    kind: "candidateError",
    transportId: MID,
    address: CANDIDATE.address,
    port: CANDIDATE.port,
    url: "stun:stun.example",
    errorCode: 701,
    errorText: "no answer",
  } as const;
  bench.tell(error, { kind: "localCandidate", transportId: MID, candidate: CANDIDATE }, error, {
    ...error,
    address: undefined,
    port: undefined,
  });
  while (bench.waiting > 0) bench.step();
  const told = bench.events
    .filter((event) => event instanceof RTCPeerConnectionIceErrorEvent)
    .map(({ url, errorCode, errorText, address, port }) => [
      ...[url, errorCode, errorText],
      ...[address, port],
    ]);
  const common = [error.url, 701, "no answer"];
  assert.deepEqual(told, [
    [...common, null, null],
    [...common, CANDIDATE.address, CANDIDATE.port],
    [...common, null, null],
  ]);
});

test("an ICE role that changed by a conflict is exposed (webrtc-pc §5.6)", () => {
  const bench = new Bench();
  bench.transports.setParameters(MID, "controlling", { ufrag: "u", password: "p" }, undefined);
  const ice = bench.transports.sctp!.transport.iceTransport;
  assert.deepEqual(ice.getLocalParameters(), { usernameFragment: "u", password: "p" });
  bench.tell({ kind: "iceRoleChanged", transportId: MID, role: "controlled" });
  assert.equal(ice.role, "controlling");
  bench.step();
  assert.equal(ice.role, "controlled");
  bench.transports.setParameters(MID, "controlling", undefined, undefined);
  assert.equal(ice.role, "controlled", "a description does not take it back");
});

test("gathering is complete, and null is told, once all transports are done (webrtc-pc §5.6.1)", () => {
  const bench = new Bench();
  bench.transports.use([MID, "1"], { mid: MID, transportId: MID }, true);
  for (const state of ["gathering", "complete"] as const) {
    bench.tell({ kind: "iceGatheringStateChanged", transportId: MID, state });
  }
  bench.tell({ kind: "iceGatheringStateChanged", transportId: "1", state: "gathering" });
  while (bench.waiting > 0) bench.step();
  assert.equal(bench.transports.iceGatheringState, "gathering");
  const candidates = (): unknown[] =>
    bench.events.flatMap((event) =>
      event instanceof RTCPeerConnectionIceEvent ? [event.candidate?.candidate ?? null] : [],
    );
  assert.deepEqual(candidates(), [""], "the end of one generation");
  bench.tell({ kind: "iceGatheringStateChanged", transportId: "1", state: "complete" });
  while (bench.waiting > 0) bench.step();
  assert.equal(bench.transports.iceGatheringState, "complete");
  assert.deepEqual(candidates(), ["", "", null]);
});

test("a bundle that is agreed on closes the transports that nothing lies on any more, and moves SCTP (RFC 8843)", () => {
  const bench = new Bench();
  bench.transports.use(["a", MID], { mid: MID, transportId: MID }, true);
  const { sctp } = bench.transports;
  const own = sctp!.transport;
  const shared = bench.transports.dtls("a")!;
  assert.notEqual(own, shared);
  bench.transports.use(["a"], { mid: MID, transportId: "a" }, false);
  assert.equal(bench.transports.sctp, sctp);
  assert.equal(sctp!.transport, shared);
  assert.equal(own.state, "new", "closed in a task");
  while (bench.waiting > 0) bench.step();
  assert.deepEqual([own.state, own.iceTransport.state, shared.state], ["closed", "closed", "new"]);
  bench.tell({ kind: "sctpConnected", transportId: "a", maxChannels: 5 });
  bench.step();
  assert.equal(sctp!.state, "connected");
});

test("a rollback brings back the transports of the stable state, SCTP on its own again", () => {
  const bench = new Bench();
  const { sctp } = bench.transports;
  const transport = sctp!.transport;
  bench.transports.rememberStable();
  bench.transports.use([MID, "new"], { mid: MID, transportId: "new" }, false);
  const added = bench.transports.dtls("new")!;
  assert.equal(sctp!.transport, added);
  bench.transports.rollBack();
  while (bench.waiting > 0) bench.step();
  assert.equal(bench.transports.sctp, sctp);
  assert.equal(sctp!.transport, transport);
  assert.deepEqual([transport.state, added.state], ["new", "closed"]);
});

test("an offer without a section for data does not end the association: its answer does (RFC 8841 §10.3)", () => {
  const bench = new Bench();
  const { sctp } = bench.transports;
  bench.transports.use([MID], undefined, true);
  assert.equal(bench.transports.sctp, sctp);
  bench.transports.use([MID], undefined, false);
  assert.equal(bench.transports.sctp, null);
  bench.step();
  assert.equal(sctp!.state, "closed");
});

test("restarts bring candidates for ever: the newest are kept (bounds)", () => {
  const bench = new Bench();
  for (let port = 1; port <= 2 * DEFAULT_SDP_LIMITS.maxCandidatesPerSection; port++) {
    bench.tell({ kind: "localCandidate", transportId: MID, candidate: { ...CANDIDATE, port } });
    bench.step();
  }
  const kept = bench.transports.dtls(MID)!.iceTransport.getLocalCandidates();
  assert.equal(kept.length, DEFAULT_SDP_LIMITS.maxCandidatesPerSection);
  assert.equal(kept.at(-1)!.port, 2 * DEFAULT_SDP_LIMITS.maxCandidatesPerSection);
});
