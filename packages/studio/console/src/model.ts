import type { CandidateSummary, HandshakeReport, PairSummary, Participant } from "@pallas/peers";

/** The way to the signaling server. */
export type SignalingStatus =
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  | { readonly kind: "offline"; readonly reason: string }
  | { readonly kind: "closed"; readonly reason: string };

/** One step of a handshake and who took it. */
export type Step = {
  readonly authorId: string;
  readonly step: HandshakeReport["step"];
  readonly detail: string;
  readonly atEpochMs: number;
};

/** All that is known of one handshake in the room. */
export type Handshake = {
  readonly id: string;
  /** In whichever order they were first heard of. */
  readonly peerIds: readonly [string, string];
  /** In the order of time. */
  readonly steps: readonly Step[];
};

/** A candidate of either side. */
export type CandidateRow = { readonly side: "this page" | "sender" } & CandidateSummary;

/** A file on its way or here. */
export type FileRow = {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly receivedBytes: number;
  readonly verdict:
    | { readonly kind: "receiving" }
    | {
        readonly kind: "verified";
        readonly sha256: string;
        readonly url: string;
        readonly preview: string;
      }
    | { readonly kind: "failed"; readonly reason: string };
};

/** What the sender tells of itself each second. */
export type Tick = {
  readonly number: number;
  readonly sentAtEpochMs: number;
  readonly receivedAtEpochMs: number;
  readonly receivers: number;
  readonly uptimeS: number;
  readonly memoryBytes: number;
  readonly cpuMs: number;
};

/** The states of this page's own connection. */
export type OwnConnection = {
  readonly handshakeId: string;
  readonly senderId: string;
  readonly states: {
    readonly connection: RTCPeerConnectionState;
    readonly iceConnection: RTCIceConnectionState;
    readonly iceGathering: RTCIceGatheringState;
    readonly signaling: RTCSignalingState;
  };
  /** Connection states that it has been in, in order. */
  readonly visited: readonly RTCPeerConnectionState[];
  readonly offer: string;
  readonly answer: string;
  readonly candidates: readonly CandidateRow[];
  readonly pair: PairSummary | undefined;
  readonly closeReason: string | undefined;
};

/** Everything that the page shows. */
export type Model = {
  readonly signaling: SignalingStatus;
  readonly self: Participant | undefined;
  readonly participants: readonly Participant[];
  /** The newest last. */
  readonly handshakes: readonly Handshake[];
  /** `undefined`: this page's own, or else the newest. */
  readonly chosenHandshakeId: string | undefined;
  readonly own: OwnConnection | undefined;
  readonly ticks: readonly Tick[];
  readonly files: readonly FileRow[];
  readonly problems: readonly string[];
};

/** Before anything has happened. */
export const EMPTY_MODEL: Model = {
  signaling: { kind: "connecting" },
  self: undefined,
  participants: [],
  handshakes: [],
  chosenHandshakeId: undefined,
  own: undefined,
  ticks: [],
  files: [],
  problems: [],
};

/** The handshake that the diagram shows. */
export function shownHandshake(model: Model): Handshake | undefined {
  const wantedId = model.chosenHandshakeId ?? model.own?.handshakeId;
  return model.handshakes.find(({ id }) => id === wantedId) ?? model.handshakes.at(-1);
}

/** Whether `participantId` makes the offers. */
export function isSender(model: Model, participantId: string): boolean {
  return [model.self, ...model.participants].some(
    (participant) => participant?.id === participantId && participant.role === "sender",
  );
}

/** What to call a participant; one that has left keeps its id. */
export function nameOf(model: Model, participantId: string): string {
  if (participantId === model.self?.id) return "this page";
  return model.participants.find(({ id }) => id === participantId)?.name ?? participantId;
}
