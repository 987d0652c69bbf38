import assert from "node:assert/strict";
import { test } from "vitest";
import { DtlsPair, eventOf, receivedBy } from "../../test/support/dtls-pair.ts";

test("a client and a server connect and agree on everything (RFC 5246 §7.3)", () => {
  const pair = new DtlsPair(
    {},
    { client: { srtpProfiles: [7, 1] }, server: { srtpProfiles: [1] } },
  ).connect();
  const atClient = eventOf(pair.client, "connected");
  const atServer = eventOf(pair.server, "connected");
  assert.equal(atClient?.cipherSuite, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  assert.equal(atServer?.cipherSuite, atClient?.cipherSuite);
  assert.equal(atClient?.group, "x25519");
  assert.equal(atClient?.srtpProfile, 1);
  assert.equal(atServer?.srtpProfile, 1);
  const label = "EXTRACTOR-dtls_srtp";
  assert.deepEqual(
    pair.client.endpoint.exportKeyingMaterial(label, undefined, 60),
    pair.server.endpoint.exportKeyingMaterial(label, undefined, 60),
  );
  pair.inject(pair.client.endpoint.sealApplicationData(new Uint8Array([1, 2, 3])), "client");
  pair.inject(pair.server.endpoint.sealApplicationData(new Uint8Array([4])), "server");
  assert.deepEqual(
    receivedBy(pair.server).map((bytes) => [...bytes]),
    [[1, 2, 3]],
  );
  assert.deepEqual(
    receivedBy(pair.client).map((bytes) => [...bytes]),
    [[4]],
  );
});
