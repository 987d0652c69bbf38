import type { TransportStatistics } from "../../session/session-statistics.ts";
import { candidatePairIdOf } from "./candidate-pair-stats.ts";
import { certificateIdOf } from "./certificate-stats.ts";
import { presentMembers } from "./present-members.ts";
import type { RTCTransportStats } from "./stats-dictionaries.ts";
import type { StatsContext } from "./stats-source.ts";

/** As they travel: one's complement of the number that people say. */
const TLS_VERSIONS = { "1.2": "FEFD" } as const;

/** "Profile" in IANA's registry of DTLS-SRTP protection profiles (RFC 5764 §4.1.2, RFC 7714 §14.2). */
const SRTP_PROFILES: Readonly<Record<number, string>> = {
  0x0001: "SRTP_AES128_CM_HMAC_SHA1_80",
  0x0002: "SRTP_AES128_CM_HMAC_SHA1_32",
  0x0007: "SRTP_AEAD_AES_128_GCM",
  0x0008: "SRTP_AEAD_AES_256_GCM",
};

/** https://w3c.github.io/webrtc-stats/#transportstats-dict* */
export function transportStats(
  transport: TransportStatistics,
  context: StatsContext,
): RTCTransportStats {
  const { ice, traffic, agreement, localCertificates } = transport;
  const [carrier] = ice.generations;
  const remoteCertificate = agreement?.remoteCertificates[0];
  const [localCertificate] = localCertificates;
  return presentMembers<RTCTransportStats>({
    id: context.transportIdOf(transport),
    timestamp: context.timestamp,
    type: "transport",
    packetsSent: traffic.packetsSent,
    packetsReceived: traffic.packetsReceived,
    bytesSent: traffic.bytesSent,
    bytesReceived: traffic.bytesReceived,
    iceRole: ice.role,
    iceLocalUsernameFragment: ice.localUfrag,
    dtlsState: transport.dtlsState,
    iceState: ice.state,
    selectedCandidatePairId:
      carrier?.selectedPairId &&
      candidatePairIdOf(carrier.selectedPairId, { ...carrier, transport }, context),
    localCertificateId: localCertificate && certificateIdOf(localCertificate, context),
    remoteCertificateId: remoteCertificate && certificateIdOf(remoteCertificate, context),
    tlsVersion: agreement && TLS_VERSIONS[agreement.protocolVersion],
    dtlsCipher: agreement?.cipherSuite,
    dtlsRole: transport.dtlsRole ?? "unknown",
    srtpCipher: SRTP_PROFILES[agreement?.srtpProfile ?? 0],
    selectedCandidatePairChanges: ice.selectedPairChanges,
    // Congestion control feedback of RFC 8888 is not negotiated.
    ccfbMessagesSent: undefined,
    ccfbMessagesReceived: undefined,
  });
}
