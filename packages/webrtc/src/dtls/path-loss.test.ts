import assert from "node:assert/strict";
import { test } from "vitest";
import { DtlsPair, type Side } from "../../test/support/dtls-pair.ts";
import { SRTP_PROFILE, SRTP_PROFILES } from "./srtp-profile.ts";

const CUT_MS = 3_600_000;

/** A handshake that loses its path after `datagrams` datagrams, and both sides are told. */
function interrupted(datagrams: number): DtlsPair {
  const pair = new DtlsPair({ delayMs: 10 });
  let passed = 0;
  pair.tap = (bytes) => (passed++ < datagrams ? [bytes] : []);
  pair.start();
  pair.run(1_000);
  for (const { endpoint } of [pair.client, pair.server]) endpoint.handlePathLost(pair.nowMs);
  return pair;
}

function restore(pair: DtlsPair, atMs: number): void {
  pair.tap = (bytes) => [bytes];
  pair.nowMs = atMs;
  for (const { endpoint } of [pair.client, pair.server]) endpoint.handlePathRestored(atMs);
  pair.drain();
}

function connectedOf({ events }: Side) {
  return events.find((event) => event.kind === "connected");
}

test.each([0, 1, 2, 3, 4, 5])(
  "a handshake that loses its path after %i datagrams goes on an hour later, without waiting",
  (datagrams) => {
    const pair = interrupted(datagrams);
    restore(pair, CUT_MS);
    pair.run(CUT_MS + 150, () => pair.client.endpoint.state === "connected");
    pair.run(CUT_MS + 150, () => pair.server.endpoint.state === "connected");
    assert.equal(pair.client.endpoint.state, "connected");
    assert.equal(pair.server.endpoint.state, "connected");
  },
);

test("the time with a path still counts: the handshake ends 30 s after its start, the pause left out (RFC 6347 §4.2.4)", () => {
  const pair = interrupted(0);
  const { endpoint, events } = pair.client;
  const pausedAtMs = pair.nowMs;
  endpoint.handlePathRestored(CUT_MS);
  endpoint.handleTimeout(CUT_MS + 30_000 - pausedAtMs - 1);
  assert.equal(endpoint.state, "connecting");
  endpoint.handleTimeout(CUT_MS + 30_000 - pausedAtMs);
  assert.equal(endpoint.state, "failed");
  const closed = events.find((event) => event.kind === "closed") ?? endpoint.pollEvent();
  assert.ok(closed !== undefined);
});

test("a path that is lost or restored twice is lost or restored once", () => {
  const pair = interrupted(0);
  const { endpoint } = pair.client;
  endpoint.handlePathLost(20_000);
  endpoint.handlePathRestored(CUT_MS);
  endpoint.handlePathRestored(2 * CUT_MS);
  endpoint.handleTimeout(CUT_MS + 30_000);
  assert.equal(endpoint.state, "failed");
});

test("an established connection does not care about paths", () => {
  const pair = new DtlsPair().connect();
  const sent = pair.client.sent.length;
  for (const { endpoint } of [pair.client, pair.server]) {
    endpoint.handlePathLost(pair.nowMs);
    endpoint.handlePathRestored(pair.nowMs + CUT_MS);
  }
  pair.drain();
  assert.equal(pair.client.sent.length, sent);
  assert.equal(pair.client.endpoint.state, "connected");
});

test("before the start there is nothing to pause", () => {
  const pair = new DtlsPair();
  pair.client.endpoint.handlePathLost(0);
  pair.client.endpoint.handlePathRestored(10);
  assert.equal(pair.connect().client.endpoint.state, "connected");
});

test.each([
  { client: SRTP_PROFILES, server: SRTP_PROFILES, agreed: SRTP_PROFILE.aeadAes128Gcm },
  { client: [0x0002, 0x0001], server: SRTP_PROFILES, agreed: SRTP_PROFILE.aes128CmHmacSha1Tag80 },
  { client: SRTP_PROFILES, server: [0x0008], agreed: SRTP_PROFILE.aeadAes256Gcm },
  { client: SRTP_PROFILES, server: [], agreed: undefined },
  { client: [], server: SRTP_PROFILES, agreed: undefined },
  { client: [0x0002], server: SRTP_PROFILES, agreed: undefined },
])(
  "$client and $server agree on $agreed; with nothing in common the connection carries data only (RFC 5764 §4.1.1)",
  ({ client, server, agreed }) => {
    const pair = new DtlsPair(
      {},
      { client: { srtpProfiles: client }, server: { srtpProfiles: server } },
    ).connect();
    for (const side of [pair.client, pair.server]) {
      const connected = connectedOf(side);
      assert.ok(connected?.kind === "connected");
      assert.equal(connected.srtpProfile, agreed);
    }
  },
);
