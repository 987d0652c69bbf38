import assert from "node:assert/strict";
import { test } from "vitest";
import {
  EPOCH_MS,
  GENERATION,
  makeContext,
  makeTransport,
} from "../../../test/support/stats-fixtures.ts";
import { candidatePairIdOf } from "./candidate-pair-stats.ts";
import { certificateIdOf } from "./certificate-stats.ts";
import { transportStats } from "./transport-stats.ts";

test("a connected transport tells what was negotiated and what passed (webrtc-stats, RTCTransportStats)", () => {
  const context = makeContext();
  const transport = makeTransport();
  assert.deepEqual(transportStats(transport, context), {
    id: context.ids.of("T", 1),
    timestamp: EPOCH_MS,
    type: "transport",
    packetsSent: 10,
    packetsReceived: 8,
    bytesSent: 1000,
    bytesReceived: 800,
    iceRole: "controlling",
    iceLocalUsernameFragment: "ours",
    dtlsState: "connected",
    iceState: "connected",
    selectedCandidatePairId: candidatePairIdOf("pair1", { transport, localUfrag: "ours" }, context),
    localCertificateId: certificateIdOf(transport.localCertificates[0]!, context),
    remoteCertificateId: certificateIdOf(transport.agreement!.remoteCertificates[0]!, context),
    tlsVersion: "FEFD",
    dtlsCipher: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    dtlsRole: "client",
    selectedCandidatePairChanges: 1,
  });
});

test("what is not negotiated yet does not exist, and the DTLS role is unknown (webrtc-stats, RTCTransportStats)", () => {
  const { agreement: _, ...rest } = makeTransport();
  const stats = transportStats(
    {
      ...rest,
      agreement: undefined,
      dtlsState: "new",
      dtlsRole: undefined,
      ice: {
        ...rest.ice,
        state: "new",
        generations: [{ ...GENERATION, selectedPairId: undefined }],
        selectedPairChanges: 0,
      },
    },
    makeContext(),
  );
  assert.equal(stats.dtlsRole, "unknown");
  assert.equal(stats.selectedCandidatePairChanges, 0);
  for (const name of [
    "selectedCandidatePairId",
    "remoteCertificateId",
    "tlsVersion",
    "dtlsCipher",
    "srtpCipher",
  ]) {
    assert.equal(name in stats, false, name);
  }
});

test("the SRTP profile has its name of IANA's registry (webrtc-stats, srtpCipher)", () => {
  const nameOf = (srtpProfile: number) => {
    const agreement = { ...makeTransport().agreement!, srtpProfile };
    return transportStats(makeTransport({ agreement }), makeContext()).srtpCipher;
  };
  assert.equal(nameOf(0x0001), "SRTP_AES128_CM_HMAC_SHA1_80");
  assert.equal(nameOf(0x0007), "SRTP_AEAD_AES_128_GCM");
  assert.equal(nameOf(0x0008), "SRTP_AEAD_AES_256_GCM");
});
