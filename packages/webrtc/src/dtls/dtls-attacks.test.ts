import assert from "node:assert/strict";
import { test } from "vitest";
import {
  DtlsPair,
  eventOf,
  receivedBy,
  testCertificate,
  type Tap,
} from "../../test/support/dtls-pair.ts";
import { writeUint16 } from "../base/bytes.ts";
import { SeededRandom } from "../base/random.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { CIPHER_SUITES } from "./cipher-suite.ts";
import type { DtlsStats } from "./dtls-endpoint.ts";
import { EXTENSION } from "./extensions/extension.ts";
import { encodeNumberList } from "./extensions/number-list.ts";
import { clientExtensions } from "./handshakes/hello-negotiation.ts";
import { ALERT } from "./messages/alert.ts";
import { decodeClientHello, encodeClientHello, type ClientHello } from "./messages/client-hello.ts";
import {
  encodeHandshakeMessage,
  HANDSHAKE_HEADER_BYTES,
  HANDSHAKE_TYPE,
  writeHandshakeHeader,
} from "./messages/handshake-message.ts";
import { encodeHelloVerifyRequest } from "./messages/hello-verify-request.ts";
import { GROUPS } from "./named-group.ts";
import { CONTENT_TYPE, RECORD_HEADER_BYTES, writeRecordHeader } from "./record/record-header.ts";

const MESSAGE = Uint8Array.of(1, 2, 3);

function record(type: number, payload: Uint8Array, epoch = 0, sequence = 500): Uint8Array {
  const bytes = new Uint8Array(RECORD_HEADER_BYTES + payload.byteLength);
  writeRecordHeader(bytes, type, 0xfefd, epoch, sequence, payload.byteLength);
  bytes.set(payload, RECORD_HEADER_BYTES);
  return bytes;
}

function handshakeRecord(type: number, sequence: number, body: Uint8Array): Uint8Array {
  return record(CONTENT_TYPE.handshake, encodeHandshakeMessage(type, sequence, body));
}

function anyHello(changes: Partial<ClientHello> = {}): ClientHello {
  return {
    version: 0xfefd,
    random: new Uint8Array(32).fill(7),
    sessionId: new Uint8Array(0),
    cookie: new Uint8Array(0),
    cipherSuites: [0xc02b],
    compressionMethods: new Uint8Array(1),
    extensions: clientExtensions({
      crypto: createNodeCrypto(),
      certificate: testCertificate("client"),
      remoteFingerprints: [],
      cipherSuites: CIPHER_SUITES,
      groups: GROUPS,
      srtpProfiles: [],
      isCookieExchangeRequired: false,
    }),
    ...changes,
  };
}

function clientHelloRecord(hello: ClientHello): Uint8Array {
  return handshakeRecord(HANDSHAKE_TYPE.clientHello, 0, encodeClientHello(hello));
}

/** Checks that data passes both ways. */
function assertAlive(pair: DtlsPair): void {
  pair.inject(pair.client.endpoint.sealApplicationData(MESSAGE), "client");
  pair.inject(pair.server.endpoint.sealApplicationData(MESSAGE), "server");
  assert.deepEqual(receivedBy(pair.server).at(-1), MESSAGE);
  assert.deepEqual(receivedBy(pair.client).at(-1), MESSAGE);
}

function grown(before: DtlsStats, after: DtlsStats): Partial<DtlsStats> {
  const changed = Object.entries(after).filter(
    ([name, count]) => count !== before[name as keyof DtlsStats],
  );
  return Object.fromEntries(
    changed.map(([name, count]) => [name, count - before[name as keyof DtlsStats]]),
  );
}

for (const deceived of ["client", "server"] as const) {
  test(`a ${deceived} that was promised another certificate fails before anything passes (RFC 8122 §5)`, () => {
    const promised = testCertificate("somebody else").fingerprints;
    const pair = new DtlsPair({}, { [deceived]: { remoteFingerprints: promised } }).connect();
    const [victim, impostor] =
      deceived === "client" ? [pair.client, pair.server] : [pair.server, pair.client];
    const failure = eventOf(victim, "closed")?.failure;
    assert.equal(failure?.code, "ERR_FINGERPRINT_MISMATCH");
    assert.equal(failure?.detail.sentAlert, ALERT.bad_certificate);
    assert.ok(failure?.message.includes(promised[0]!.value));
    assert.deepEqual(
      victim.events.map(({ kind }) => kind),
      ["closed"],
    );
    const theirs = eventOf(impostor, "closed")?.failure;
    assert.equal(theirs?.code, "ERR_PEER_ABORTED");
    assert.equal(theirs?.detail.receivedAlert, ALERT.bad_certificate);
  });
}

test("without a usable fingerprint nobody is let in (RFC 8827 §5)", () => {
  for (const remoteFingerprints of [[], [{ algorithm: "md5", value: "AB" }]]) {
    const { server } = new DtlsPair({}, { server: { remoteFingerprints } }).connect();
    assert.equal(eventOf(server, "closed")?.failure?.code, "ERR_FINGERPRINT_MISMATCH");
  }
});

test("a certificate whose key the peer does not hold does not help (RFC 5246 §7.4.3, §7.4.8)", () => {
  for (const thief of ["client", "server"] as const) {
    const own = testCertificate("thief");
    const stolen = testCertificate(thief);
    const certificate = Object.create(own, { chain: { value: stolen.chain } });
    // Reads of private fields need the real object.
    Object.defineProperty(certificate, "sign", { value: own.sign.bind(own) });
    Object.defineProperty(certificate, "signatureNames", { value: own.signatureNames });
    const pair = new DtlsPair({}, { [thief]: { certificate } }).connect();
    const victim = thief === "client" ? pair.server : pair.client;
    const failure = eventOf(victim, "closed")?.failure;
    assert.equal(failure?.code, "ERR_HANDSHAKE_FAILED");
    assert.equal(failure?.detail.sentAlert, ALERT.decrypt_error);
    assert.equal(eventOf(victim, "connected"), undefined);
  }
});

test("a handshake that was changed on the way does not complete (RFC 5246 §7.4.9)", () => {
  // A profile is taken out of the client's offer: both sides agree, on different transcripts.
  const options = { client: { srtpProfiles: [7, 1] }, server: { srtpProfiles: [7, 1] } };
  const pair = new DtlsPair({}, options);
  pair.tap = (bytes, from) => {
    const body = bytes.slice(RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES);
    if (from === "server" || bytes[RECORD_HEADER_BYTES] !== HANDSHAKE_TYPE.clientHello)
      return [bytes];
    const hello = decodeClientHello(body);
    const extensions = new Map([
      ...hello.extensions,
      [EXTENSION.useSrtp, Uint8Array.of(0, 2, 0, 1, 0)],
    ]);
    return [clientHelloRecord({ ...hello, extensions: extensions as Map<number, Uint8Array> })];
  };
  pair.connect();
  assert.equal(eventOf(pair.server, "connected"), undefined);
  assert.equal(eventOf(pair.client, "connected"), undefined);
  assert.equal(eventOf(pair.server, "closed")?.failure?.detail.sentAlert, ALERT.decrypt_error);
});

test("records are taken once, and forged ones never (RFC 6347 §4.1.2.6)", () => {
  const pair = new DtlsPair().connect();
  const sealed = pair.client.endpoint.sealApplicationData(MESSAGE);
  const forged = sealed.slice();
  forged[20]! ^= 1;
  const before = pair.server.endpoint.stats;
  for (const bytes of [forged, sealed, sealed, forged]) pair.inject(bytes, "client");
  assert.deepEqual(receivedBy(pair.server), [MESSAGE]);
  assert.deepEqual(grown(before, pair.server.endpoint.stats), {
    unauthenticatedRecords: 1,
    replayedRecords: 2,
  });
  assertAlive(pair);
});

test("records that are reflected to their sender are not taken", () => {
  const pair = new DtlsPair().connect();
  const sealed = pair.client.endpoint.sealApplicationData(MESSAGE);
  pair.inject(sealed, "server");
  assert.deepEqual(receivedBy(pair.client), []);
  assert.equal(pair.client.endpoint.stats.unauthenticatedRecords, 1);
});

test("application data without protection is never taken, before, during and after (RFC 6347 §4.1)", () => {
  const pair = new DtlsPair();
  const plain = record(CONTENT_TYPE.applicationData, MESSAGE);
  pair.tap = (bytes) => [plain, bytes, plain];
  pair.connect();
  pair.inject(plain, "client");
  assert.deepEqual(receivedBy(pair.server), []);
  assert.ok(pair.server.endpoint.stats.strayRecords >= 5);
  pair.tap = (bytes) => [bytes];
  assertAlive(pair);
});

test("no plain record, of whatever type, ends or moves an established connection", () => {
  const pair = new DtlsPair().connect();
  const before = [pair.client, pair.server].map((side) => side.events.length);
  for (const from of ["client", "server"] as const) {
    for (const description of Object.values(ALERT)) {
      for (const level of [1, 2]) {
        pair.inject(record(CONTENT_TYPE.alert, Uint8Array.of(level, description)), from);
      }
    }
    for (const type of Object.values(HANDSHAKE_TYPE)) {
      for (let sequence = 0; sequence < 8; sequence++) {
        pair.inject(handshakeRecord(type, sequence, new Uint8Array(12)), from);
      }
    }
    pair.inject(record(CONTENT_TYPE.changeCipherSpec, Uint8Array.of(1)), from);
    pair.inject(clientHelloRecord(anyHello()), from);
  }
  assert.deepEqual(
    [pair.client, pair.server].map((side) => side.events.length),
    before,
  );
  assert.equal(pair.client.endpoint.stats.ignoredAlerts, 2 * Object.values(ALERT).length);
  assertAlive(pair);
});

test("noise is counted and dropped, at any time", () => {
  const random = new SeededRandom(3);
  const pair = new DtlsPair();
  pair.tap = (bytes) => [random.bytes(random.uint32() % 300), bytes, random.bytes(40)];
  pair.connect();
  pair.inject(new Uint8Array(0), "client");
  pair.inject(record(CONTENT_TYPE.handshake, MESSAGE, 2), "client");
  pair.inject(record(CONTENT_TYPE.handshake, MESSAGE, 65_535), "client");
  assert.ok(pair.server.endpoint.stats.malformedRecords >= 4);
  assert.equal(pair.server.endpoint.stats.strayRecords, 2);
  pair.tap = (bytes) => [bytes];
  assertAlive(pair);
});

test("a stranger's hello that is refused does not keep out the true one (CVE-2023-51443)", () => {
  const bad: readonly ClientHello[] = [
    anyHello({ cipherSuites: [0x002f] }),
    anyHello({ version: 0xfeff }),
    anyHello({ extensions: new Map() }),
    anyHello({ compressionMethods: Uint8Array.of(1) }),
    anyHello({ extensions: new Map([[EXTENSION.extendedMasterSecret, new Uint8Array(1)]]) }),
  ];
  for (const hello of bad) {
    const pair = new DtlsPair();
    pair.server.endpoint.start(0);
    pair.inject(clientHelloRecord(hello), "client");
    assert.equal(pair.server.endpoint.state, "connecting");
    assert.equal(pair.server.sent.length, 0, "not even an alert that the true peer could see");
    pair.client.endpoint.start(0);
    pair.drain();
    pair.run(10_000);
    assert.equal(pair.server.endpoint.stats.refusedMessages, 1);
    assertAlive(pair);
  }
});

test("a peer that is refused is told after 2 s, when no better hello came", () => {
  const pair = new DtlsPair();
  pair.server.endpoint.start(0);
  pair.inject(clientHelloRecord(anyHello({ cipherSuites: [0x002f] })), "client");
  pair.run(1999);
  assert.equal(pair.server.endpoint.state, "connecting");
  pair.run(2000);
  assert.equal(pair.server.endpoint.state, "failed");
  assert.equal(eventOf(pair.server, "closed")?.failure?.detail.sentAlert, ALERT.handshake_failure);
  assert.deepEqual([...pair.server.sent[0]!.subarray(-2)], [2, ALERT.handshake_failure]);
});

test("malformed messages in every place do not end a handshake, and are named if it fails for them", () => {
  const pair = new DtlsPair();
  const noise = (sequence: number): Uint8Array[] =>
    Object.values(HANDSHAKE_TYPE).map((type) => handshakeRecord(type, sequence, new Uint8Array(2)));
  const junk: Tap = (bytes) => [...[0, 1, 2, 3].flatMap(noise), bytes];
  pair.tap = junk;
  pair.connect();
  assert.equal(pair.client.endpoint.state, "connected");
  assert.equal(pair.server.endpoint.state, "connected");

  const alone = new DtlsPair();
  alone.server.endpoint.start(0);
  alone.inject(handshakeRecord(HANDSHAKE_TYPE.clientHello, 0, new Uint8Array(2)), "client");
  alone.run();
  const failure = eventOf(alone.server, "closed")?.failure;
  assert.equal(failure?.code, "ERR_TIMED_OUT");
  assert.match(failure!.message, /RFC 6347 §4\.2\.1/);
});

test("fragments with forged lengths, offsets and contents heal when the peer repeats (RFC 6347 §4.2.3)", () => {
  const pair = new DtlsPair();
  let isFirst = true;
  pair.tap = (bytes, from) => {
    if (from === "server" || !isFirst) return [bytes];
    isFirst = false;
    const payload = new Uint8Array(HANDSHAKE_HEADER_BYTES + 10).fill(0xee);
    const header = { type: HANDSHAKE_TYPE.clientHello, messageBytes: 60_000, sequence: 0 };
    writeHandshakeHeader(payload, { ...header, fragmentOffset: 100, fragmentBytes: 10 });
    return [record(CONTENT_TYPE.handshake, payload), bytes];
  };
  pair.connect();
  assertAlive(pair);
});

test("a flood of fragments takes bounded memory and does not stop a handshake", () => {
  const pair = new DtlsPair();
  pair.server.endpoint.start(0);
  const payload = new Uint8Array(HANDSHAKE_HEADER_BYTES + 1);
  for (let index = 0; index < 3000; index++) {
    writeHandshakeHeader(payload, {
      type: HANDSHAKE_TYPE.certificate,
      messageBytes: 1 + ((index * 7919) % 65_000),
      sequence: index % 12,
      fragmentOffset: 0,
      fragmentBytes: 1,
    });
    pair.server.endpoint.handleDatagram(record(CONTENT_TYPE.handshake, payload), 0);
  }
  pair.client.endpoint.start(0);
  pair.drain();
  pair.run(10_000);
  assertAlive(pair);
});

test("protected records that come before their keys are kept up to a bound", () => {
  const pair = new DtlsPair();
  pair.server.endpoint.start(0);
  for (let index = 0; index < 100; index++) {
    pair.inject(record(CONTENT_TYPE.applicationData, new Uint8Array(60), 1, index + 1), "client");
  }
  assert.equal(pair.server.endpoint.stats.overflowedRecords, 84);
  pair.client.endpoint.start(0);
  pair.drain();
  pair.run(10_000);
  assert.equal(pair.server.endpoint.stats.unauthenticatedRecords, 16);
  assertAlive(pair);
});

test("a cookie of another hello is answered with a new cookie, not with a handshake (RFC 6347 §4.2.1)", () => {
  const pair = new DtlsPair({}, { server: { isCookieExchangeRequired: true } });
  pair.server.endpoint.start(0);
  for (let sequence = 0; sequence < 5; sequence++) {
    const hello = encodeClientHello(anyHello({ cookie: new Uint8Array(32).fill(sequence) }));
    pair.inject(handshakeRecord(HANDSHAKE_TYPE.clientHello, sequence, hello), "client");
    const answer = pair.server.sent[sequence]!;
    assert.equal(answer[RECORD_HEADER_BYTES], HANDSHAKE_TYPE.helloVerifyRequest);
    assert.ok(answer.byteLength < 80, "far smaller than the question");
  }
});

test("a server that keeps asking for cookies is left alone after three (RFC 6347 §4.2.1)", () => {
  const pair = new DtlsPair();
  pair.client.endpoint.start(0);
  pair.drain();
  for (let sequence = 0; sequence < 10; sequence++) {
    const body = encodeHelloVerifyRequest(Uint8Array.of(sequence));
    pair.inject(handshakeRecord(HANDSHAKE_TYPE.helloVerifyRequest, sequence, body), "server");
  }
  assert.equal(pair.client.sent.length, 4);
  assert.equal(pair.client.endpoint.state, "connecting");
});

test("one question is answered with one flight, however often it is repeated at once (amplification)", () => {
  const pair = new DtlsPair();
  pair.server.endpoint.start(0);
  const hello = clientHelloRecord(anyHello());
  for (let index = 0; index < 100; index++) pair.inject(hello, "client");
  assert.equal(pair.server.sent.length, 1);
});

test("a ClientHello as browsers send it with DTLS 1.3 and a post-quantum key is answered with 1.2 (RFC 8446 §4.2.1)", () => {
  const extensions = new Map(anyHello().extensions);
  const keyShare = new Uint8Array(2 + 4 + 1216);
  writeUint16(keyShare, 0, 4 + 1216);
  writeUint16(keyShare, 2, 0x11ec); // X25519MLKEM768
  writeUint16(keyShare, 4, 1216);
  extensions.set(43, Uint8Array.of(4, 0xfe, 0xfc, 0xfe, 0xfd));
  extensions.set(51, keyShare);
  extensions.set(45, Uint8Array.of(1, 1));
  extensions.set(EXTENSION.supportedGroups, encodeNumberList([0x11ec, 0x1d, 0x17, 0x18]));
  const hello = encodeClientHello(
    anyHello({ cipherSuites: [0x1301, 0x1302, 0xc02b, 0xc02f], extensions }),
  );
  for (const sizes of [[1100], [700, 100], [50]]) {
    const pair = new DtlsPair();
    pair.server.endpoint.start(0);
    const datagrams: Uint8Array[] = [];
    for (let offset = 0, index = 0; offset < hello.byteLength; index++) {
      const fragment = hello.subarray(offset, offset + sizes[index % sizes.length]!);
      const payload = new Uint8Array(HANDSHAKE_HEADER_BYTES + fragment.byteLength);
      writeHandshakeHeader(payload, {
        type: HANDSHAKE_TYPE.clientHello,
        messageBytes: hello.byteLength,
        sequence: 0,
        fragmentOffset: offset,
        fragmentBytes: fragment.byteLength,
      });
      payload.set(fragment, HANDSHAKE_HEADER_BYTES);
      datagrams.push(record(CONTENT_TYPE.handshake, payload, 0, index));
      offset += fragment.byteLength;
    }
    for (const bytes of datagrams.toReversed()) pair.inject(bytes, "client");
    const answer = pair.server.sent[0]!;
    assert.equal(answer[RECORD_HEADER_BYTES], HANDSHAKE_TYPE.serverHello);
    const body = RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES;
    assert.deepEqual([...answer.subarray(body, body + 2)], [0xfe, 0xfd]);
  }
});
