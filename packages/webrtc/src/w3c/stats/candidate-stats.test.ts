import assert from "node:assert/strict";
import { test } from "vitest";
import {
  EPOCH_MS,
  HOST,
  makeContext,
  makeTransport,
  REMOTE,
} from "../../../test/support/stats-fixtures.ts";
import type { IceCandidate } from "../../session/session-statistics.ts";
import { localCandidateStats, remoteCandidateStats } from "./candidate-stats.ts";

const generation = { transport: makeTransport(), localUfrag: "ours" };
const context = makeContext();
const local = (candidate: IceCandidate) => localCandidateStats(candidate, generation, context);

test("a local host candidate is shown as it is (webrtc-stats, RTCIceCandidateStats)", () => {
  const { id, ...stats } = local(HOST);
  assert.match(id, /^I/);
  assert.deepEqual(stats, {
    timestamp: EPOCH_MS,
    type: "local-candidate",
    transportId: context.ids.of("T", 1),
    address: "198.51.100.1",
    port: 5001,
    protocol: "udp",
    candidateType: "host",
    priority: 2_130_706_431,
    foundation: "1",
    usernameFragment: "ours",
  });
});

test("a candidate from a server names the server and its base (webrtc-stats, url, relatedAddress)", () => {
  const reflexive: IceCandidate = {
    ...HOST,
    type: "srflx",
    address: "203.0.113.9",
    relatedAddress: HOST.address,
    relatedPort: HOST.port,
    url: "stun:stun.example:3478",
  };
  const stats = local(reflexive);
  assert.equal(stats.url, "stun:stun.example:3478");
  assert.equal(stats.relatedAddress, "198.51.100.1");
  assert.equal(stats.relatedPort, 5001);
  assert.equal("relayProtocol" in stats, false);
});

test("a relayed candidate tells how its server is spoken to (webrtc-stats, relayProtocol)", () => {
  const protocolOf = (url: string) => local({ ...HOST, type: "relay", url }).relayProtocol;
  assert.equal(protocolOf("turn:turn.example:3478"), "udp");
  assert.equal(protocolOf("turn:turn.example:3478?transport=udp"), "udp");
  assert.equal(protocolOf("turn:turn.example:3478?transport=tcp"), "tcp");
  assert.equal(protocolOf("turns:turn.example:5349"), "tls");
});

test("a candidate for TCP says who opens the connection (webrtc-stats, tcpType)", () => {
  const stats = local({ ...HOST, transport: "tcp", tcpType: "passive" });
  assert.equal(stats.protocol, "tcp");
  assert.equal(stats.tcpType, "passive");
});

test("a remote address that nobody signaled is null, and there is no url (webrtc-stats, address)", () => {
  const { ufrag: _, ...candidate } = { ...REMOTE, type: "prflx", url: "stun:x" } as const;
  const hidden = remoteCandidateStats({ candidate, isAddressSignaled: false }, generation, context);
  assert.equal(hidden.type, "remote-candidate");
  assert.equal(hidden.candidateType, "prflx");
  assert.equal(hidden.address, null);
  for (const name of ["url", "relayProtocol", "usernameFragment"]) {
    assert.equal(name in hidden, false, name);
  }
  const known = remoteCandidateStats({ candidate, isAddressSignaled: true }, generation, context);
  assert.equal(known.address, "198.51.100.2");
});

test("what becomes known of a remote candidate does not change its id (webrtc-pc, RTCStats.id)", () => {
  const idOf = (candidate: IceCandidate) =>
    remoteCandidateStats({ candidate, isAddressSignaled: true }, generation, context).id;
  assert.equal(idOf({ ...REMOTE, type: "prflx", foundation: "prflx1" }), idOf(REMOTE));
  assert.notEqual(idOf({ ...REMOTE, port: 5003 }), idOf(REMOTE));
});

test("the candidates of another generation are others (webrtc-stats, local-candidate)", () => {
  const restarted = { ...generation, localUfrag: "new" };
  assert.notEqual(localCandidateStats(HOST, restarted, context).id, local(HOST).id);
});
