import assert from "node:assert/strict";

import type { ChannelKey } from "../../src/session/channel-events.ts";
import type { Side } from "./plan-book.ts";
import { SessionPair, type SessionEnd } from "./session-pair.ts";

/** An ordinary channel. */
export const CHANNEL = { label: "x", protocol: "", isOrdered: true, isNegotiated: false } as const;
/** The one transport of these pairs. */
export const ID = "0";

/** Connected over one transport, with an open channel of `a`. */
export function connected(): { pair: SessionPair; key: ChannelKey } {
  const pair = new SessionPair();
  const key = pair.a.session.createChannel(CHANNEL, 0);
  pair.book.add(ID, true).agree();
  pair.run(2_000);
  assert.deepEqual(pair.a.iceStatesOf(ID), ["checking", "connected"]);
  return { pair, key };
}

/** The session of a side. */
export function endOf(pair: SessionPair, side: Side): SessionEnd {
  return side === "a" ? pair.a : pair.b;
}

/** Texts that came, in order. */
export function messagesAt(end: SessionEnd): readonly string[] {
  return end
    .of("channel")
    .flatMap(({ event }) =>
      event.kind === "message" ? [new TextDecoder().decode(event.payload)] : [],
    );
}

/** From `a`. */
export function sendText(pair: SessionPair, key: ChannelKey, text: string): void {
  pair.a.session.sendOnChannel(key, "text", new TextEncoder().encode(text), pair.nowMs);
}

/** A text of `a` arrives. */
export function assertCarries(
  pair: SessionPair,
  key: ChannelKey,
  text: string,
  withinMs = 100,
): void {
  sendText(pair, key, text);
  pair.run(withinMs);
  assert.equal(messagesAt(pair.b).at(-1), text);
}

/** Nothing arrives any more that was sent from or to sockets that are open now. */
export function cutPresentPaths(pair: SessionPair): void {
  const dead = new Set([...pair.a.sockets.values(), ...pair.b.sockets.values()]);
  pair.intercept = (datagram, to) => {
    const toPort = to.sockets.get(datagram.socketId);
    const isDead = dead.has(datagram.remotePort) || toPort === undefined || dead.has(toPort);
    return isDead ? [] : [datagram];
  };
}

/** What must never happen in a restart. */
export function assertNothingEnded(pair: SessionPair): void {
  for (const end of [pair.a, pair.b]) {
    assert.deepEqual(
      end.of("dtlsStateChanged").map(({ state }) => state),
      ["connecting", "connected"],
    );
    assert.equal(end.of("sctpConnected").length, 1);
    assert.equal(end.of("sctpClosed").length, 0);
  }
}
