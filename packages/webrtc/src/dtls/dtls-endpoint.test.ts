import assert from "node:assert/strict";
import { test } from "vitest";
import {
  defaultOptions,
  DtlsPair,
  eventOf,
  receivedBy,
  testCertificate,
} from "../../test/support/dtls-pair.ts";
import { concatBytes, equalBytes } from "../base/bytes.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { DtlsEndpoint, type DtlsOptions } from "./dtls-endpoint.ts";
import { prf12 } from "./key-schedule-12.ts";

const MESSAGE = Uint8Array.of(1, 2, 3);
const crypto = createNodeCrypto();

function endpoint(options: Partial<DtlsOptions> = {}): DtlsEndpoint {
  return new DtlsEndpoint({ ...defaultOptions(crypto, "client"), ...options });
}

test("a client and a server connect and agree on everything (RFC 5246 §7.3)", () => {
  const srtp = { client: { srtpProfiles: [7, 1] }, server: { srtpProfiles: [1] } };
  const pair = new DtlsPair({}, srtp).connect();
  for (const side of [pair.client, pair.server]) {
    const connected = eventOf(side, "connected");
    assert.equal(connected?.protocolVersion, "1.2");
    assert.equal(connected?.cipherSuite, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    assert.equal(connected?.group, "x25519");
    assert.equal(connected?.srtpProfile, 1);
    assert.equal(side.endpoint.state, "connected");
    assert.equal(side.endpoint.nextTimeoutAtMs, NEVER_AT_MS);
  }
});

test("each side is told the peer's certificate", () => {
  const pair = new DtlsPair().connect();
  const seenByClient = eventOf(pair.client, "connected")!.remoteCertificates[0]!;
  const seenByServer = eventOf(pair.server, "connected")!.remoteCertificates[0]!;
  assert.ok(equalBytes(seenByClient, testCertificate("server").chain[0]!));
  assert.ok(equalBytes(seenByServer, testCertificate("client").chain[0]!));
});

test("on a clean wire the handshake takes two round trips and repeats nothing (RFC 5246 §7.3)", () => {
  const pair = new DtlsPair({ delayMs: 10 }).connect();
  assert.equal(pair.nowMs, 40);
  assert.equal(pair.client.sent.length, 2);
  assert.equal(pair.server.sent.length, 2);
  assert.equal(pair.client.endpoint.stats.resentFlights, 0);
});

test("without SRTP profiles the event has none (RFC 5764 §4.1)", () => {
  const pair = new DtlsPair({}, { server: { srtpProfiles: [1] } }).connect();
  assert.ok(!("srtpProfile" in eventOf(pair.client, "connected")!));
  assert.ok(!("srtpProfile" in eventOf(pair.server, "connected")!));
});

test("application data passes both ways, unchanged, in arrays of its own", () => {
  const pair = new DtlsPair().connect();
  for (const byteCount of [1, 100, 1200, 16_384]) {
    const bytes = new Uint8Array(byteCount).fill(byteCount & 0xff);
    pair.inject(pair.client.endpoint.sealApplicationData(bytes), "client");
    pair.inject(pair.server.endpoint.sealApplicationData(bytes), "server");
    for (const side of [pair.client, pair.server]) {
      const received = receivedBy(side).at(-1);
      assert.deepEqual(received, bytes);
      assert.equal(Object.getPrototypeOf(received), Uint8Array.prototype);
    }
  }
});

test("a datagram may hold several records (RFC 6347 §4.1.1)", () => {
  const pair = new DtlsPair().connect();
  const records = [1, 2, 3].map((byte) =>
    pair.client.endpoint.sealApplicationData(Uint8Array.of(byte)),
  );
  pair.inject(concatBytes(records), "client");
  assert.deepEqual(
    receivedBy(pair.server).map((bytes) => bytes[0]),
    [1, 2, 3],
  );
});

test("an empty record is allowed, and not worth an event (RFC 5246 §6.2.1)", () => {
  const pair = new DtlsPair().connect();
  const empty = pair.client.endpoint.sealApplicationData(new Uint8Array(0));
  pair.inject(concatBytes([empty, pair.client.endpoint.sealApplicationData(MESSAGE)]), "client");
  assert.deepEqual(receivedBy(pair.server), [MESSAGE]);
});

test("a sealed record is larger than its content by the promised overhead", () => {
  for (const [suite, overheadBytes] of [
    [0xc02b, 37],
    [0xc02c, 37],
    [0xcca9, 29],
  ] as const) {
    const pair = new DtlsPair({}, { client: { cipherSuites: [suite] } });
    assert.equal(pair.client.endpoint.recordOverheadBytes, 37, "the worst case before");
    pair.connect();
    assert.equal(pair.client.endpoint.recordOverheadBytes, overheadBytes);
    const record = pair.client.endpoint.sealApplicationData(MESSAGE);
    assert.equal(record.byteLength, MESSAGE.byteLength + overheadBytes);
  }
});

test("both sides export the same keys, others for another label (RFC 5705 §4, RFC 5764 §4.2)", () => {
  const pair = new DtlsPair().connect();
  const [client, server] = [pair.client.endpoint, pair.server.endpoint];
  const label = "EXTRACTOR-dtls_srtp";
  const keys = client.exportKeyingMaterial(label, undefined, 60);
  assert.deepEqual(keys, server.exportKeyingMaterial(label, undefined, 60));
  assert.notDeepEqual(keys, client.exportKeyingMaterial("EXPERIMENTAL", undefined, 60));
  const context = Uint8Array.of(1);
  assert.deepEqual(
    client.exportKeyingMaterial(label, context, 60),
    server.exportKeyingMaterial(label, context, 60),
  );
});

test("commands out of their time are the caller's bug", () => {
  const lonely = endpoint();
  assert.throws(() => lonely.sealApplicationData(MESSAGE), { code: "ERR_OUT_OF_ORDER" });
  assert.throws(() => lonely.exportKeyingMaterial("l", undefined, 1), { code: "ERR_OUT_OF_ORDER" });
  lonely.start(0);
  assert.throws(() => lonely.start(0), { code: "ERR_OUT_OF_ORDER" });
  assert.throws(() => lonely.sealApplicationData(MESSAGE), { code: "ERR_OUT_OF_ORDER" });
  lonely.close(0);
  assert.throws(() => lonely.sealApplicationData(MESSAGE), { code: "ERR_CLOSED" });
  assert.throws(() => lonely.exportKeyingMaterial("l", undefined, 1), { code: "ERR_CLOSED" });
  assert.throws(() => lonely.start(0), { code: "ERR_OUT_OF_ORDER" });
});

test("a record has at most 2^14 bytes (RFC 5246 §6.2.1)", () => {
  const { client } = new DtlsPair().connect();
  assert.throws(() => client.endpoint.sealApplicationData(new Uint8Array(16_385)), {
    code: "ERR_RANGE",
  });
});

test("options out of range are the caller's bug", () => {
  const bad: Partial<DtlsOptions>[] = [
    { maxDatagramBytes: 100 },
    { maxDatagramBytes: Number.NaN },
    { cipherSuites: [] },
    { cipherSuites: [0x1301] },
    { groups: [] },
    { maxRecords: 1 },
    { maxRecords: 2 ** 49 },
  ];
  for (const options of bad) assert.throws(() => endpoint(options), { code: "ERR_RANGE" });
});

test("before start nothing happens, whatever comes", () => {
  const lonely = endpoint();
  lonely.handleDatagram(new Uint8Array(100).fill(22), 0);
  lonely.handleTimeout(1_000_000);
  assert.equal(lonely.state, "new");
  assert.equal(lonely.pollTransmit(), undefined);
  assert.equal(lonely.pollEvent(), undefined);
  assert.equal(lonely.nextTimeoutAtMs, NEVER_AT_MS);
});

test("close says close_notify, which the peer answers; both end without a failure (RFC 5246 §7.2.1)", () => {
  const pair = new DtlsPair().connect();
  pair.client.endpoint.close(pair.nowMs);
  pair.drain();
  pair.run();
  for (const { events, endpoint: ended } of [pair.client, pair.server]) {
    assert.deepEqual(events.at(-1), { kind: "closed" });
    assert.equal(events.filter(({ kind }) => kind === "closed").length, 1);
    assert.equal(ended.state, "closed");
    assert.equal(ended.nextTimeoutAtMs, NEVER_AT_MS);
  }
  assert.equal(pair.server.sent.at(-1)?.[0], 21, "the answer is an alert");
});

test("after close nothing is sent, taken or told any more", () => {
  const pair = new DtlsPair().connect();
  const late = pair.server.endpoint.sealApplicationData(MESSAGE);
  pair.client.endpoint.close(pair.nowMs);
  pair.client.endpoint.close(pair.nowMs);
  pair.client.endpoint.handleDatagram(late, pair.nowMs);
  pair.client.endpoint.handleTimeout(1e9);
  pair.drain();
  assert.deepEqual(receivedBy(pair.client), []);
  assert.equal(pair.client.sent.length, 3, "two flights and one alert");
});

test("close before start, and in the middle of a handshake, ends at once", () => {
  const unborn = endpoint();
  unborn.close(0);
  assert.equal(unborn.pollTransmit(), undefined);
  assert.deepEqual(unborn.pollEvent(), { kind: "closed" });

  const pair = new DtlsPair().start();
  pair.client.endpoint.close(0);
  pair.drain();
  pair.run();
  assert.equal(pair.client.endpoint.state, "closed");
  assert.equal(pair.server.endpoint.state, "failed");
  assert.equal(eventOf(pair.server, "closed")?.failure?.code, "ERR_PEER_ABORTED");
});

test("the key log has the line that Wireshark reads, on both sides alike, and only if wanted", () => {
  const isKeyLogEnabled = true;
  const pair = new DtlsPair(
    {},
    { client: { isKeyLogEnabled }, server: { isKeyLogEnabled } },
  ).connect();
  const line = eventOf(pair.client, "keyLog")?.line;
  assert.match(line!, /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/);
  assert.equal(eventOf(pair.server, "keyLog")?.line, line);
  assert.equal(eventOf(new DtlsPair().connect().client, "keyLog"), undefined);
});

test("the logged secret is the one that keys are exported from (RFC 5705 §4)", () => {
  const pair = new DtlsPair({}, { client: { isKeyLogEnabled: true } }).connect();
  const [, clientRandom, secret] = eventOf(pair.client, "keyLog")!.line.split(" ");
  const serverRandom = pair.server.sent[0]!.subarray(13 + 12 + 2, 13 + 12 + 2 + 32);
  const seed = concatBytes([Buffer.from(clientRandom!, "hex"), serverRandom]);
  const expected = prf12(crypto, "sha-256", Buffer.from(secret!, "hex"), "l", seed, 40);
  assert.deepEqual(pair.client.endpoint.exportKeyingMaterial("l", undefined, 40), expected);
});

test("when the numbers of a key are used up the connection ends with that reason (RFC 6347 §4.1)", () => {
  const { client } = new DtlsPair({}, { client: { maxRecords: 10 } }).connect();
  let sealed = 0;
  assert.throws(
    () => {
      for (; sealed < 20; sealed++) client.endpoint.sealApplicationData(MESSAGE);
    },
    { code: "ERR_CLOSED" },
  );
  assert.equal(sealed, 9, "Finished took one");
  assert.equal(client.endpoint.state, "failed");
  const event = client.endpoint.pollEvent();
  assert.equal(event?.kind === "closed" && event.failure?.code, "ERR_LOCAL_RESOURCE");
});

test("a peer that never answers is given up after 30 s, with a reason to act on", () => {
  const pair = new DtlsPair({ lossRate: 1 }).connect();
  const failure = eventOf(pair.client, "closed")?.failure;
  assert.equal(failure?.code, "ERR_TIMED_OUT");
  assert.match(failure!.message, /never answered/);
  assert.equal(eventOf(pair.server, "closed")?.failure?.code, "ERR_TIMED_OUT");
  assert.equal(pair.nowMs, 30_000);
  assert.equal(pair.client.sent.length, 7);
});

test("the time for a handshake can be chosen", () => {
  const pair = new DtlsPair({ lossRate: 1 }, { client: { handshakeTimeoutMs: 5000 } }).start();
  pair.run(5000);
  assert.equal(pair.client.endpoint.state, "failed");
  assert.equal(pair.server.endpoint.state, "connecting");
});
