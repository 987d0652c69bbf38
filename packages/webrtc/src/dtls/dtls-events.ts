import type { ProtocolFailure } from "../base/errors.ts";
import type { GroupName } from "../crypto/crypto-port.ts";
import type { ProtocolVersion } from "./protocol-version.ts";

/** What a {@link DtlsEndpoint} tells its owner. */
export type DtlsEvent =
  | {
      /** The peer is who its fingerprint says, and both sides hold the same keys. */
      readonly kind: "connected";
      readonly protocolVersion: ProtocolVersion;
      /** IANA's name. */
      readonly cipherSuite: string;
      readonly group: GroupName;
      /** The negotiated protection profile of RFC 5764 §4.1.2, if SRTP was agreed on. */
      readonly srtpProfile?: number;
      /** The peer's chain in DER, its own certificate first. */
      readonly remoteCertificates: readonly Uint8Array[];
    }
  /** One record's content; the array is the receiver's. */
  | { readonly kind: "applicationData"; readonly bytes: Uint8Array }
  /** A line for Wireshark (NSS key log format). Whoever has it can read the connection. */
  | { readonly kind: "keyLog"; readonly line: string }
  /** The last event. Without `failure`: this side or the peer has said goodbye. */
  | { readonly kind: "closed"; readonly failure?: ProtocolFailure };

/** Where a connection stands; `closed` in peace, `failed` with a reason. */
export type DtlsState = "new" | "connecting" | "connected" | "closed" | "failed";

/** What was dropped or repeated, by reason. */
export type DtlsStats = {
  /** Bytes that are no record of ours: wrong type, version or length. */
  readonly malformedRecords: number;
  /** Of an epoch that does not exist, or no longer matters. */
  readonly strayRecords: number;
  /** Came a second time, or too late to tell. */
  readonly replayedRecords: number;
  /** The tag did not verify. */
  readonly unauthenticatedRecords: number;
  /** Came before their keys, and there was no room to keep them. */
  readonly overflowedRecords: number;
  /** Handshake fragments and messages that did not parse, did not fit or came out of place. */
  readonly refusedMessages: number;
  /** Alerts without protection after the keys were there, and warnings without meaning. */
  readonly ignoredAlerts: number;
  /** Flights that were sent again. */
  readonly resentFlights: number;
};
