import assert from "node:assert/strict";
import { test } from "vitest";
import {
  DtlsPair,
  eventOf,
  receivedBy,
  testCertificate,
  type TestKey,
} from "../../test/support/dtls-pair.ts";
import { CIPHER_SUITES } from "./cipher-suite.ts";
import { GROUPS } from "./named-group.ts";

const SERVER_KEYS: Readonly<Record<"ecdsa" | "rsa", readonly TestKey[]>> = {
  ecdsa: ["ecdsa-p256", "ecdsa-p384"],
  rsa: ["rsa"],
};
const CLIENT_KEYS: readonly TestKey[] = ["ecdsa-p256", "ecdsa-p384", "rsa"];
const MESSAGE = Uint8Array.of(9, 9, 9);

for (const suite of CIPHER_SUITES) {
  for (const group of GROUPS) {
    for (const serverKey of SERVER_KEYS[suite.authentication]) {
      for (const clientKey of CLIENT_KEYS) {
        test(`${suite.name} over ${group}, ${clientKey} to ${serverKey}`, () => {
          const client = testCertificate("client", clientKey);
          const server = testCertificate("server", serverKey);
          const pair = new DtlsPair(
            {},
            {
              client: {
                certificate: client,
                remoteFingerprints: server.fingerprints,
                cipherSuites: [suite.id],
                groups: [group],
              },
              server: { certificate: server, remoteFingerprints: client.fingerprints },
            },
          ).connect();
          assert.equal(eventOf(pair.server, "connected")?.cipherSuite, suite.name);
          assert.equal(eventOf(pair.client, "connected")?.group, group);
          pair.inject(pair.client.endpoint.sealApplicationData(MESSAGE), "client");
          assert.deepEqual(receivedBy(pair.server), [MESSAGE]);
        });
      }
    }
  }
}

test("our order decides between several groups and suites, on the server (RFC 5246 §7.4.1.3)", () => {
  const options = {
    client: { cipherSuites: [0xcca9, 0xc02b, 0xc02c] },
    server: { cipherSuites: [0xc02c, 0xc02b], groups: ["secp384r1", "x25519"] as const },
  };
  const { client } = new DtlsPair({}, options).connect();
  assert.equal(
    eventOf(client, "connected")?.cipherSuite,
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  );
  assert.equal(eventOf(client, "connected")?.group, "secp384r1");
});

test("nothing in common ends both sides, each with its reason", () => {
  const options = { client: { cipherSuites: [0xcca9] }, server: { cipherSuites: [0xc02b] } };
  const pair = new DtlsPair({}, options).connect();
  const atServer = eventOf(pair.server, "closed")?.failure;
  assert.equal(atServer?.code, "ERR_HANDSHAKE_FAILED");
  assert.match(atServer!.message, /0xcca9/);
  assert.equal(atServer?.detail.sentAlert, 40);
  const atClient = eventOf(pair.client, "closed")?.failure;
  assert.equal(atClient?.code, "ERR_PEER_ABORTED");
  assert.equal(atClient?.detail.receivedAlert, 40);
  assert.match(atClient!.message, /handshake_failure/);
});
