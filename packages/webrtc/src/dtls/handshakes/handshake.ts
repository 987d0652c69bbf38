import { ProtocolFailure, type ProtocolFailureCode, type SpecRef } from "../../base/errors.ts";
import type { LocalCertificate } from "../../crypto/certificate.ts";
import type { CryptoPort, GroupName } from "../../crypto/crypto-port.ts";
import type { CipherSuite } from "../cipher-suite.ts";
import type { Flight } from "../flight.ts";
import type { MasterSecret, TrafficKey } from "../key-schedule-12.ts";
import { alertName } from "../messages/alert.ts";
import type { HandshakeMessage } from "../messages/handshake-message.ts";

/** What both sides of a handshake need to know. */
export type HandshakeConfig = {
  readonly crypto: CryptoPort;
  readonly certificate: LocalCertificate;
  readonly remoteFingerprints: readonly { readonly algorithm: string; readonly value: string }[];
  readonly cipherSuites: readonly CipherSuite[];
  readonly groups: readonly GroupName[];
  readonly srtpProfiles: readonly number[];
  readonly isCookieExchangeRequired: boolean;
};

/** Keys of epoch 1, from this side's view. */
export type SessionKeys = {
  readonly master: MasterSecret;
  readonly write: TrafficKey;
  readonly read: TrafficKey;
};

/** What the two sides have agreed on when the handshake is over. */
export type Negotiated = {
  readonly suite: CipherSuite;
  readonly group: GroupName;
  readonly srtpProfile: number | undefined;
  readonly remoteCertificates: readonly Uint8Array[];
};

/** What one message leads to; applied in the order keys, flight, result. */
export type HandshakeStep = {
  readonly keys?: SessionKeys;
  readonly flight?: Flight;
  /** The handshake is complete. */
  readonly result?: Negotiated;
};

/**
 * One side of a handshake: a state machine over whole messages in order. It knows no records, no
 * time and no repetition.
 */
export interface Handshake {
  /** True until the hellos have been exchanged: a refusal then may be a stranger's doing. */
  readonly isAwaitingHello: boolean;
  /** The client's first flight; nothing from a server. */
  start(): HandshakeStep;
  /**
   * Takes the next message. Throws `WireFormatError` if it is to be dropped as if it had not come, and
   * `ProtocolFailure` if it cannot be accepted; either way nothing has changed.
   */
  handleMessage(message: HandshakeMessage): HandshakeStep;
}

/** Nothing to do but to wait for more. */
export const NO_STEP: HandshakeStep = {};

/** A failure that we tell the peer about with `alert`. */
export function refusal(
  alert: number,
  spec: SpecRef,
  message: string,
  code: ProtocolFailureCode = "ERR_HANDSHAKE_FAILED",
): ProtocolFailure {
  const text = `DTLS handshake refused with ${alertName(alert)}: ${message}`;
  return new ProtocolFailure(code, spec, text, { detail: { sentAlert: alert } });
}
