import type { SocketId } from "../base/datagram.ts";
import type { ProtocolFailure } from "../base/errors.ts";
import type { IceCandidate } from "./ice-candidate.ts";
import type { IceRole } from "./ice-options.ts";

/** W3C `RTCIceGathererState`. */
export type IceGatheringState = "new" | "gathering" | "complete";

/** W3C `RTCIceTransportState`. */
export type IceState =
  | "new"
  | "checking"
  | "connected"
  | "completed"
  | "disconnected"
  | "failed"
  | "closed";

/** What the owner of an agent should know. */
export type IceEvent =
  | { readonly kind: "gatheringStateChanged"; readonly state: IceGatheringState }
  | { readonly kind: "localCandidate"; readonly candidate: IceCandidate }
  | IceCandidateErrorEvent
  | {
      readonly kind: "stateChanged";
      readonly state: IceState;
      /** Set with "failed": why, in words. */
      readonly failure?: ProtocolFailure;
    }
  | {
      readonly kind: "selectedPairChanged";
      readonly local: IceCandidate;
      readonly remote: IceCandidate;
    }
  | { readonly kind: "roleChanged"; readonly role: IceRole };

/** A server gave no candidate to one of our sockets (W3C `icecandidateerror`). */
export type IceCandidateErrorEvent = {
  readonly kind: "candidateError";
  /** The socket's own address; `undefined` if the server's name could not even be resolved. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly url: string;
  /** What the server answered, or 701 if it could not be reached. */
  readonly errorCode: number;
  readonly errorText: string;
};

/** What an agent wants from the world besides datagrams. */
export type IceRequest =
  | {
      /** Answer with `handleSocketBound` or `handleSocketFailed`. */
      readonly kind: "bindUdp";
      readonly socketId: SocketId;
      readonly address: string;
    }
  | { readonly kind: "closeSocket"; readonly socketId: SocketId }
  | {
      /** Answer with `handleNameResolved`. */
      readonly kind: "resolveName";
      readonly requestId: number;
      readonly name: string;
    };
