import { fingerprintOf } from "../../crypto/fingerprint.ts";
import type { RTCCertificateStats } from "./stats-dictionaries.ts";
import type { StatsContext } from "./stats-source.ts";
import { presentMembers } from "./present-members.ts";

type CertificateText = { readonly fingerprint: string; readonly base64: string };

/** Certificates do not change, and a hash for each in each report would be waste. */
const texts = new WeakMap<Uint8Array, CertificateText>();

/**
 * https://w3c.github.io/webrtc-stats/#certificatestats-dict*, one for each certificate of a chain in
 * DER, the own one first; empty for an empty chain. Equal certificates have equal ids.
 */
export function certificateStats(
  chain: readonly Uint8Array[],
  context: StatsContext,
): readonly RTCCertificateStats[] {
  return chain.map((der, index) => {
    const { fingerprint, base64 } = textOf(der);
    const issuer = chain[index + 1];
    return presentMembers<RTCCertificateStats>({
      id: certificateIdOf(der, context),
      timestamp: context.timestamp,
      type: "certificate",
      fingerprint,
      fingerprintAlgorithm: "sha-256",
      base64Certificate: base64,
      issuerCertificateId: issuer && certificateIdOf(issuer, context),
    });
  });
}

/** The id of a certificate in DER. */
export function certificateIdOf(der: Uint8Array, context: StatsContext): string {
  return context.ids.of("CF", textOf(der).fingerprint);
}

function textOf(der: Uint8Array): CertificateText {
  const known = texts.get(der);
  if (known !== undefined) return known;
  const text = {
    fingerprint: fingerprintOf(der),
    base64: btoa(Array.from(der, (byte) => String.fromCharCode(byte)).join("")),
  };
  texts.set(der, text);
  return text;
}
