import type { SocketId } from "../base/datagram.ts";
import type { ProtocolFailure } from "../base/errors.ts";
import type { GroupName } from "../crypto/crypto-port.ts";
import type { ChannelEvent } from "../datachannel/channel-events.ts";
import type { ProtocolVersion } from "../dtls/protocol-version.ts";
import type {
  IceCandidate,
  IceCandidateErrorEvent,
  IceGatheringState,
  IceRole,
  IceState,
} from "../ice/index.ts";

/** Names one ICE and DTLS transport of a session: the MID of the section that brought it. */
export type TransportId = string;

/** States of `RTCDtlsTransport` (https://w3c.github.io/webrtc-pc/#rtcdtlstransportstate-enum). */
export type DtlsState = "new" | "connecting" | "connected" | "closed" | "failed";

/** What is known of DTLS with its state "connected". */
export type DtlsConnection = {
  /** What the peer presented, its own certificate first, DER. */
  readonly remoteCertificates: readonly Uint8Array[];
  readonly protocolVersion: ProtocolVersion;
  /** IANA's name. */
  readonly cipherSuite: string;
  readonly group: GroupName;
  /** The protection profile of RFC 5764 §4.1.2; absent if the peer cannot do SRTP. */
  readonly srtpProfile?: number;
};

type OfTransport<K extends string, Members> = Readonly<Members> & {
  readonly kind: K;
  readonly transportId: TransportId;
};

/** What the owner of a session learns of it, in the order in which it happened. */
export type SessionEvent =
  | OfTransport<"iceGatheringStateChanged", { state: IceGatheringState }>
  | OfTransport<"localCandidate", { candidate: IceCandidate }>
  | OfTransport<"candidateError", Omit<IceCandidateErrorEvent, "kind">>
  | OfTransport<"iceStateChanged", { state: IceState; failure?: ProtocolFailure }>
  | OfTransport<"selectedPairChanged", { local: IceCandidate; remote: IceCandidate }>
  | OfTransport<"iceRoleChanged", { role: IceRole }>
  | OfTransport<
      "dtlsStateChanged",
      { state: DtlsState; failure?: ProtocolFailure } & Partial<DtlsConnection>
    >
  /** `maxChannels`: streams that both sides can use. */
  | OfTransport<"sctpConnected", { maxChannels: number }>
  | OfTransport<"sctpClosed", { failure?: ProtocolFailure }>
  | { readonly kind: "channel"; readonly event: ChannelEvent };

/** What a session wants from the world, besides sending. */
export type SessionRequest =
  | { readonly kind: "bindUdp"; readonly socketId: SocketId; readonly address: string }
  | { readonly kind: "closeSocket"; readonly socketId: SocketId }
  | { readonly kind: "resolveName"; readonly requestId: number; readonly name: string };
