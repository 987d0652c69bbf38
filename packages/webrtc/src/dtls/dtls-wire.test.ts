import assert from "node:assert/strict";
import { test } from "vitest";
import {
  DtlsPair,
  eventOf,
  receivedBy,
  type Tap,
  type WireOptions,
} from "../../test/support/dtls-pair.ts";
import type { DtlsOptions } from "./dtls-endpoint.ts";

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);
const MESSAGE = Uint8Array.of(7);
/** `use_srtp` with so many profiles makes the ClientHello as large as one with a post-quantum key. */
const MANY_PROFILES = Array.from({ length: 800 }, (_, index) => index + 1);

type Case = {
  readonly name: string;
  readonly wire: WireOptions;
  readonly client?: Partial<DtlsOptions>;
  readonly server?: Partial<DtlsOptions>;
};

const CASES: readonly Case[] = [
  { name: "10 % loss", wire: { lossRate: 0.1 } },
  { name: "30 % loss", wire: { lossRate: 0.3 } },
  { name: "reordering", wire: { jitterMs: 200 } },
  { name: "duplication", wire: { duplicateRate: 0.5 } },
  { name: "a round trip of 3 s", wire: { delayMs: 1500 } },
  {
    name: "loss, reordering and duplication in small datagrams",
    wire: { lossRate: 0.1, duplicateRate: 0.2, jitterMs: 100, mtuBytes: 300 },
    client: { maxDatagramBytes: 300 },
    server: { maxDatagramBytes: 300 },
  },
  {
    name: "the same with a large ClientHello and a cookie",
    wire: { lossRate: 0.1, duplicateRate: 0.1, jitterMs: 100 },
    client: { srtpProfiles: MANY_PROFILES },
    server: { isCookieExchangeRequired: true, srtpProfiles: [1] },
  },
];

for (const { name, wire, client = {}, server = {} } of CASES) {
  test(`a handshake comes through ${name}, from any seed (RFC 6347 §4.2.4)`, () => {
    for (const seed of SEEDS) {
      const handshakeTimeoutMs = 600_000;
      const pair = new DtlsPair(
        { ...wire, seed },
        { client: { ...client, handshakeTimeoutMs }, server: { ...server, handshakeTimeoutMs } },
      ).connect(600_000);
      assert.equal(pair.client.endpoint.state, "connected", `client, seed ${seed}`);
      assert.equal(pair.server.endpoint.state, "connected", `server, seed ${seed}`);
      pair.run(pair.nowMs + 5000);
      pair.inject(pair.client.endpoint.sealApplicationData(MESSAGE), "client");
      assert.deepEqual(receivedBy(pair.server), [MESSAGE], `seed ${seed}`);
    }
  });
}

test("with 5 % loss 57 of 60 handshakes take under 2 s at 40 ms round trip", () => {
  const durations = SEEDS.map(
    (seed) => new DtlsPair({ seed, lossRate: 0.05, delayMs: 20 }).connect().nowMs,
  ).sort((a, b) => a - b);
  assert.ok(durations[56]! < 2000, `${durations[56]} ms`);
});

test("a run replays from its seed", () => {
  const run = (): unknown => {
    const pair = new DtlsPair({ seed: 5, lossRate: 0.2, jitterMs: 50 }).connect();
    return [
      pair.nowMs,
      pair.client.sent.length,
      pair.server.sent.length,
      pair.server.endpoint.stats,
    ];
  };
  assert.deepEqual(run(), run());
});

test("a path that swallows large datagrams is crossed with smaller ones (RFC 6347 §4.1.1.1)", () => {
  const pair = new DtlsPair({ mtuBytes: 560 }).connect();
  assert.equal(pair.client.endpoint.state, "connected");
  assert.equal(pair.server.endpoint.state, "connected");
});

test("no datagram of a handshake is larger than was asked for", () => {
  for (const maxDatagramBytes of [128, 200, 500, 1200]) {
    const options = {
      client: { maxDatagramBytes, srtpProfiles: MANY_PROFILES },
      server: { maxDatagramBytes },
    };
    const pair = new DtlsPair({}, options).connect();
    assert.equal(pair.server.endpoint.state, "connected");
    for (const bytes of [...pair.client.sent, ...pair.server.sent]) {
      assert.ok(bytes.byteLength <= maxDatagramBytes);
    }
  }
});

for (const isCookieExchangeRequired of [false, true]) {
  const withCookie = isCookieExchangeRequired ? "with" : "without";
  test(`a ClientHello in several datagrams is understood, ${withCookie} a cookie (RFC 6347 §4.2.3)`, () => {
    const options = {
      client: { srtpProfiles: MANY_PROFILES },
      server: { isCookieExchangeRequired },
    };
    const pair = new DtlsPair({}, options).connect();
    assert.equal(pair.server.endpoint.state, "connected");
    assert.equal(pair.client.sent.length, isCookieExchangeRequired ? 5 : 3);
    assert.equal(pair.server.sent.length, isCookieExchangeRequired ? 3 : 2);
  });
}

/** Loses the datagrams of one side with these indices, the first time they are sent. */
function losing(from: "client" | "server", ...indices: number[]): Tap {
  let index = 0;
  return (bytes, sender) => (sender === from && indices.includes(index++) ? [] : [bytes]);
}

test("a lost first flight is sent again after 400 ms", () => {
  const pair = new DtlsPair();
  pair.tap = losing("client", 0);
  pair.connect();
  assert.equal(pair.nowMs, 440);
});

test("when the server's last flight is lost, the client's repetition brings it again (RFC 6347 §4.2.4)", () => {
  const pair = new DtlsPair();
  pair.tap = losing("server", 1, 2);
  pair.start();
  pair.run(60_000, () => eventOf(pair.client, "connected") !== undefined);
  assert.equal(pair.server.endpoint.state, "connected");
  assert.equal(pair.server.endpoint.stats.resentFlights, 2);
  assert.equal(pair.client.endpoint.state, "connected");
});

test("a client whose answer was lost repeats it as soon as the server repeats its question (RFC 6347 §4.2.4)", () => {
  const pair = new DtlsPair();
  pair.tap = losing("client", 1);
  pair.connect();
  // The server asked at 10 ms, and again 400 ms later; the client's own timer ends at 420 ms.
  assert.equal(pair.client.endpoint.state, "connected");
  assert.equal(pair.client.endpoint.stats.resentFlights, 1);
});

test("data that overtakes Finished is held back and delivered after `connected`", () => {
  const pair = new DtlsPair();
  const held: Uint8Array[] = [];
  pair.tap = (bytes, from) => {
    if (from === "client" || pair.server.endpoint.state !== "connected") return [bytes];
    held.push(bytes);
    return [];
  };
  pair.start();
  pair.run(60_000, () => held.length > 0);
  pair.inject(pair.server.endpoint.sealApplicationData(MESSAGE), "server");
  assert.deepEqual(receivedBy(pair.client), []);
  pair.inject(held[0]!, "server");
  assert.deepEqual(
    pair.client.events.map(({ kind }) => kind),
    ["connected", "applicationData"],
  );
});

test("a Finished that overtakes the messages before it is kept (RFC 6347 §4.1)", () => {
  const pair = new DtlsPair({}, { client: { maxDatagramBytes: 300 } });
  const flight: Uint8Array[] = [];
  pair.tap = (bytes, from) => {
    if (from === "server" || pair.server.sent.length === 0) return [bytes];
    flight.push(bytes);
    return [];
  };
  pair.start();
  pair.run(300);
  assert.ok(flight.length > 1);
  for (const bytes of flight.toReversed()) pair.inject(bytes, "client");
  assert.equal(pair.server.endpoint.state, "connected");
});

test("two sides that see everything twice do not feed each other", () => {
  const pair = new DtlsPair({ duplicateRate: 1, jitterMs: 30 }).connect();
  pair.run(600_000);
  assert.ok(pair.client.sent.length + pair.server.sent.length < 20);
});
