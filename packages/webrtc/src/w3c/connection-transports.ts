import type { ProtocolFailure } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { IceCredentials } from "../negotiation/index.ts";
import { DEFAULT_SDP_LIMITS } from "../sdp/index.ts";
import type { SessionEvent, TransportId } from "../session/session-events.ts";
import type { IceCandidate } from "../session/candidate-attribute.ts";
import {
  connectionStateOf,
  iceConnectionStateOf,
  iceGatheringStateOf,
  type RTCIceConnectionState,
  type RTCIceGatheringState,
  type RTCPeerConnectionState,
} from "./connection-states.ts";
import { ConnectionStateEvent } from "./events/connection-state-event.ts";
import type { CandidatePlace } from "./negotiator.ts";
import { RTCErrorEvent } from "./events/rtc-error-event.ts";
import { RTCPeerConnectionIceErrorEvent } from "./events/rtc-peer-connection-ice-error-event.ts";
import { RTCPeerConnectionIceEvent } from "./events/rtc-peer-connection-ice-event.ts";
import { rtcErrorOf } from "./rtc-error.ts";
import type { RTCIceCandidate } from "./rtc-ice-candidate.ts";
import { RTCIceCandidatePair } from "./rtc-ice-transport.ts";
import type { RTCDtlsTransport } from "./rtc-dtls-transport.ts";
import type { RTCSctpTransport } from "./rtc-sctp-transport.ts";
import type { TaskQueue } from "./task-queue.ts";
import {
  closeSctp,
  closeTransport,
  exposeCandidate,
  newSctpObjects,
  newTransportObjects,
  statesOf,
  toIceParameters,
  type SctpObjects,
  type TransportObjects,
} from "./transport-objects.ts";
import { CONSTRUCTION_TOKEN } from "./webidl/index.ts";

/** What the transports need of their connection. */
export type TransportsHost = {
  readonly tasks: TaskQueue;
  readonly logger: Logger;
  /** Fires at the connection. */
  fire(event: Event): void;
  /**
   * Writes a gathered candidate, or their end, into the local descriptions; the section that it stands
   * in, `undefined` if there is none any more.
   */
  surfaceCandidate(
    transportId: TransportId,
    candidate: IceCandidate | undefined,
  ): CandidatePlace | undefined;
};

type EventOf<K extends SessionEvent["kind"]> = Extract<SessionEvent, { readonly kind: K }>;

/** A change of the selected pair, of the state of ICE, or of both at once. */
type IceChange = {
  readonly transportId: TransportId;
  readonly pair: EventOf<"selectedPairChanged"> | undefined;
  state: EventOf<"iceStateChanged"> | undefined;
};

/** The section of the data channels, and the transport that it lies on. */
export type DataPlace = { readonly mid: string; readonly transportId: TransportId };

/** What a rollback goes back to: [[LastStableStateSctpTransport]] and what belongs to it. */
type StableTransports = {
  readonly used: ReadonlyMap<TransportId, TransportObjects>;
  readonly sctp: SctpObjects | null;
  readonly transportOfSctp?: RTCDtlsTransport;
};

/** Which of the connection's own states have changed. */
type StateChanges = {
  readonly gathering: boolean;
  readonly ice: boolean;
  readonly connection: boolean;
};

/**
 * The transport objects of one connection and the states that are derived from them. Every change
 * runs as a task that first updates all the slots and then fires, as webrtc-pc §5.6 orders it.
 */
export class ConnectionTransports {
  readonly #host: TransportsHost;
  /** The transports that sections lie on, by the MID of the section that brought each. */
  #used: ReadonlyMap<TransportId, TransportObjects> = new Map();
  /** Of [[SctpTransport]]. */
  #sctp: SctpObjects | null = null;
  /** What a rollback goes back to. */
  #lastStable: StableTransports = { used: new Map(), sctp: null };
  #connectionState: RTCPeerConnectionState = "new";
  #iceConnectionState: RTCIceConnectionState = "new";
  #iceGatheringState: RTCIceGatheringState = "new";
  #failure: ProtocolFailure | undefined;
  /** Queued last, and still open for the state that belongs to its pair. */
  #openChange: IceChange | undefined;

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

  /** The DTLS transport with this id, `null` if no section lies on it. */
  dtls(transportId: TransportId): RTCDtlsTransport | null {
    return this.#used.get(transportId)?.dtls ?? null;
  }

  // "Set a session description"

  /** Step 4.5.1.1: what a rollback goes back to. */
  rememberStable(): void {
    const transportOfSctp = this.#sctp?.sctp.transport;
    this.#lastStable = {
      used: this.#used,
      sctp: this.#sctp,
      ...(transportOfSctp === undefined ? {} : { transportOfSctp }),
    };
  }

  /** The step of a rollback. */
  rollBack(): void {
    const { used, sctp, transportOfSctp } = this.#lastStable;
    if (sctp !== null && transportOfSctp !== undefined) sctp.slots.transport = transportOfSctp;
    this.#replace(used, sctp);
  }

  /**
   * The sections lie on the transports `ids` now; those that no section lies on any more are closed, in
   * a task. `data` is the section of the data channels, `undefined` if there is none. An offer does not
   * end an association: its answer does.
   */
  use(ids: Iterable<TransportId>, data: DataPlace | undefined, isOffer: boolean): void {
    const used = new Map<TransportId, TransportObjects>();
    for (const id of ids) used.set(id, this.#used.get(id) ?? newTransportObjects(id));
    const isKept = isOffer && this.#sctp !== null;
    this.#replace(used, isKept ? this.#sctp : this.#placeSctp(used, data));
  }

  /** "Update the data max message size", with what the description said. */
  setMaxMessageSize(maxMessageSize: number): void {
    if (this.#sctp !== null) this.#sctp.slots.maxMessageSize = maxMessageSize;
  }

  /** What the descriptions say of the transport's two ends; a role, once known, is ICE's own affair. */
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

  /** A candidate that the application has handed in, for these transports; each is kept once. */
  addRemoteCandidate(transportIds: Iterable<TransportId>, candidate: RTCIceCandidate): void {
    for (const id of transportIds) {
      const known = this.#find(id)?.iceSlots.remoteCandidates;
      if (known === undefined) continue;
      const isKnown = known.some((other) => other.candidate === candidate.candidate);
      if (!isKnown) remember(known, candidate);
    }
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-close-the-connection, the last steps: nothing is fired. */
  close(): void {
    if (this.#sctp !== null) closeSctp(this.#sctp);
    for (const objects of this.#used.values()) closeTransport(objects);
    this.#iceConnectionState = "closed";
    this.#connectionState = "closed";
  }

  // What the session tells

  /** Queues the tasks that the specification asks for; channel events are not for here. */
  handleEvent(event: SessionEvent): void {
    const { tasks } = this.#host;
    if (event.kind === "iceStateChanged" && this.#completeChange(event)) return;
    this.#openChange = undefined;
    switch (event.kind) {
      case "iceGatheringStateChanged":
        return this.#handleGatheringState(event);
      case "localCandidate":
        return tasks.queue(() => this.#surface(event.transportId, event.candidate));
      case "candidateError":
        return tasks.queue(() => this.#fireCandidateError(event));
      case "iceStateChanged":
        return this.#queueIceChange({
          transportId: event.transportId,
          pair: undefined,
          state: event,
        });
      case "selectedPairChanged": {
        const change = { transportId: event.transportId, pair: event, state: undefined };
        this.#openChange = change;
        return this.#queueIceChange(change);
      }
      case "iceRoleChanged":
        return tasks.queue(() => {
          const slots = this.#find(event.transportId)?.iceSlots;
          if (slots !== undefined) slots.role = event.role;
        });
      case "dtlsStateChanged":
        return tasks.queue(() => this.#changeDtlsState(event));
      case "sctpConnected":
        return tasks.queue(() =>
          this.#changeSctpState(event.transportId, "connected", event.maxChannels),
        );
      case "sctpClosed":
        return tasks.queue(() => this.#handleSctpClosed(event));
      case "channel":
        return;
    }
  }

  #placeSctp(
    used: ReadonlyMap<TransportId, TransportObjects>,
    data: DataPlace | undefined,
  ): SctpObjects | null {
    const below = data === undefined ? undefined : used.get(data.transportId)?.dtls;
    if (data === undefined || below === undefined) return null;
    const sctp = this.#sctp?.mid === data.mid ? this.#sctp : newSctpObjects(data.mid, below);
    sctp.slots.transport = below;
    return sctp;
  }

  #find(transportId: TransportId): TransportObjects | undefined {
    return this.#used.get(transportId);
  }

  /** What no section lies on any more does not count from here on; the objects are closed in a task. */
  #replace(used: ReadonlyMap<TransportId, TransportObjects>, sctp: SctpObjects | null): void {
    const [previousSctp, previous] = [this.#sctp, this.#used];
    this.#sctp = sctp;
    this.#used = used;
    const gone = [...previous.values()].filter((objects) => used.get(objects.id) !== objects);
    const isSctpGone = previousSctp !== null && previousSctp !== sctp;
    if (gone.length === 0 && !isSctpGone) return;
    const changes = this.#deriveStates();
    this.#host.tasks.queue(() => {
      const closed = [
        ...(isSctpGone ? closeSctp(previousSctp) : []),
        ...gone.flatMap((objects) => closeTransport(objects)),
      ];
      for (const target of closed) this.#fireAt(target, new Event("statechange"));
      this.#fireChanges(changes);
    });
  }

  // Gathering

  #handleGatheringState(event: EventOf<"iceGatheringStateChanged">): void {
    const { tasks } = this.#host;
    if (event.state === "complete") {
      tasks.queue(() => this.#surface(event.transportId, undefined));
    }
    tasks.queue(() => this.#changeGatheringState(event.transportId, event.state));
  }

  #changeGatheringState(transportId: TransportId, state: RTCIceGatheringState): void {
    const transport = this.#find(transportId);
    if (transport === undefined) return;
    transport.iceSlots.gatheringState = state;
    const changes = this.#deriveStates();
    this.#fireAt(transport.ice, new Event("gatheringstatechange"));
    this.#fireChanges(changes);
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-surface-a-candidate; `undefined` is the end of a generation. */
  #surface(transportId: TransportId, candidate: IceCandidate | undefined): void {
    const transport = this.#find(transportId);
    if (transport === undefined) return;
    const place = this.#host.surfaceCandidate(transportId, candidate);
    if (place === undefined) return;
    const usernameFragment = transport.iceSlots.localParameters?.usernameFragment ?? null;
    const exposed = exposeCandidate(candidate, place, usernameFragment);
    if (candidate !== undefined) remember(transport.iceSlots.localCandidates, exposed);
    this.#fireCandidate(exposed, candidate?.url ?? null);
  }

  #fireCandidate(candidate: RTCIceCandidate | null, url: string | null): void {
    this.#fire(new RTCPeerConnectionIceEvent("icecandidate", { candidate, url }));
  }

  /** The local address is told only if a candidate has told it already (webrtc-pc §4.8.3). */
  #fireCandidateError(event: EventOf<"candidateError">): void {
    const { transportId, address, port, url, errorCode, errorText } = event;
    this.#host.logger.warn(`no candidate from ${JSON.stringify(url)}: ${errorText}`, {
      url,
      errorCode,
    });
    const isExposed = this.#find(transportId)?.iceSlots.localCandidates.some(
      (candidate) => candidate.address === address && candidate.port === port,
    );
    const from = isExposed ? { address: address ?? null, port: port ?? null } : {};
    const init = { ...from, url, errorCode, errorText };
    this.#fire(new RTCPeerConnectionIceErrorEvent("icecandidateerror", init));
  }

  // ICE

  /** "The selected pair and the state are related and are handled in the same task." */
  #completeChange(event: EventOf<"iceStateChanged">): boolean {
    const change = this.#openChange;
    if (change === undefined || change.transportId !== event.transportId) return false;
    change.state = event;
    this.#openChange = undefined;
    return true;
  }

  #queueIceChange(change: IceChange): void {
    this.#host.tasks.queue(() => {
      if (this.#openChange === change) this.#openChange = undefined;
      this.#changeIce(change);
    });
  }

  /** "Change the selected candidate pair and state" */
  #changeIce({ transportId, pair, state }: IceChange): void {
    const transport = this.#find(transportId);
    if (transport === undefined) return;
    if (pair !== undefined) this.#selectPair(transport, pair);
    if (state !== undefined) {
      transport.iceSlots.state = state.state;
      this.#failure = state.failure ?? this.#failure;
    }
    const changes = this.#deriveStates();
    if (pair !== undefined) this.#fireAt(transport.ice, new Event("selectedcandidatepairchange"));
    if (state !== undefined) this.#fireAt(transport.ice, new Event("statechange"));
    this.#fireChanges(changes);
  }

  #selectPair({ id, iceSlots }: TransportObjects, event: EventOf<"selectedPairChanged">): void {
    const place = { mid: id, mediaIndex: null };
    const local = exposeCandidate(event.local, place, null);
    const remote = exposeCandidate(event.remote, place, null);
    iceSlots.selectedPair = new RTCIceCandidatePair(CONSTRUCTION_TOKEN, local, remote);
    const fields = { local: local.candidate, remote: remote.candidate };
    this.#host.logger.info("candidate pair selected", fields);
  }

  // DTLS and SCTP

  #changeDtlsState({
    transportId,
    state,
    failure,
    remoteCertificates,
  }: EventOf<"dtlsStateChanged">): void {
    const transport = this.#find(transportId);
    if (transport === undefined || transport.dtlsSlots.state === "failed") return;
    transport.dtlsSlots.state = state;
    if (state === "connected") transport.dtlsSlots.remoteCertificates = remoteCertificates ?? [];
    this.#failure = failure ?? this.#failure;
    // "Update the connection state" is a task of its own.
    this.#host.tasks.queue(() => this.#fireChanges(this.#deriveStates()));
    // SCTP ends with what it runs on, though there may not have been an association yet.
    const isOver = state === "closed" || state === "failed";
    if (isOver) this.#host.tasks.queue(() => this.#changeSctpState(transportId, "closed"));
    if (failure !== undefined) {
      const isFingerprint = failure.code === "ERR_FINGERPRINT_MISMATCH";
      const error = rtcErrorOf(isFingerprint ? "fingerprint-failure" : "dtls-failure", failure);
      this.#fireAt(transport.dtls, new RTCErrorEvent("error", { error }));
    }
    this.#fireAt(transport.dtls, new Event("statechange"));
  }

  #handleSctpClosed({ transportId, failure }: EventOf<"sctpClosed">): void {
    if (failure !== undefined)
      this.#host.logger.warn(`the data channels' association ended: ${failure.message}`, {
        failure,
      });
    this.#changeSctpState(transportId, "closed");
  }

  #changeSctpState(
    transportId: TransportId,
    state: "connected" | "closed",
    maxChannels?: number,
  ): void {
    const dtls = this.#find(transportId)?.dtls;
    if (dtls === undefined || this.#sctp?.sctp.transport !== dtls) return;
    const { sctp, slots } = this.#sctp;
    if (slots.state === "closed") return;
    slots.state = state;
    slots.maxChannels = maxChannels ?? slots.maxChannels;
    this.#fireAt(sctp, new Event("statechange"));
  }

  // The connection's own states

  #deriveStates(): StateChanges {
    const { isClosed } = this.#host.tasks;
    if (isClosed) return { gathering: false, ice: false, connection: false };
    const states = Array.from(this.#used.values(), statesOf);
    const before = [this.#iceGatheringState, this.#iceConnectionState, this.#connectionState];
    this.#iceGatheringState = iceGatheringStateOf(states);
    this.#iceConnectionState = iceConnectionStateOf(states);
    this.#connectionState = connectionStateOf(states);
    return {
      gathering: before[0] !== this.#iceGatheringState,
      ice: before[1] !== this.#iceConnectionState,
      connection: before[2] !== this.#connectionState,
    };
  }

  #fireChanges({ gathering, ice, connection }: StateChanges): void {
    if (gathering) this.#fire(new Event("icegatheringstatechange"));
    // The candidate `null` says that all transports are done.
    if (gathering && this.#iceGatheringState === "complete") this.#fireCandidate(null, null);
    if (ice) this.#fireState("iceconnectionstatechange");
    if (connection) this.#fireState("connectionstatechange");
  }

  #fireState(type: "iceconnectionstatechange" | "connectionstatechange"): void {
    if (this.#host.tasks.isClosed) return;
    const isOfConnection = type === "connectionstatechange";
    const state = isOfConnection ? this.#connectionState : this.#iceConnectionState;
    const failure = state === "failed" ? this.#failure : undefined;
    const { logger } = this.#host;
    if (isOfConnection && failure === undefined) logger.info(`connection is ${state}`);
    if (isOfConnection && failure !== undefined)
      logger.error(`connection failed: ${failure.message}`, { failure });
    this.#fire(new ConnectionStateEvent(type, failure));
  }

  /** A listener may close the connection: nothing more is fired then, though it belongs to the same task. */
  #fire(event: Event): void {
    if (!this.#host.tasks.isClosed) this.#host.fire(event);
  }

  #fireAt(transport: EventTarget, event: Event): void {
    if (!this.#host.tasks.isClosed) transport.dispatchEvent(event);
  }
}

/** The newest ones are kept: restarts bring others for ever, and so may a peer. */
function remember(candidates: RTCIceCandidate[], candidate: RTCIceCandidate): void {
  if (candidates.length === DEFAULT_SDP_LIMITS.maxCandidatesPerSection) candidates.shift();
  candidates.push(candidate);
}
