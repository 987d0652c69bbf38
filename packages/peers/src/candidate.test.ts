import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { formatCandidate, selectedPairOf, summariseCandidate } from "./candidate.ts";
import type { PeerConnection } from "./platform.ts";

/** The first is of the article's sample offer, the next two in the form of Chromium and Firefox. */
const LINES: readonly (readonly [string, string])[] = [
  [
    "a=candidate:0d0b6cc018d79c453c3f8b96c8c6a899 1 udp 1694498815 71.184.100.169 47419 typ srflx raddr 192.168.1.158 rport 47419",
    "71.184.100.169:47419 udp srflx",
  ],
  [
    "candidate:842163049 1 udp 1677729535 f3a5d0a2-0a5a-4a4f-8a0e-1e9b0d3b6f5e.local 51379 typ host generation 0 network-cost 999",
    "f3a5d0a2-0a5a-4a4f-8a0e-1e9b0d3b6f5e.local:51379 udp host",
  ],
  ["candidate:0 1 UDP 2122252543 2001:db8::1 60000 typ host", "[2001:db8::1]:60000 udp host"],
  ["candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active", "192.0.2.1:9 tcp host"],
];

for (const [line, expected] of LINES) {
  test(`the candidate ${line.slice(0, 40)}… is read (RFC 8839 §5.1)`, () => {
    const summary = summariseCandidate(line);
    assert.equal(summary && formatCandidate(summary), expected);
  });
}

for (const line of [
  "",
  "candidate:",
  "candidate:1 1 udp 1 a 1",
  "candidate:1 1 udp 1 a x typ host",
  "candidate:1 1 udp 1 a 123456 typ host",
  "candidate:1 1 udp 1 a 1 kind host",
]) {
  test(`"${line}" is no candidate`, () => {
    assert.equal(summariseCandidate(line), undefined);
  });
}

test("any text is read or not, but never throws", () => {
  const words = fc.array(
    fc.constantFrom("candidate:1", "1", "udp", "typ", "host", "::", "\t", "é"),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        words.map((list) => list.join(" ")),
      ),
      (line) => {
        const summary = summariseCandidate(line);
        assert.ok(summary === undefined || Number.isInteger(summary.port));
      },
    ),
  );
});

const connectionWith = (pair: unknown): PeerConnection =>
  ({
    sctp: { transport: { iceTransport: { getSelectedCandidatePair: () => pair } } },
  }) as unknown as PeerConnection;

test("the chosen pair is read from the candidates' attributes, or else from their text", () => {
  const local = { candidate: "", address: "192.0.2.1", port: 1, protocol: "UDP", type: "host" };
  const remote = { candidate: "candidate:1 1 udp 1 192.0.2.2 2 typ prflx" };
  assert.deepEqual(selectedPairOf(connectionWith({ local, remote })), {
    local: { address: "192.0.2.1", port: 1, protocol: "udp", type: "host" },
    remote: { address: "192.0.2.2", port: 2, protocol: "udp", type: "prflx" },
  });
});

test("brackets around an IPv6 address are Chromium's, not the address's", () => {
  const end = { candidate: "", address: "[2001:db8::1]", port: 1, protocol: "udp", type: "host" };
  assert.equal(
    selectedPairOf(connectionWith({ local: end, remote: end }))?.remote.address,
    "2001:db8::1",
  );
});

test("there is no pair before there is one, nor where the platform does not tell", () => {
  assert.equal(selectedPairOf(connectionWith(null)), undefined);
  assert.equal(selectedPairOf(connectionWith({ local: { candidate: "" } })), undefined);
  assert.equal(selectedPairOf({ sctp: null } as PeerConnection), undefined);
  const silent = { sctp: { transport: { iceTransport: {} } } } as PeerConnection;
  assert.equal(selectedPairOf(silent), undefined);
});
