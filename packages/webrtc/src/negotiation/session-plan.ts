import type { IceCredentials } from "../base/ice-credentials.ts";
import type { IceCandidateAttribute } from "../sdp/index.ts";

export type { IceCredentials };

/** What the peer's description says of its end of a transport. */
export type RemoteTransportPlan = {
  readonly ice: IceCredentials & { readonly isLite: boolean };
  /** All candidates so far, in order; the list only grows. */
  readonly candidates: readonly IceCandidateAttribute[];
  readonly hasAllCandidates: boolean;
};

/** Who starts the DTLS handshake and by what the peer is known. */
export type DtlsPlan = {
  readonly role: "client" | "server";
  readonly remoteFingerprints: readonly { readonly algorithm: string; readonly value: string }[];
};

/** The association for data channels. */
export type SctpPlan = {
  readonly localPort: number;
  readonly remotePort: number;
  /** Largest message that the peer takes, in bytes; `Infinity` if it names no limit. */
  readonly maxSendMessageBytes: number;
};

/** One ICE and DTLS transport as far as the two descriptions determine it by now. */
export type TransportPlan = {
  readonly transportId: string;
  readonly localIce: IceCredentials;
  readonly iceRole: "controlling" | "controlled";
  readonly remote?: RemoteTransportPlan;
  readonly dtls?: DtlsPlan;
  readonly sctp?: SctpPlan;
  /** RTP sections lie on this transport. */
  readonly hasRtp?: boolean;
};

/**
 * What negotiation wants the session to be. A plan is complete, not a difference: the session
 * compares it with what it has, so that applying the same plan twice changes nothing.
 */
export type SessionPlan = { readonly transports: readonly TransportPlan[] };
