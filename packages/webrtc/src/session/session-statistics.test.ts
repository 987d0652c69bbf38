import assert from "node:assert/strict";
import * as fc from "fast-check";
import { test } from "vitest";
import { SessionPair, type SessionEnd } from "../../test/support/session-pair.ts";
import type { ChannelKey } from "./channel-events.ts";
import type { SessionStatistics, TransportStatistics } from "./session-statistics.ts";

const CHANNEL = { label: "chat", protocol: "text", isOrdered: true, isNegotiated: false };

/** Two sessions with one open channel, and the keys of its two ends. */
function connectedPair(): { pair: SessionPair; keyA: ChannelKey; keyB: ChannelKey } {
  const pair = new SessionPair();
  const keyA = pair.a.session.createChannel(CHANNEL, 0);
  pair.connect(2_000);
  const [announced] = pair.b
    .of("channel")
    .flatMap(({ event }) => (event.kind === "announced" ? [event] : []));
  return { pair, keyA, keyB: announced!.key };
}

function statisticsOf(pair: SessionPair, end: SessionEnd): SessionStatistics {
  return end.session.statistics(pair.nowMs);
}

function transportOf(pair: SessionPair, end: SessionEnd): TransportStatistics {
  const [transport, ...others] = statisticsOf(pair, end).transports;
  assert.equal(others.length, 0);
  return transport!;
}

function channelOf(pair: SessionPair, end: SessionEnd, key: ChannelKey) {
  const { key: _, ...channel } = statisticsOf(pair, end).channels.find(
    (candidate) => candidate.key === key,
  )!;
  return channel;
}

test("a session without a plan has neither transports nor channels", () => {
  const { session } = new SessionPair().a;
  assert.deepEqual(session.statistics(7), {
    atMs: 7,
    transports: [],
    sctp: undefined,
    channels: [],
    openedChannels: 0,
    closedChannels: 0,
  });
});

test("before the handshake a transport is new and has counted nothing (webrtc-stats, RTCTransportStats)", () => {
  const pair = new SessionPair();
  const [plan] = pair.plans().a.transports;
  const { remote: _, dtls: __, ...offered } = plan!;
  pair.a.session.applyPlan({ transports: [offered] }, 0);
  const { ice, traffic, ...transport } = transportOf(pair, pair.a);
  assert.equal(transport.dtlsState, "new");
  assert.equal(transport.dtlsRole, undefined);
  assert.equal(transport.agreement, undefined);
  assert.deepEqual([ice.state, ice.role, ice.localUfrag], ["new", "controlling", "ufragA"]);
  assert.deepEqual([ice.generations[0]?.selectedPairId, ice.selectedPairChanges], [undefined, 0]);
  assert.deepEqual([traffic.packetsSent, traffic.bytesReceived], [0, 0]);
});

test("a connected session tells what it has agreed on (webrtc-stats, RTCTransportStats)", () => {
  const { pair } = connectedPair();
  const { a, b } = pair;
  const transport = transportOf(pair, a);
  assert.equal(transport.dtlsState, "connected");
  assert.equal(transport.dtlsRole, "server");
  assert.equal(transport.agreement?.cipherSuite, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  assert.equal(transport.agreement?.protocolVersion, "1.2");
  assert.deepEqual(transport.localCertificates, a.certificate.chain);
  assert.deepEqual(
    transport.agreement?.remoteCertificates.map((der) => Buffer.from(der).toString("hex")),
    b.certificate.chain.map((der) => Buffer.from(der).toString("hex")),
  );
  const [generation, ...others] = transport.ice.generations;
  const { pairs, selectedPairId, remoteCandidates } = generation!;
  const selected = pairs.find(({ id }) => id === selectedPairId);
  assert.equal(others.length, 0);
  assert.equal(transport.ice.selectedPairChanges, 1);
  assert.equal(selected?.state, "succeeded");
  assert.equal(selected?.isNominated, true);
  assert.equal(selected?.local.address, a.address);
  assert.deepEqual(
    remoteCandidates.map(({ candidate }) => [candidate.address, candidate.ufrag]),
    [[b.address, "ufragB"]],
  );
  assert.ok(remoteCandidates.every(({ isAddressSignaled }) => isAddressSignaled));
});

test("SCTP tells its round-trip time, windows and packet size (RFC 9260 §6.3, §7)", () => {
  const { pair } = connectedPair();
  const sctp = statisticsOf(pair, pair.a).sctp!;
  assert.ok(sctp.roundTripMs! >= 10 && sctp.roundTripMs! < 300);
  assert.ok(sctp.congestionWindowBytes > 0 && sctp.peerWindowBytes > 0);
  assert.ok(sctp.maxPacketBytes > 1_100 && sctp.maxPacketBytes < 1_200);
  assert.equal(sctp.unackedChunks, 0);
});

test("chunks that nobody has acknowledged yet are counted (RFC 9260 §6.1)", () => {
  const { pair, keyA } = connectedPair();
  pair.a.session.sendOnChannel(keyA, "binary", new Uint8Array(3_000), pair.nowMs);
  pair.run(1);
  assert.equal(statisticsOf(pair, pair.a).sctp?.unackedChunks, 3);
});

test("what one end has sent the other has received, channel, pair and transport (webrtc-stats)", () => {
  const { pair, keyA, keyB } = connectedPair();
  const { a, b } = pair;
  a.session.sendOnChannel(keyA, "text", new Uint8Array(100), pair.nowMs);
  a.session.sendOnChannel(keyA, "binary", new Uint8Array(0), pair.nowMs);
  b.session.sendOnChannel(keyB, "binary", new Uint8Array(20_000), pair.nowMs);
  pair.run(1_000);

  const common = { label: "chat", protocol: "text", streamId: 1, state: "open" };
  const [toB, toA] = [
    { messages: 2, bytes: 100 },
    { messages: 1, bytes: 20_000 },
  ] as const;
  assert.deepEqual(channelOf(pair, a, keyA), {
    ...common,
    messagesSent: toB.messages,
    bytesSent: toB.bytes,
    messagesReceived: toA.messages,
    bytesReceived: toA.bytes,
  });
  assert.deepEqual(channelOf(pair, b, keyB), {
    ...common,
    messagesSent: toA.messages,
    bytesSent: toA.bytes,
    messagesReceived: toB.messages,
    bytesReceived: toB.bytes,
  });
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const [sent, received] = [transportOf(pair, from), transportOf(pair, to)];
    assert.ok(sent.traffic.bytesSent > 100);
    assert.equal(sent.traffic.bytesSent, received.traffic.bytesReceived);
    assert.equal(sent.traffic.packetsSent, received.traffic.packetsReceived);
    assert.equal(sent.ice.generations[0]?.pairs[0]?.traffic.bytesSent, sent.traffic.bytesSent);
    assert.equal(
      received.ice.generations[0]?.pairs[0]?.traffic.packetsReceived,
      sent.traffic.packetsSent,
    );
  }
});

test("the last packets of a pair have their instants, connectivity checks aside (webrtc-stats, lastPacketSentTimestamp)", () => {
  const { pair, keyA } = connectedPair();
  pair.run(60_000);
  const sentAtMs = pair.nowMs;
  pair.a.session.sendOnChannel(keyA, "text", new Uint8Array(1), sentAtMs);
  pair.run(60);
  const ofA = transportOf(pair, pair.a).ice.generations[0]?.pairs[0];
  const ofB = transportOf(pair, pair.b).ice.generations[0]?.pairs[0];
  assert.equal(ofA?.traffic.lastSentAtMs, sentAtMs);
  assert.equal(ofB?.traffic.lastReceivedAtMs, sentAtMs + 5);
});

test("channels are counted when they open and when they no longer are open (webrtc-stats, RTCPeerConnectionStats)", () => {
  const { pair, keyA } = connectedPair();
  const countsOf = (end: SessionEnd) => {
    const { openedChannels, closedChannels } = statisticsOf(pair, end);
    return [openedChannels, closedChannels];
  };
  assert.deepEqual(
    [countsOf(pair.a), countsOf(pair.b)],
    [
      [1, 0],
      [1, 0],
    ],
  );
  pair.a.session.createChannel({ ...CHANNEL, label: "second" }, pair.nowMs);
  pair.a.session.closeChannel(keyA, pair.nowMs);
  assert.deepEqual(countsOf(pair.a), [2, 1]);
  pair.run(1_000);
  assert.deepEqual(
    [countsOf(pair.a), countsOf(pair.b)],
    [
      [2, 1],
      [2, 1],
    ],
  );
});

test("a channel that has ended is still told of (webrtc-stats, lifetime: the default is eternal)", () => {
  const { pair, keyA } = connectedPair();
  pair.a.session.sendOnChannel(keyA, "text", new Uint8Array(5), pair.nowMs);
  pair.a.session.closeChannel(keyA, pair.nowMs);
  assert.equal(channelOf(pair, pair.a, keyA).state, "closing");
  pair.run(1_000);
  const { state, bytesSent } = channelOf(pair, pair.a, keyA);
  assert.deepEqual([state, bytesSent], ["closed", 5]);
});

test("after close everything is closed and the counters remain (webrtc-pc, Statistics Model)", () => {
  const { pair, keyA } = connectedPair();
  pair.a.session.sendOnChannel(keyA, "text", new Uint8Array(5), pair.nowMs);
  pair.run(1_000);
  const before = transportOf(pair, pair.a);
  pair.a.session.close(pair.nowMs);
  pair.run(1_000);
  const statistics = statisticsOf(pair, pair.a);
  const [transport] = statistics.transports;
  assert.deepEqual([transport?.dtlsState, transport?.ice.state], ["closed", "closed"]);
  assert.deepEqual(transport?.traffic, before.traffic);
  assert.deepEqual([statistics.openedChannels, statistics.closedChannels], [1, 1]);
  assert.deepEqual(channelOf(pair, pair.a, keyA).state, "closed");
  assert.equal(channelOf(pair, pair.a, keyA).bytesSent, 5);
});

test("a transport that is made again under its name has another serial (webrtc-stats: ids are never reused)", () => {
  const { pair } = connectedPair();
  const first = transportOf(pair, pair.a).serial;
  pair.a.session.applyPlan({ transports: [] }, pair.nowMs);
  assert.deepEqual(statisticsOf(pair, pair.a).transports, []);
  pair.a.session.applyPlan(pair.plans().a, pair.nowMs);
  assert.notEqual(transportOf(pair, pair.a).serial, first);
});

/** Every number of a snapshot that may only grow, by a name that does not change. */
function countersOf(statistics: SessionStatistics): ReadonlyMap<string, number> {
  const counters = new Map<string, number>();
  const note = (where: string, values: object, names: readonly string[]): void => {
    for (const [name, value] of Object.entries(values)) {
      if (names.includes(name)) counters.set(`${where} ${name}`, Number(value));
    }
  };
  const traffic = ["packetsSent", "bytesSent", "packetsReceived", "bytesReceived"];
  const checks = ["requestsSent", "requestsReceived", "responsesSent", "responsesReceived"];
  note("session", statistics, ["openedChannels", "closedChannels", "atMs"]);
  for (const transport of statistics.transports) {
    const where = `transport ${transport.serial}`;
    note(where, transport.traffic, [...traffic, "lastSentAtMs", "lastReceivedAtMs"]);
    note(where, transport.ice, ["selectedPairChanges"]);
    for (const pair of transport.ice.generations.flatMap(({ pairs }) => pairs)) {
      note(`${where} ${pair.id}`, pair.traffic, traffic);
      note(`${where} ${pair.id}`, pair, [...checks, "totalRoundTripTimeMs", "consentRequestsSent"]);
    }
  }
  for (const channel of statistics.channels) {
    const names = ["messagesSent", "bytesSent", "messagesReceived", "bytesReceived"];
    note(`channel ${channel.key}`, channel, names);
  }
  return counters;
}

type Step =
  | { readonly kind: "wait"; readonly forMs: number }
  | { readonly kind: "send"; readonly from: "a" | "b"; readonly byteCount: number }
  | { readonly kind: "open" }
  | { readonly kind: "close" }
  | { readonly kind: "lose"; readonly share: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("wait" as const), forMs: fc.integer({ min: 0, max: 9_000 }) }),
  fc.record({
    kind: fc.constant("send" as const),
    from: fc.constantFrom("a", "b"),
    byteCount: fc.integer({ min: 0, max: 4_000 }),
  }),
  fc.constantFrom<Step>({ kind: "open" }, { kind: "close" }),
  fc.record({ kind: fc.constant("lose" as const), share: fc.constantFrom(0, 3, 5) }),
);

test("counters never go back, whatever happens on a lossy wire (webrtc-stats: monotonic)", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 1, maxLength: 12 }), (steps) => {
      const { pair, keyA, keyB } = connectedPair();
      const keys = [keyA];
      let before = [pair.a, pair.b].map((end) => countersOf(statisticsOf(pair, end)));
      let passed = 0;
      const apply = (step: Step): void => {
        if (step.kind === "wait") return pair.run(step.forMs);
        if (step.kind === "lose") {
          // Every `share`-th datagram is lost, in both directions.
          pair.intercept = (datagram) =>
            step.share > 0 && ++passed % step.share === 0 ? [] : [datagram];
        } else if (step.kind === "open") {
          keys.push(pair.a.session.createChannel(CHANNEL, pair.nowMs));
        } else if (step.kind === "close") {
          const key = keys.pop();
          if (key !== undefined) pair.a.session.closeChannel(key, pair.nowMs);
        } else {
          const key = step.from === "a" ? (keys.at(-1) ?? keyA) : keyB;
          const payload = new Uint8Array(step.byteCount);
          pair[step.from].session.sendOnChannel(key, "binary", payload, pair.nowMs);
        }
        pair.run(20);
      };
      for (const step of [...steps, { kind: "wait", forMs: 100 } as const]) {
        apply(step);
        const after = [pair.a, pair.b].map((end) => countersOf(statisticsOf(pair, end)));
        after.forEach((counters, index) => {
          for (const [name, value] of before[index]!) {
            const now = counters.get(name);
            assert.ok(now !== undefined && now >= value, `${name}: ${value}, then ${now}`);
          }
        });
        before = after;
      }
    }),
    { numRuns: 40 },
  );
});
