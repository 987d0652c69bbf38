import assert from "node:assert/strict";
import { test } from "vitest";

import { SeededRandom } from "../../src/base/random.ts";
import type { SessionEnd } from "../support/session-pair.ts";
import { NegotiatingSessions } from "../support/negotiating-sessions.ts";
import { otherSide, SIDES, type Side } from "../support/plan-book.ts";
import { overSeeds } from "./support/seeds.ts";

const CHANNEL = { label: "x", protocol: "", isOrdered: true, isNegotiated: false } as const;
const STEP_COUNT = 14;
const POLICIES = ["balanced", "max-bundle", "max-compat"] as const;

/** Random steps of two peers, each of which leaves the negotiation stable. */
class Walk {
  readonly sessions: NegotiatingSessions;
  readonly #random: SeededRandom;
  readonly #transceivers: { readonly side: Side; readonly id: number }[] = [];

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.sessions = new NegotiatingSessions(this.#oneOf(POLICIES));
  }

  step(): void {
    const { sessions } = this;
    const side = this.#oneOf(SIDES);
    const isRestart = this.#oneOf([true, false]);
    this.#oneOf([
      () => this.#add(side),
      () => this.#add(side),
      () => (sessions.peers[side].wantsDataChannel = true),
      () => this.#stop(),
      () => this.#rollBack(side, isRestart),
      () => this.#breakPaths(side),
      () => this.#collide(isRestart),
      () => this.#answerTwice(side, isRestart),
      () => sessions.negotiate(side, isRestart),
      () => sessions.negotiate(side, isRestart, 60),
    ])();
    sessions.run(this.#oneOf([0, 20, 100, 4_000]));
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[this.#random.uint32() % choices.length]!;
  }

  #add(side: Side): void {
    const id = this.sessions.peers[side].add(this.#oneOf(["audio", "video"] as const));
    this.#transceivers.push({ side, id });
  }

  #stop(): void {
    const stopped = this.#transceivers.shift();
    if (stopped !== undefined)
      this.sessions.peers[stopped.side].change(stopped.id, { isStopping: true });
  }

  #rollBack(side: Side, isRestart: boolean): void {
    this.sessions.change(side, (peer) => peer.offer(isRestart));
    this.sessions.run(this.#oneOf([0, 10, 50]));
    this.sessions.change(side, (peer) => peer.rollBack("local"));
  }

  /** Present sockets reach nobody any more; a restart makes new ones. */
  #breakPaths(side: Side): void {
    const { pair } = this.sessions;
    const dead = new Set([...pair.a.sockets.values(), ...pair.b.sockets.values()]);
    pair.intercept = (datagram, to) =>
      dead.has(datagram.remotePort) || dead.has(to.sockets.get(datagram.socketId)!)
        ? []
        : [datagram];
    this.sessions.run(this.#oneOf([5_000, 50_000]));
    this.sessions.negotiate(side, true);
    this.sessions.run(3_000);
    pair.intercept = (datagram) => [datagram];
  }

  /** Both offer at once, and `b` is polite. */
  #collide(isRestart: boolean): void {
    const { sessions } = this;
    const offer = sessions.change("a", (peer) => peer.offer(isRestart));
    sessions.change("b", (peer) => peer.offer(this.#oneOf([true, false])));
    sessions.run(this.#oneOf([1, 6, 60]));
    sessions.change("b", (peer) => peer.rollBack("local"));
    sessions.run(this.#oneOf([0, 3]));
    sessions.answer("a", offer);
  }

  /** Provisionally first. */
  #answerTwice(offerer: Side, isRestart: boolean): void {
    const { sessions } = this;
    const answerer = otherSide(offerer);
    const offer = sessions.change(offerer, (peer) => peer.offer(isRestart));
    sessions.run(6);
    sessions.change(answerer, (peer) => peer.take(offer));
    for (const type of ["pranswer", "answer"] as const) {
      const answer = sessions.change(answerer, (peer) => peer.answer(type));
      sessions.run(6);
      sessions.change(offerer, (peer) => peer.setRemote(type, answer));
      if (type === "pranswer") sessions.run(this.#oneOf([0, 10, 100, 2_000]));
    }
  }
}

function messageCount(end: SessionEnd): number {
  return end.of("channel").filter(({ event }) => event.kind === "message").length;
}

function assertAllConnected({ pair }: NegotiatingSessions, ids: readonly string[]): void {
  for (const end of [pair.a, pair.b]) {
    assert.equal(end.sockets.size, ids.length, "a socket for each transport, and no other");
    for (const id of ids) {
      assert.match(end.iceStatesOf(id).at(-1) ?? "none", /^(connected|completed)$/);
      const dtls = end.of("dtlsStateChanged").filter(({ transportId }) => transportId === id);
      assert.equal(dtls.at(-1)?.state, "connected");
    }
  }
}

/** A new channel of `a` carries a message, over the only association there is. */
function assertCarriesData(sessions: NegotiatingSessions): void {
  const { pair } = sessions;
  const key = pair.a.session.createChannel(CHANNEL, pair.nowMs);
  sessions.run(500);
  const before = messageCount(pair.b);
  pair.a.session.sendOnChannel(key, "binary", Uint8Array.of(1), pair.nowMs);
  sessions.run(500);
  assert.equal(messageCount(pair.b), before + 1);
  for (const end of [pair.a, pair.b]) {
    assert.equal(end.of("sctpConnected").length - end.of("sctpClosed").length, 1);
  }
}

test(
  "whatever is added, stopped, restarted, rolled back or broken: the transports that both sides agree on work, and no other is left",
  overSeeds(6, async (seed) => {
    const walk = new Walk(seed);
    for (let count = 0; count < STEP_COUNT; count++) walk.step();
    const { sessions } = walk;
    sessions.negotiate("a");
    sessions.run(5_000);
    const [ofA, ofB] = SIDES.map((side) => sessions.plansOf(side));
    const ids = ofA!.map(({ transportId }) => transportId);
    assert.deepEqual(ids.toSorted(), ofB!.map(({ transportId }) => transportId).toSorted());
    assertAllConnected(sessions, ids);
    if (ofA!.some(({ sctp }) => sctp !== undefined)) assertCarriesData(sessions);
  }),
);

test("a rollback of an offer that would have ended the only section leaves its transport as it was (RFC 9429 §4.1.10.2)", () => {
  const sessions = new NegotiatingSessions();
  const id = sessions.peers.a.add("audio");
  sessions.negotiate("a");
  sessions.run(2_000);
  sessions.peers.a.change(id, { isStopping: true });
  sessions.change("a", (peer) => peer.offer());
  sessions.run(1_000);
  sessions.change("a", (peer) => peer.rollBack("local"));
  sessions.run(1_000);
  assertAllConnected(sessions, ["0"]);
  for (const end of [sessions.pair.a, sessions.pair.b]) {
    assert.deepEqual(
      end.of("dtlsStateChanged").map(({ state }) => state),
      ["connecting", "connected"],
    );
  }
});

test("data that joins audio later, and media that joins data, share the one transport from the start (RFC 8843 §7.2)", () => {
  for (const isDataFirst of [true, false]) {
    const sessions = new NegotiatingSessions();
    const join = [
      () => void sessions.peers.a.add("audio"),
      () => (sessions.peers.a.wantsDataChannel = true),
    ];
    if (isDataFirst) join.reverse();
    for (const add of join) {
      add();
      sessions.negotiate("a");
      sessions.run(10_000);
    }
    assertAllConnected(sessions, ["0"]);
    assertCarriesData(sessions);
    for (const end of [sessions.pair.a, sessions.pair.b]) {
      assert.equal(end.of("selectedPairChanged").length, 1);
    }
  }
});
