import assert from "node:assert/strict";
import { test } from "vitest";
import { testCertificate } from "../../../test/support/dtls-pair.ts";
import { concatBytes } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { createNodeCrypto } from "../../crypto/node-crypto.ts";
import { CIPHER_SUITES } from "../cipher-suite.ts";
import type { FlightItem } from "../flight.ts";
import { ALERT } from "../messages/alert.ts";
import { encodeCertificateMessage } from "../messages/certificate-message.ts";
import { encodeCertificateRequest } from "../messages/certificate-request.ts";
import {
  encodeHandshakeMessage,
  HANDSHAKE_HEADER_BYTES,
  HANDSHAKE_TYPE,
  type HandshakeMessage,
} from "../messages/handshake-message.ts";
import {
  ecdhParameters,
  encodeClientKeyExchange,
  encodeServerKeyExchange,
} from "../messages/key-exchange.ts";
import { GROUPS } from "../named-group.ts";
import { PROTECTED_EPOCH } from "../record/record-protection.ts";
import { signatureCode } from "../signature-scheme.ts";
import { ClientHandshake12 } from "./client-handshake-12.ts";
import type { Handshake, HandshakeConfig, HandshakeStep } from "./handshake.ts";
import { ServerHandshake12 } from "./server-handshake-12.ts";

const crypto = createNodeCrypto();

function configOf(
  us: string,
  peer: string,
  changes: Partial<HandshakeConfig> = {},
): HandshakeConfig {
  return {
    crypto,
    certificate: testCertificate(us),
    remoteFingerprints: testCertificate(peer).fingerprints,
    cipherSuites: CIPHER_SUITES,
    groups: GROUPS,
    srtpProfiles: [],
    isCookieExchangeRequired: false,
    ...changes,
  };
}

function messagesOf(items: readonly FlightItem[] = []): HandshakeMessage[] {
  return items.flatMap((item) => (item.kind === "message" ? [parse(item.bytes)] : []));
}

function parse(bytes: Uint8Array): HandshakeMessage {
  const body = bytes.subarray(HANDSHAKE_HEADER_BYTES);
  return { type: bytes[0]!, sequence: bytes[5]!, bytes, body };
}

function message(type: number, body: Uint8Array): HandshakeMessage {
  return parse(encodeHandshakeMessage(type, 0, body));
}

/** Feeds all messages; gives back what the last one led to. */
function feed(handshake: Handshake, messages: readonly HandshakeMessage[]): HandshakeStep {
  let step: HandshakeStep = {};
  for (const item of messages) step = handshake.handleMessage(item);
  return step;
}

/** A client and the five messages of a server that answered its hello. */
function answeredClient(changes: Partial<HandshakeConfig> = {}): {
  client: ClientHandshake12;
  server: ServerHandshake12;
  flight: HandshakeMessage[];
} {
  const client = new ClientHandshake12(configOf("client", "server", changes));
  const server = new ServerHandshake12(configOf("server", "client"));
  const hello = messagesOf(client.start().flight?.items);
  const flight = messagesOf(feed(server, hello).flight?.items);
  return { client, server, flight };
}

function refusedWith(alert: number): { detail: { sentAlert: number } } {
  return { detail: { sentAlert: alert } };
}

test("the messages of a full handshake are those of RFC 5246 §7.3, in its order", () => {
  const { client, server, flight } = answeredClient();
  assert.deepEqual(
    flight.map(({ type }) => type),
    [2, 11, 12, 13, 14],
  );
  const fifth = feed(client, flight);
  assert.deepEqual(
    fifth.flight?.items.map((item) => (item.kind === "message" ? item.bytes[0] : "ccs")),
    [11, 16, 15, "ccs", 20],
  );
  assert.ok(fifth.keys);
  const sixth = feed(server, messagesOf(fifth.flight?.items));
  assert.deepEqual(
    sixth.flight?.items.map((item) => (item.kind === "message" ? item.epoch : "ccs")),
    ["ccs", PROTECTED_EPOCH],
  );
  const last = feed(client, messagesOf(sixth.flight?.items));
  assert.equal(last.result?.group, sixth.result?.group);
  assert.equal(last.flight, undefined, "the server has the last word");
});

test("both sides derive the same keys, crosswise (RFC 5246 §6.3)", () => {
  const { client, server, flight } = answeredClient();
  const fifth = feed(client, flight);
  const [certificate, keyExchange] = messagesOf(fifth.flight?.items);
  const atServer = feed(server, [certificate!, keyExchange!]).keys;
  assert.deepEqual(atServer?.read, fifth.keys?.write);
  assert.deepEqual(atServer?.write, fifth.keys?.read);
  assert.deepEqual(atServer?.master.secret, fifth.keys?.master.secret);
});

test("the hellos are over once they have been exchanged", () => {
  const { client, server, flight } = answeredClient();
  assert.ok(client.isAwaitingHello);
  assert.ok(!server.isAwaitingHello);
  client.handleMessage(flight[0]!);
  assert.ok(!client.isAwaitingHello);
});

test("a message out of its place is line noise at every step, and changes nothing (RFC 5246 §7.3)", () => {
  const { client, server, flight } = answeredClient();
  const isInPlace = (due: HandshakeMessage, type: number): boolean =>
    due.type === type ||
    (due.type === HANDSHAKE_TYPE.certificateRequest && type === HANDSHAKE_TYPE.serverHelloDone) ||
    (due.type === HANDSHAKE_TYPE.serverHello && type === HANDSHAKE_TYPE.helloVerifyRequest);
  const walk = (handshake: Handshake, messages: readonly HandshakeMessage[]): HandshakeStep => {
    let step: HandshakeStep = {};
    for (const due of messages) {
      for (const type of Object.values(HANDSHAKE_TYPE)) {
        if (isInPlace(due, type)) continue;
        assert.throws(
          () => handshake.handleMessage(message(type, new Uint8Array(0))),
          WireFormatError,
        );
      }
      step = handshake.handleMessage(due);
    }
    return step;
  };
  const fifth = walk(client, flight);
  const sixth = walk(server, messagesOf(fifth.flight?.items));
  assert.ok(walk(client, messagesOf(sixth.flight?.items)).result);
  const again = message(HANDSHAKE_TYPE.finished, new Uint8Array(12));
  assert.throws(() => client.handleMessage(again), WireFormatError);
  assert.throws(() => server.handleMessage(again), WireFormatError);
});

test("a message whose body does not parse is line noise at every step, and changes nothing", () => {
  const { client, server, flight } = answeredClient();
  const walk = (handshake: Handshake, messages: readonly HandshakeMessage[]): HandshakeStep => {
    let step: HandshakeStep = {};
    for (const due of messages) {
      const longer = message(due.type, concatBytes([due.body, Uint8Array.of(0)]));
      if (due.type !== HANDSHAKE_TYPE.finished) {
        assert.throws(() => handshake.handleMessage(longer), WireFormatError);
      }
      step = handshake.handleMessage(due);
    }
    return step;
  };
  const fifth = walk(client, flight);
  assert.ok(walk(server, messagesOf(fifth.flight?.items)).result);
});

test("a Finished of another transcript or length is refused (RFC 5246 §7.4.9)", () => {
  const { client, server, flight } = answeredClient();
  const fifth = messagesOf(feed(client, flight).flight?.items);
  feed(server, fifth.slice(0, -1));
  const bad = [
    new Uint8Array(12),
    new Uint8Array(0),
    concatBytes([fifth.at(-1)!.body, new Uint8Array(1)]),
  ];
  for (const body of bad) {
    for (const side of [client, server]) {
      assert.throws(
        () => side.handleMessage(message(HANDSHAKE_TYPE.finished, body)),
        refusedWith(ALERT.decrypt_error),
      );
    }
  }
  assert.ok(server.handleMessage(fifth.at(-1)!).result, "a refused one has changed nothing");
});

test("a server that does not ask for our certificate is refused: it cannot know us (RFC 8827 §6.5)", () => {
  const { client, flight } = answeredClient();
  feed(client, flight.slice(0, 3));
  assert.throws(() => client.handleMessage(flight[4]!), refusedWith(ALERT.handshake_failure));
});

test("a client without a certificate is refused (RFC 8827 §6.5)", () => {
  const { server } = answeredClient();
  const empty = message(HANDSHAKE_TYPE.certificate, encodeCertificateMessage([]));
  assert.throws(() => server.handleMessage(empty), refusedWith(ALERT.handshake_failure));
});

test("a server that cannot verify our kind of signature is refused (RFC 5246 §7.4.4)", () => {
  const { client, flight } = answeredClient();
  feed(client, flight.slice(0, 3));
  const request = encodeCertificateRequest({
    signatureSchemes: [signatureCode("rsa-pkcs1-sha256")],
  });
  assert.throws(
    () => client.handleMessage(message(HANDSHAKE_TYPE.certificateRequest, request)),
    refusedWith(ALERT.handshake_failure),
  );
});

test("a server certificate that does not fit its suite is refused (RFC 8422 §5.3)", () => {
  const rsa = testCertificate("rsa server", "rsa");
  const { client, flight } = answeredClient({ remoteFingerprints: rsa.fingerprints });
  client.handleMessage(flight[0]!);
  const body = encodeCertificateMessage(rsa.chain);
  assert.throws(
    () => client.handleMessage(message(HANDSHAKE_TYPE.certificate, body)),
    refusedWith(ALERT.illegal_parameter),
  );
});

test("a signed key that is no point of its group is the server's fault (RFC 8422 §5.10)", () => {
  const { client, flight } = answeredClient();
  const hello = flight[0]!;
  const sent = new ClientHandshake12(configOf("client", "server"));
  const clientHello = messagesOf(sent.start().flight?.items)[0]!;
  feed(sent, [hello, flight[1]!]);
  const group = 0x0017;
  const publicKey = new Uint8Array(65).fill(4);
  const randoms = [clientHello.body.subarray(2, 34), hello.body.subarray(2, 34)];
  const covered = concatBytes([...randoms, ecdhParameters(group, publicKey)]);
  const signature = testCertificate("server").sign("ecdsa-sha256", covered);
  const signed = { scheme: signatureCode("ecdsa-sha256"), signature };
  const body = encodeServerKeyExchange({ group, publicKey, signed });
  feed(sent, [message(HANDSHAKE_TYPE.serverKeyExchange, body), flight[3]!]);
  assert.throws(() => sent.handleMessage(flight[4]!), refusedWith(ALERT.illegal_parameter));
  assert.ok(client.isAwaitingHello);
});

test("a client key that is no point of the group is line noise: nobody has signed it (RFC 8422 §5.11)", () => {
  const { client, server, flight } = answeredClient();
  const fifth = messagesOf(feed(client, flight).flight?.items);
  server.handleMessage(fifth[0]!);
  const zero = message(
    HANDSHAKE_TYPE.clientKeyExchange,
    encodeClientKeyExchange(new Uint8Array(32)),
  );
  assert.throws(() => server.handleMessage(zero), WireFormatError);
  assert.ok(feed(server, fifth.slice(1)).result, "the true one still works");
});

test("a key of the server over other randoms is refused: it was signed for somebody else (RFC 8422 §5.4)", () => {
  const first = answeredClient();
  const second = answeredClient();
  feed(first.client, first.flight.slice(0, 2));
  assert.throws(
    () => first.client.handleMessage(second.flight[2]!),
    refusedWith(ALERT.decrypt_error),
  );
});

test("with a cookie the transcript begins with the second hello (RFC 6347 §4.2.1)", () => {
  const client = new ClientHandshake12(configOf("client", "server"));
  const server = new ServerHandshake12(
    configOf("server", "client", { isCookieExchangeRequired: true }),
  );
  const [first] = messagesOf(client.start().flight?.items);
  const request = server.handleMessage(first!).flight;
  assert.equal(request?.isRepeatedOnTimeout, false, "stateless: only the client repeats");
  assert.ok(server.isAwaitingHello);
  const [second] = messagesOf(feed(client, messagesOf(request?.items)).flight?.items);
  assert.deepEqual(second?.body.subarray(2, 34), first?.body.subarray(2, 34), "the random stays");
  assert.equal(second?.sequence, 1);
  const fourth = messagesOf(server.handleMessage(second!).flight?.items);
  assert.equal(fourth[0]?.sequence, 1);
  const fifth = messagesOf(feed(client, fourth).flight?.items);
  const sixth = messagesOf(feed(server, fifth).flight?.items);
  assert.ok(feed(client, sixth).result);
});

test("every handshake has new randoms and new keys (RFC 5246 §7.4.1.2)", () => {
  const seen = new Set<string>();
  for (let run = 0; run < 5; run++) {
    const { flight } = answeredClient();
    seen.add(flight[0]!.body.subarray(2, 34).toString());
    seen.add(flight[2]!.body.subarray(4, 36).toString());
  }
  assert.equal(seen.size, 10);
});
