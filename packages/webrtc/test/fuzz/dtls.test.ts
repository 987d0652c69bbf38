import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { WireFormatError } from "../../src/base/errors.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { parseFingerprint, publicKeyOf } from "../../src/crypto/certificate.ts";
import {
  decodeNumberList,
  decodeSupportedVersions,
} from "../../src/dtls/extensions/number-list.ts";
import { decodeUseSrtp } from "../../src/dtls/extensions/use-srtp.ts";
import { decodeAlert } from "../../src/dtls/messages/alert.ts";
import { decodeCertificateMessage } from "../../src/dtls/messages/certificate-message.ts";
import { decodeCertificateRequest } from "../../src/dtls/messages/certificate-request.ts";
import { decodeClientHello } from "../../src/dtls/messages/client-hello.ts";
import {
  decodeHandshakeFragment,
  HANDSHAKE_HEADER_BYTES,
} from "../../src/dtls/messages/handshake-message.ts";
import { decodeHelloVerifyRequest } from "../../src/dtls/messages/hello-verify-request.ts";
import {
  decodeClientKeyExchange,
  decodeServerKeyExchange,
} from "../../src/dtls/messages/key-exchange.ts";
import { decodeServerHello } from "../../src/dtls/messages/server-hello.ts";
import { decodeCertificateVerify } from "../../src/dtls/messages/signed.ts";
import { findRecordEnd, RECORD_HEADER_BYTES } from "../../src/dtls/record/record-header.ts";
import { DtlsPair, testCertificate } from "../support/dtls-pair.ts";

type Decoder = (bytes: Uint8Array) => unknown;

const DECODERS: Readonly<Record<string, Decoder>> = {
  decodeAlert,
  decodeCertificateMessage,
  decodeCertificateRequest,
  decodeCertificateVerify,
  decodeClientHello,
  decodeClientKeyExchange,
  decodeHandshakeFragment: (bytes) => decodeHandshakeFragment(bytes, 0),
  decodeHelloVerifyRequest,
  decodeNumberList: (bytes) => decodeNumberList(bytes, "RFC 8422 §5.1.1"),
  decodeServerHello,
  decodeServerKeyExchange,
  decodeSupportedVersions,
  decodeUseSrtp,
  findRecordEnd: (bytes) => findRecordEnd(bytes, 0),
  publicKeyOf,
  parseFingerprint: (bytes) => parseFingerprint(Buffer.from(bytes).toString("latin1")),
};

/** All datagrams of a real handshake, of both sides. */
function handshakeDatagrams(): Uint8Array[] {
  const options = {
    client: { srtpProfiles: [1] },
    server: { srtpProfiles: [1], isCookieExchangeRequired: true },
  };
  const pair = new DtlsPair({}, options).connect();
  return [...pair.client.sent, ...pair.server.sent];
}

const DATAGRAMS = handshakeDatagrams();
/** What the decoders see: records, messages, bodies and a certificate. */
const UNITS = [
  ...DATAGRAMS,
  ...DATAGRAMS.map((bytes) => bytes.subarray(RECORD_HEADER_BYTES)),
  ...DATAGRAMS.map((bytes) => bytes.subarray(RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES)),
  testCertificate("client").chain[0]!,
];

/** A valid unit with bytes changed, cut off, doubled or put in. */
function mutate(unit: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = [...unit];
  for (let change = random.uint32() % 6; change >= 0; change--) {
    const at = random.uint32() % (bytes.length + 1);
    const byte = random.uint32() & 0xff;
    const kind = random.uint32() % 6;
    if (kind === 0) bytes.splice(at, 1 + (byte % 16));
    else if (kind === 1) bytes.splice(at, 0, byte);
    else if (kind === 2) bytes.length = at;
    else if (kind === 3) bytes.splice(at, 0, ...bytes.slice(at, at + 32));
    else bytes[Math.min(at, Math.max(bytes.length - 1, 0))] = byte;
  }
  return Uint8Array.from(bytes);
}

const anyMutated = fc
  .tuple(fc.constantFrom(...UNITS), fc.nat())
  .map(([unit, seed]) => mutate(unit, new SeededRandom(seed)));
const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), anyMutated);

for (const [name, decode] of Object.entries(DECODERS)) {
  test(`${name} gives a value or line noise, whatever it is fed`, () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        try {
          decode(bytes);
        } catch (error) {
          assert.ok(error instanceof WireFormatError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
}

for (const victim of ["client", "server"] as const) {
  test(`a ${victim} that is fed mutated datagrams never throws, and sends little`, () => {
    fc.assert(
      fc.property(fc.array(anyMutated, { maxLength: 30 }), (datagrams) => {
        const pair = new DtlsPair();
        const { endpoint } = pair[victim];
        endpoint.start(0);
        let sentBytes = 0;
        datagrams.forEach((bytes, index) => {
          endpoint.handleDatagram(bytes, index);
          for (let out = endpoint.pollTransmit(); out; out = endpoint.pollTransmit()) {
            sentBytes += out.byteLength;
          }
        });
        assert.ok(sentBytes <= 6000);
      }),
      { numRuns: 100 },
    );
  });
}

test("mutated copies of everything on the wire do not stop a handshake from ending, one way or the other", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(seed);
    const pair = new DtlsPair({ seed });
    pair.tap = (bytes) => [mutate(bytes, random), bytes, mutate(bytes, random)];
    pair.connect();
    assert.notEqual(pair.client.endpoint.state, "connecting", `seed ${seed}`);
    assert.notEqual(pair.server.endpoint.state, "connecting", `seed ${seed}`);
  }
});

test("an established connection outlives any noise", () => {
  const pair = new DtlsPair().connect();
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      pair.client.endpoint.handleDatagram(bytes, pair.nowMs);
      pair.server.endpoint.handleDatagram(bytes, pair.nowMs);
      assert.equal(pair.client.endpoint.state, "connected");
      assert.equal(pair.server.endpoint.state, "connected");
    }),
    { numRuns: 2000 },
  );
});
