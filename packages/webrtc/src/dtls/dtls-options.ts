import type { LocalCertificate } from "../crypto/certificate.ts";
import type { CryptoPort, GroupName } from "../crypto/crypto-port.ts";

/** What a {@link DtlsEndpoint} is made of. */
export type DtlsOptions = {
  readonly crypto: CryptoPort;
  /** From `a=setup`: active is the client (RFC 8842 §5). */
  readonly role: "client" | "server";
  readonly certificate: LocalCertificate;
  /** All `a=fingerprint` lines of the peer, values as they stand there. */
  readonly remoteFingerprints: readonly { readonly algorithm: string; readonly value: string }[];
  /** Largest datagram of a handshake; 1,200 if not given. Application data is cut by its owner. */
  readonly maxDatagramBytes?: number;
  /** Protection profiles of RFC 5764, best first; SRTP is not negotiated if none are given. */
  readonly srtpProfiles?: readonly number[];
  /**
   * Server only: make the client echo a cookie before anything else happens (RFC 6347 §4.2.1). Off if
   * not given: behind ICE the path has proved already that the peer receives what is sent there.
   */
  readonly isCookieExchangeRequired?: boolean;
  /** True to get `keyLog` events. */
  readonly isKeyLogEnabled?: boolean;
  /** Numbers of the allowed cipher suites, best first; all of `CIPHER_SUITES` if not given. */
  readonly cipherSuites?: readonly number[];
  /** Allowed groups, best first; all of `GROUPS` if not given. */
  readonly groups?: readonly GroupName[];
  /** How long the handshake may take, from `start`; 30,000 if not given. */
  readonly handshakeTimeoutMs?: number;
  /**
   * Records that may be sent under one key; 2^48, all that there are, if not given (RFC 6347 §4.1).
   * There is no renegotiation, so the connection ends there.
   */
  readonly maxRecords?: number;
};
