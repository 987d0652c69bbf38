import assert from "node:assert/strict";
import { test } from "vitest";
import {
  DtlsPair,
  eventOf,
  receivedBy,
  testCertificate,
  type Side,
} from "../../test/support/dtls-pair.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { CIPHER_SUITES } from "./cipher-suite.ts";
import { trafficKeys } from "./key-schedule-12.ts";
import { ALERT } from "./messages/alert.ts";
import { encodeHandshakeMessage, HANDSHAKE_TYPE } from "./messages/handshake-message.ts";
import {
  CONTENT_TYPE,
  findRecordEnd,
  RECORD_HEADER_BYTES,
  writeRecordHeader,
} from "./record/record-header.ts";
import { RecordOpener, RecordSealer } from "./record/record-protection.ts";

const crypto = createNodeCrypto();
const MESSAGE = Uint8Array.of(5);

function plainAlert(level: number, description: number): Uint8Array {
  const bytes = new Uint8Array(RECORD_HEADER_BYTES + 2);
  writeRecordHeader(bytes, CONTENT_TYPE.alert, 0xfefd, 0, 900, 2);
  bytes.set([level, description], RECORD_HEADER_BYTES);
  return bytes;
}

/** Cuts a datagram into its records. */
function recordsOf(datagram: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let offset = 0; offset < datagram.byteLength;) {
    const end = findRecordEnd(datagram, offset);
    records.push(datagram.subarray(offset, end));
    offset = end;
  }
  return records;
}

/** A connected pair, and the client's keys in the hands of the test: it can say what no endpoint would. */
function tappedPair(): {
  pair: DtlsPair;
  say: (type: number, payload: Uint8Array) => void;
  heard: () => string[];
} {
  const pair = new DtlsPair({}, { client: { isKeyLogEnabled: true } }).connect();
  const [, clientRandom, secret] = eventOf(pair.client, "keyLog")!.line.split(" ");
  const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
  const keys = trafficKeys(crypto, {
    suite: CIPHER_SUITES[0]!,
    secret: bytesOf(secret!),
    clientRandom: bytesOf(clientRandom!),
    serverRandom: pair.server.sent[0]!.subarray(27, 59),
  });
  const sealer = new RecordSealer(crypto, CIPHER_SUITES[0]!, keys.client, 1000);
  sealer.seal(CONTENT_TYPE.handshake, MESSAGE); // Finished has taken this number.
  const opener = new RecordOpener(crypto, CIPHER_SUITES[0]!, keys.server);
  const heardBefore = pair.server.sent.length;
  return {
    pair,
    say: (type, payload) => pair.inject(sealer.seal(type, payload), "client"),
    heard: () =>
      pair.server.sent
        .slice(heardBefore)
        .flatMap(recordsOf)
        .map((record) => {
          const plaintext = opener.open(record, 0, record.byteLength);
          return typeof plaintext === "string"
            ? plaintext
            : `${record[0]}: ${[...plaintext].join(" ")}`;
        }),
  };
}

function failureOf(side: Side): unknown {
  const failure = eventOf(side, "closed")?.failure;
  return failure && { code: failure.code, ...failure.detail };
}

test("a fatal alert ends an established connection, with its name (RFC 5246 §7.2.2)", () => {
  const { pair, say, heard } = tappedPair();
  say(CONTENT_TYPE.alert, Uint8Array.of(2, ALERT.internal_error));
  assert.deepEqual(failureOf(pair.server), { code: "ERR_PEER_ABORTED", receivedAlert: 80 });
  assert.match(eventOf(pair.server, "closed")!.failure!.message, /internal_error \(80\)/);
  assert.deepEqual(heard(), [], "it is not answered");
});

test("close_notify is answered once, and is no failure (RFC 5246 §7.2.1)", () => {
  const { pair, say, heard } = tappedPair();
  say(CONTENT_TYPE.alert, Uint8Array.of(1, ALERT.close_notify));
  say(CONTENT_TYPE.alert, Uint8Array.of(1, ALERT.close_notify));
  assert.deepEqual(heard(), ["21: 1 0"]);
  assert.deepEqual(pair.server.events.at(-1), { kind: "closed" });
});

test("data behind close_notify is not delivered (RFC 5246 §7.2.1)", () => {
  const { pair, say } = tappedPair();
  say(CONTENT_TYPE.alert, Uint8Array.of(1, ALERT.close_notify));
  say(CONTENT_TYPE.applicationData, MESSAGE);
  assert.deepEqual(receivedBy(pair.server), []);
});

test("warnings and malformed alerts are counted (RFC 5246 §7.2)", () => {
  const { pair, say } = tappedPair();
  say(CONTENT_TYPE.alert, Uint8Array.of(1, ALERT.user_canceled));
  say(CONTENT_TYPE.alert, Uint8Array.of(1, ALERT.no_renegotiation));
  say(CONTENT_TYPE.alert, Uint8Array.of(2));
  say(CONTENT_TYPE.alert, Uint8Array.of(9, 9));
  assert.equal(pair.server.endpoint.state, "connected");
  assert.equal(pair.server.endpoint.stats.ignoredAlerts, 2);
  assert.equal(pair.server.endpoint.stats.malformedRecords, 2);
});

test("a new handshake on an established connection is refused once, and nothing else happens (RFC 5746 §4.5)", () => {
  const { pair, say, heard } = tappedPair();
  for (const type of [
    HANDSHAKE_TYPE.clientHello,
    HANDSHAKE_TYPE.helloRequest,
    HANDSHAKE_TYPE.clientHello,
  ]) {
    say(CONTENT_TYPE.handshake, encodeHandshakeMessage(type, 4, new Uint8Array(50)));
  }
  assert.deepEqual(heard(), [`21: 1 ${ALERT.no_renegotiation}`]);
  assert.equal(pair.server.endpoint.stats.refusedMessages, 3);
  say(CONTENT_TYPE.applicationData, MESSAGE);
  assert.deepEqual(receivedBy(pair.server), [MESSAGE]);
});

test("a repeated Finished is answered with the last flight, at most every 50 ms (RFC 6347 §4.2.4)", () => {
  const { pair, say, heard } = tappedPair();
  const finished = encodeHandshakeMessage(HANDSHAKE_TYPE.finished, 4, new Uint8Array(12));
  pair.nowMs += 1000;
  say(CONTENT_TYPE.handshake, finished);
  say(CONTENT_TYPE.handshake, finished);
  assert.equal(heard().length, 2, "ChangeCipherSpec and Finished");
  pair.nowMs += 50;
  say(CONTENT_TYPE.handshake, finished);
  assert.equal(heard().length, 4);
});

test("other protected records are counted, and nothing more", () => {
  const { pair, say } = tappedPair();
  say(CONTENT_TYPE.changeCipherSpec, Uint8Array.of(1));
  say(CONTENT_TYPE.handshake, new Uint8Array(0));
  say(CONTENT_TYPE.handshake, new Uint8Array(40).fill(0xff));
  say(CONTENT_TYPE.applicationData, MESSAGE);
  assert.equal(pair.server.endpoint.stats.strayRecords, 1);
  assert.equal(pair.server.endpoint.stats.refusedMessages, 2);
  assert.deepEqual(receivedBy(pair.server), [MESSAGE]);
});

test("a fatal alert before there are keys ends the handshake with its name, but only after 2 s without progress: it may be forged (RFC 5246 §7.2.2, RFC 6347 §4.1.2.7)", () => {
  for (const from of ["client", "server"] as const) {
    const pair = new DtlsPair();
    pair.tap = () => [];
    pair.start();
    pair.inject(plainAlert(2, ALERT.handshake_failure), from);
    const side = from === "client" ? pair.server : pair.client;
    pair.run(1_999);
    assert.equal(side.endpoint.state, "connecting");
    pair.run(2_000);
    assert.deepEqual(failureOf(side), { code: "ERR_PEER_ABORTED", receivedAlert: 40 });
  }
});

test("a forged fatal alert or close_notify before there are keys does not end a handshake that goes on (RFC 6347 §4.1.2.7)", () => {
  for (const from of ["client", "server"] as const) {
    for (const alert of [
      plainAlert(2, ALERT.handshake_failure),
      plainAlert(1, ALERT.close_notify),
    ]) {
      const pair = new DtlsPair().start();
      pair.inject(alert, from);
      pair.run(60_000, () => pair.client.endpoint.state !== "connecting");
      assert.equal(pair.client.endpoint.state, "connected");
    }
  }
});

test("a warning before there are keys changes nothing", () => {
  const pair = new DtlsPair().start();
  pair.inject(plainAlert(1, ALERT.user_canceled), "server");
  pair.inject(plainAlert(1, ALERT.no_renegotiation), "client");
  pair.run(1000);
  assert.equal(pair.client.endpoint.state, "connected");
  assert.equal(pair.client.endpoint.stats.ignoredAlerts, 1);
});

test("a plain fatal alert after the keys are there counts only if the handshake stops (it may be forged)", () => {
  const forged = new DtlsPair().start();
  forged.run(20); // The client has sent its second flight and holds keys.
  forged.inject(plainAlert(2, ALERT.handshake_failure), "server");
  assert.equal(forged.client.endpoint.state, "connecting");
  forged.run(1000);
  assert.equal(forged.client.endpoint.state, "connected");

  const meant = new DtlsPair().start();
  meant.run(20);
  meant.tap = () => [];
  meant.inject(plainAlert(2, ALERT.handshake_failure), "server");
  meant.run(2019);
  assert.equal(meant.client.endpoint.state, "connecting");
  meant.run(2020);
  assert.deepEqual(failureOf(meant.client), { code: "ERR_PEER_ABORTED", receivedAlert: 40 });
});

test("our own alert goes out in the epoch in which the peer listens (RFC 5246 §7.2)", () => {
  const promised = testCertificate("somebody else").fingerprints;
  const { server } = new DtlsPair({}, { server: { remoteFingerprints: promised } }).connect();
  const alert = server.sent.at(-1)!;
  assert.deepEqual([...alert.subarray(0, 5)], [21, 0xfe, 0xfd, 0, 0]);
  assert.deepEqual([...alert.subarray(-2)], [2, ALERT.bad_certificate]);
});
