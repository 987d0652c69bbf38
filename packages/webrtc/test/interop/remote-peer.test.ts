import assert from "node:assert/strict";
import { test } from "vitest";
import type { PeerEvent } from "./peer-script.ts";
import { RemotePeer } from "./remote-peer.ts";
import type { PeerLink } from "./remote-peer.ts";

const TEXT = (text: string): PeerEvent => ({ kind: "message", channel: 0, text });

function createPeer(call: PeerLink["call"] = async () => null): {
  readonly peer: RemotePeer;
  readonly report: (event: PeerEvent) => void;
} {
  let report: (event: PeerEvent) => void = () => {};
  const peer = new RemotePeer("a peer", (listener) => {
    report = listener;
    return { call, kill: async () => {}, stop: async () => {} };
  });
  return { peer, report };
}

test("events are given out in order, each once", async () => {
  const { peer, report } = createPeer();
  report(TEXT("first"));
  report(TEXT("second"));
  assert.deepEqual(await peer.next("message"), TEXT("first"));
  assert.deepEqual(await peer.next("message"), TEXT("second"));
});

test("an event that happens later ends the wait for it, and others stay unread", async () => {
  const { peer, report } = createPeer();
  const wait = peer.reaches("connected");
  report({ kind: "connectionState", state: "connecting" });
  report({ kind: "connectionState", state: "connected" });
  await wait;
  await peer.reaches("connecting");
});

test("candidates come one by one, with null after the last", async () => {
  const { peer, report } = createPeer();
  report({ kind: "candidate", candidate: { candidate: "candidate:1" } });
  report({ kind: "gathered" });
  assert.deepEqual(await peer.nextCandidate(), { candidate: "candidate:1" });
  assert.equal(await peer.nextCandidate(), null);
});

test("a wait that is too long says what was awaited, from whom, and what was told instead", async () => {
  const { peer, report } = createPeer();
  report({ kind: "connectionState", state: "connecting" });
  await assert.rejects(peer.reaches("connected", 1), (error: Error) => {
    assert.match(error.message, /1 ms for connection state "connected" from a peer/);
    assert.match(error.message, /"state":"connecting"/);
    return true;
  });
});

test("a command that the peer refuses rejects with the peer's words", async () => {
  const { peer } = createPeer(() => Promise.reject(new TypeError("too large")));
  await assert.rejects(peer.call("send", { channel: 0, text: "x" }), /TypeError: too large/);
});
