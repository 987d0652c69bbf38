import assert from "node:assert/strict";
import { test } from "vitest";

import { RTCIceCandidate, type RTCLocalIceCandidateInit } from "./rtc-ice-candidate.ts";

const HOST =
  "candidate:1905690388 1 udp 2113937151 192.0.2.1 58041 typ host generation 0 ufrag thC8";
const REFLEXIVE =
  "candidate:2 2 tcp 1 203.0.113.7 9 typ srflx raddr 192.0.2.1 rport 4711 tcptype so";

const derived = (candidate: RTCIceCandidate): unknown => {
  const { foundation, component, priority, address, protocol, port } = candidate;
  const { type, tcpType, relatedAddress, relatedPort } = candidate;
  return [
    ...[foundation, component, priority, address, protocol, port],
    ...[type, tcpType, relatedAddress, relatedPort],
  ];
};
const NOTHING = Array.from({ length: 10 }, () => null);

test("what the text says is exposed member by member (webrtc-pc §4.8.1)", () => {
  const host = new RTCIceCandidate({ candidate: HOST, sdpMid: "0", usernameFragment: "own" });
  assert.deepEqual(derived(host), [
    ...["1905690388", "rtp", 2_113_937_151, "192.0.2.1", "udp", 58_041],
    ...["host", null, null, null],
  ]);
  assert.equal(host.usernameFragment, "own", "the member, not the text");
  const reflexive = new RTCIceCandidate({ candidate: REFLEXIVE, sdpMLineIndex: 0 });
  assert.deepEqual(derived(reflexive), [
    ...["2", "rtcp", 1, "203.0.113.7", "tcp", 9],
    ...["srflx", "so", "192.0.2.1", 4711],
  ]);
  assert.equal(reflexive.usernameFragment, null);
});

test.each([
  "",
  "not a candidate",
  "candidate:1 1 udp 1 192.0.2.1 9",
  "candidate:1 3 udp 1 192.0.2.1 9 typ host",
  "candidate:1 1 sctp 1 192.0.2.1 9 typ host",
  "candidate:1 1 udp 1 192.0.2.1 9 typ guess",
  "candidate:1 1 udp 1 192.0.2.1 99999 typ host",
])("the text %j is kept, and exposes nothing (webrtc-pc §4.8.1, step 4)", (text) => {
  const candidate = new RTCIceCandidate({ candidate: text, sdpMid: "0" });
  assert.equal(candidate.candidate, text);
  assert.deepEqual(derived(candidate), NOTHING);
});

test("one of sdpMid and sdpMLineIndex must be there (webrtc-pc §4.8.1.1, step 1)", () => {
  for (const init of [undefined, {}, { candidate: HOST }, { sdpMid: null, sdpMLineIndex: null }]) {
    assert.throws(() => new RTCIceCandidate(init), { name: "TypeError", message: /both null/ });
  }
  assert.equal(new RTCIceCandidate({ sdpMid: "" }).sdpMid, "");
  assert.equal(new RTCIceCandidate({ sdpMLineIndex: 0 }).sdpMLineIndex, 0);
  assert.equal(new RTCIceCandidate({ sdpMLineIndex: 65_536 }).sdpMLineIndex, 0, "Web IDL wraps");
});

test("relayProtocol and url are taken as they are, and checked (webrtc-pc §4.8.1.3)", () => {
  const candidate = new RTCIceCandidate({ sdpMid: "0", relayProtocol: "tls", url: "turn:a" });
  assert.deepEqual([candidate.relayProtocol, candidate.url], ["tls", "turn:a"]);
  const wrong = { sdpMid: "0", relayProtocol: "sctp" } as unknown as RTCLocalIceCandidateInit;
  assert.throws(() => new RTCIceCandidate(wrong), /RTCLocalIceCandidateInit\.relayProtocol/);
});

test("toJSON has the four members that are signalled, and makes the same candidate again (webrtc-pc §4.8.1.2)", () => {
  const candidate = new RTCIceCandidate({
    candidate: HOST,
    sdpMid: "0",
    sdpMLineIndex: 3,
    url: "x",
  });
  const json = JSON.parse(JSON.stringify(candidate)) as RTCLocalIceCandidateInit;
  assert.deepEqual(json, {
    candidate: HOST,
    sdpMid: "0",
    sdpMLineIndex: 3,
    usernameFragment: null,
  });
  assert.deepEqual(derived(new RTCIceCandidate(json)), derived(candidate));
  assert.deepEqual(new RTCIceCandidate(candidate).toJSON(), json, "one is an init of its own");
});
