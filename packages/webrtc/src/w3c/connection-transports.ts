import type { Logger } from "../base/log.ts";
import type { IceCredentials } from "../negotiation/index.ts";
import { serializeCandidate } from "../sdp/index.ts";
import type { SessionEvent, TransportId } from "../session/session-events.ts";
import { toCandidateAttribute, type IceCandidate } from "../session/candidate-attribute.ts";
import {
  connectionStateOf,
  iceConnectionStateOf,
  iceGatheringStateOf,
  type RTCIceConnectionState,
  type RTCIceGatheringState,
  type RTCPeerConnectionState,
  type TransportStates,
} from "./connection-states.ts";
import { ConnectionStateEvent } from "./events/connection-state-event.ts";
import { RTCErrorEvent } from "./events/rtc-error-event.ts";
import { RTCPeerConnectionIceErrorEvent } from "./events/rtc-peer-connection-ice-error-event.ts";
import { RTCPeerConnectionIceEvent } from "./events/rtc-peer-connection-ice-event.ts";
import { RTCDtlsTransport, type DtlsTransportSlots } from "./rtc-dtls-transport.ts";
import { rtcErrorOf } from "./rtc-error.ts";
import { RTCIceCandidate } from "./rtc-ice-candidate.ts";
import {
  newIceTransportSlots,
  RTCIceCandidatePair,
  RTCIceTransport,
  type IceTransportSlots,
} from "./rtc-ice-transport.ts";
import { RTCSctpTransport, type SctpTransportSlots } from "./rtc-sctp-transport.ts";
import type { TaskQueue } from "./task-queue.ts";
import { CONSTRUCTION_TOKEN } from "./webidl/index.ts";

/** The objects of one transport, with the slots that only the connection writes. */
type TransportObjects = {
  readonly id: TransportId;
  readonly ice: RTCIceTransport;
  readonly iceSlots: IceTransportSlots;
  readonly dtls: RTCDtlsTransport;
  readonly dtlsSlots: DtlsTransportSlots;
};

/** The SCTP transport and the transport below it. */
type SctpObjects = {
  readonly below: TransportObjects;
  readonly sctp: RTCSctpTransport;
  readonly slots: SctpTransportSlots;
};

/** What the transports need of their connection. */
export type TransportsHost = {
  readonly tasks: TaskQueue;
  readonly logger: Logger;
  /** Fires at the connection. */
  fire(event: Event): void;
  /** Writes a gathered candidate, or their end, into the local descriptions; the place of its section. */
  surfaceCandidate(transportId: TransportId, candidate: IceCandidate | undefined): number;
};

type EventOf<K extends SessionEvent["kind"]> = Extract<SessionEvent, { readonly kind: K }>;

/**
 * The transport objects of one connection and the states that are derived from them. Every change
 * runs as a task that first updates all the slots and then fires, as webrtc-pc §5.6 orders it.
 */
export class ConnectionTransports {
  readonly #host: TransportsHost;
  #sctp: SctpObjects | null = null;
  #stableSctp: SctpObjects | null = null;
  #connectionState: RTCPeerConnectionState = "new";
  #iceConnectionState: RTCIceConnectionState = "new";
  #iceGatheringState: RTCIceGatheringState = "new";
  #failure: Error | undefined;

  constructor(host: TransportsHost) {
    this.#host = host;
  }

  get sctp(): RTCSctpTransport | null {
    return this.#sctp?.sctp ?? null;
  }

  get connectionState(): RTCPeerConnectionState {
    return this.#connectionState;
  }

  get iceConnectionState(): RTCIceConnectionState {
    return this.#iceConnectionState;
  }

  get iceGatheringState(): RTCIceGatheringState {
    return this.#iceGatheringState;
  }

  /** "Set a session description", step 4.5.2.1: what a rollback goes back to. */
  rememberStable(): void {
    this.#stableSctp = this.#sctp;
  }

  rollBack(): void {
    this.#sctp = this.#stableSctp;
  }

  /** A description has a data section with this MID, or with `undefined` has none any more. */
  describeSctp(transportId: TransportId | undefined): void {
    if (transportId === undefined) {
      this.#sctp = null;
    } else if (this.#sctp === null || this.#sctp.below.id !== transportId) {
      const below = newTransportObjects(transportId);
      const slots: SctpTransportSlots = {
        state: "connecting",
        maxMessageSize: null,
        maxChannels: null,
      };
      this.#sctp = {
        below,
        slots,
        sctp: new RTCSctpTransport(CONSTRUCTION_TOKEN, below.dtls, slots),
      };
    }
  }

  /** "Update the data max message size", with what the description said. */
  setMaxMessageSize(maxMessageSize: number): void {
    if (this.#sctp !== null) this.#sctp.slots.maxMessageSize = maxMessageSize;
  }

  /** What the descriptions say of a transport's two ends. */
  setParameters(
    transportId: TransportId,
    role: "controlling" | "controlled" | undefined,
    local: IceCredentials | undefined,
    remote: IceCredentials | undefined,
  ): void {
    const slots = this.#find(transportId)?.iceSlots;
    if (slots === undefined) return;
    if (role !== undefined && slots.role === "unknown") slots.role = role;
    if (local !== undefined) slots.localParameters = toIceParameters(local);
    if (remote !== undefined) slots.remoteParameters = toIceParameters(remote);
  }

  /** A candidate that the application has handed in. */
  addRemoteCandidate(candidate: RTCIceCandidate): void {
    this.#sctp?.below.iceSlots.remoteCandidates.push(candidate);
  }

  /** Queues the tasks that the specification asks for; channel events are not for here. */
  handleEvent(event: SessionEvent): void {
    const { tasks } = this.#host;
    switch (event.kind) {
      case "iceGatheringStateChanged":
        return this.#handleGatheringState(event);
      case "localCandidate":
        return tasks.queue(() => this.#surface(event.transportId, event.candidate));
      case "candidateError":
        return tasks.queue(() => this.#fireCandidateError(event));
      case "iceStateChanged":
        return tasks.queue(() => this.#changeIceState(event));
      case "selectedPairChanged":
        return tasks.queue(() => this.#changeSelectedPair(event));
      case "iceRoleChanged":
        return tasks.queue(() => {
          const slots = this.#find(event.transportId)?.iceSlots;
          if (slots !== undefined) slots.role = event.role;
        });
      case "dtlsStateChanged":
        return tasks.queue(() => this.#changeDtlsState(event));
      case "sctpConnected":
        return tasks.queue(() => this.#changeSctpState("connected", event.maxChannels));
      case "sctpClosed":
        return tasks.queue(() => this.#changeSctpState("closed", null));
      case "channel":
        return;
    }
  }

  /** "Close the connection", steps 6 to 11: the states change at once and nothing is fired. */
  close(): void {
    this.#connectionState = "closed";
    this.#iceConnectionState = "closed";
    if (this.#sctp === null) return;
    this.#sctp.slots.state = "closed";
    this.#sctp.below.dtlsSlots.state = "closed";
    this.#sctp.below.iceSlots.state = "closed";
  }

  #find(transportId: TransportId): TransportObjects | undefined {
    return this.#sctp?.below.id === transportId ? this.#sctp.below : undefined;
  }

  #states(): readonly TransportStates[] {
    if (this.#sctp === null) return [];
    const { iceSlots, dtlsSlots } = this.#sctp.below;
    return [{ ice: iceSlots.state, dtls: dtlsSlots.state, gatherer: iceSlots.gatheringState }];
  }

  #handleGatheringState(event: EventOf<"iceGatheringStateChanged">): void {
    const { tasks } = this.#host;
    if (event.state === "complete") {
      tasks.queue(() => this.#surface(event.transportId, undefined));
      tasks.queue(() => this.#finishGathering(event.transportId));
    } else {
      tasks.queue(() => this.#changeGatheringState(event.transportId, event.state));
    }
  }

  #changeGatheringState(transportId: TransportId, state: RTCIceGatheringState): void {
    const transport = this.#find(transportId);
    if (transport === undefined) return;
    transport.iceSlots.gatheringState = state;
    const before = this.#iceGatheringState;
    this.#iceGatheringState = iceGatheringStateOf(this.#states());
    const isChanged = before !== this.#iceGatheringState;
    transport.ice.dispatchEvent(new Event("gatheringstatechange"));
    if (isChanged) this.#host.fire(new Event("icegatheringstatechange"));
  }

  #finishGathering(transportId: TransportId): void {
    this.#changeGatheringState(transportId, "complete");
    this.#host.fire(new RTCPeerConnectionIceEvent("icecandidate", { candidate: null }));
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-surface-a-candidate; `undefined` is the end of a generation. */
  #surface(transportId: TransportId, candidate: IceCandidate | undefined): void {
    const transport = this.#find(transportId);
    if (transport === undefined) return;
    const sdpMLineIndex = this.#host.surfaceCandidate(transportId, candidate);
    const usernameFragment = transport.iceSlots.localParameters?.usernameFragment ?? null;
    const exposed = exposeCandidate(candidate, transportId, sdpMLineIndex, usernameFragment);
    if (candidate !== undefined) transport.iceSlots.localCandidates.push(exposed);
    const url = candidate?.url ?? null;
    this.#host.fire(new RTCPeerConnectionIceEvent("icecandidate", { candidate: exposed, url }));
  }

  #fireCandidateError(event: EventOf<"candidateError">): void {
    const { url, errorCode, errorText } = event;
    this.#host.logger.warn(`no candidate from ${url}: ${errorText}`, { url, errorCode });
    const init = {
      address: event.address ?? null,
      port: event.port ?? null,
      url,
      errorCode,
      errorText,
    };
    this.#host.fire(new RTCPeerConnectionIceErrorEvent("icecandidateerror", init));
  }

  #changeSelectedPair(event: EventOf<"selectedPairChanged">): void {
    const transport = this.#find(event.transportId);
    if (transport === undefined) return;
    const local = exposeCandidate(event.local, transport.id, null, null);
    const remote = exposeCandidate(event.remote, transport.id, null, null);
    transport.iceSlots.selectedPair = new RTCIceCandidatePair(CONSTRUCTION_TOKEN, local, remote);
    this.#host.logger.info("candidate pair selected", {
      local: local.candidate,
      remote: remote.candidate,
    });
    transport.ice.dispatchEvent(new Event("selectedcandidatepairchange"));
  }

  #changeIceState(event: EventOf<"iceStateChanged">): void {
    const transport = this.#find(event.transportId);
    if (transport === undefined) return;
    transport.iceSlots.state = event.state;
    if (event.failure !== undefined) this.#failure = event.failure;
    const iceBefore = this.#iceConnectionState;
    this.#iceConnectionState = iceConnectionStateOf(this.#states());
    const isIceChanged = iceBefore !== this.#iceConnectionState;
    const isConnectionChanged = this.#deriveConnectionState();
    transport.ice.dispatchEvent(new Event("statechange"));
    if (isIceChanged) this.#fireState("iceconnectionstatechange", this.#iceConnectionState);
    if (isConnectionChanged) this.#fireState("connectionstatechange", this.#connectionState);
  }

  #changeDtlsState(event: EventOf<"dtlsStateChanged">): void {
    const transport = this.#find(event.transportId);
    if (transport === undefined) return;
    transport.dtlsSlots.state = event.state;
    transport.dtlsSlots.remoteCertificates = event.remoteCertificates ?? [];
    if (event.failure !== undefined) this.#failure = event.failure;
    const isConnectionChanged = this.#deriveConnectionState();
    if (event.failure !== undefined) {
      const isFingerprint = event.failure.code === "ERR_FINGERPRINT_MISMATCH";
      const error = rtcErrorOf(
        isFingerprint ? "fingerprint-failure" : "dtls-failure",
        event.failure,
      );
      transport.dtls.dispatchEvent(new RTCErrorEvent("error", { error }));
    }
    transport.dtls.dispatchEvent(new Event("statechange"));
    if (isConnectionChanged) this.#fireState("connectionstatechange", this.#connectionState);
  }

  #changeSctpState(state: "connected" | "closed", maxChannels: number | null): void {
    if (this.#sctp === null || this.#sctp.slots.state === "closed") return;
    this.#sctp.slots.state = state;
    this.#sctp.slots.maxChannels = maxChannels;
    this.#sctp.sctp.dispatchEvent(new Event("statechange"));
  }

  #deriveConnectionState(): boolean {
    const before = this.#connectionState;
    this.#connectionState = connectionStateOf(this.#states());
    return before !== this.#connectionState;
  }

  #fireState(type: string, state: string): void {
    const failure = state === "failed" ? this.#failure : undefined;
    if (type === "connectionstatechange") {
      if (failure === undefined) this.#host.logger.info(`connection is ${state}`);
      else this.#host.logger.error(`connection failed: ${failure.message}`, { failure });
    }
    this.#host.fire(new ConnectionStateEvent(type, failure));
  }
}

function newTransportObjects(id: TransportId): TransportObjects {
  const iceSlots = newIceTransportSlots();
  const dtlsSlots: DtlsTransportSlots = { state: "new", remoteCertificates: [] };
  const ice = new RTCIceTransport(CONSTRUCTION_TOKEN, iceSlots);
  return {
    id,
    ice,
    iceSlots,
    dtlsSlots,
    dtls: new RTCDtlsTransport(CONSTRUCTION_TOKEN, ice, dtlsSlots),
  };
}

function toIceParameters({ ufrag, password }: IceCredentials): {
  usernameFragment: string;
  password: string;
} {
  return { usernameFragment: ufrag, password };
}

function exposeCandidate(
  candidate: IceCandidate | undefined,
  sdpMid: string,
  sdpMLineIndex: number | null,
  usernameFragment: string | null,
): RTCIceCandidate {
  return new RTCIceCandidate({
    candidate: candidate === undefined ? "" : serializeCandidate(toCandidateAttribute(candidate)),
    sdpMid,
    sdpMLineIndex,
    usernameFragment: candidate?.ufrag ?? usernameFragment,
    url: candidate?.url ?? null,
  });
}
