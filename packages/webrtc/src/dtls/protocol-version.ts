/** Wire numbers of the versions: one's complement of 1.0, 1.2, 1.3 (RFC 6347 §4.1, RFC 9147 §5.3). */
export const DTLS_1_0 = 0xfeff;
/** RFC 6347. */
export const DTLS_1_2 = 0xfefd;
/** RFC 9147. Recognised in `supported_versions`; not spoken yet. */
export const DTLS_1_3 = 0xfefc;

/** The versions that this endpoint can speak. */
export type ProtocolVersion = "1.2";

/**
 * Which version a client's hello leads to. A client that can do 1.3 lists what it accepts in
 * `supported_versions` (RFC 8446 §4.2.1), and then its legacy version says nothing; any other
 * accepts what is at or below its legacy version (numbers fall as versions rise).
 */
export function chooseVersion(
  legacyVersion: number,
  supportedVersions: readonly number[] | undefined,
): ProtocolVersion | undefined {
  const isOffered = supportedVersions
    ? supportedVersions.includes(DTLS_1_2)
    : legacyVersion >>> 8 === 0xfe && legacyVersion <= DTLS_1_2;
  return isOffered ? "1.2" : undefined;
}
