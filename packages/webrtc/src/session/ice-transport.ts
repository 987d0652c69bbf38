import type { Datagram, SocketId, TransportAddress } from "../base/datagram.ts";
import { NEVER_AT_MS, type Endpoint } from "../base/endpoint.ts";
import type { IceCredentials } from "../base/ice-credentials.ts";
import { Queue } from "../base/queue.ts";
import {
  IceAgent,
  type GatherInterface,
  type IceAgentOptions,
  type IceEvent,
  type IceGatheringState,
  type IcePath,
  type IceRequest,
  type IceRole,
  type IceState,
  type PathTraffic,
} from "../ice/index.ts";
import type { RemoteTransportPlan } from "../negotiation/session-plan.ts";
import { IceGeneration } from "./ice-generation.ts";
import { pathStatisticsOf, type IceTransportStatistics } from "./ice-transport-statistics.ts";

/**
 * How long a generation goes on taking datagrams after another took over: the peer may not have moved
 * yet. RFC 8445 §8.3.1 gives candidates that are not used any more the same time.
 */
const RETIREMENT_MS = 3_000;

/**
 * The ICE of one transport through all its restarts (RFC 8445 §9, RFC 9429 §5.2.1).
 *
 *     restart -> new generation gathers -> peer's new credentials: checks -> path, and the peer is
 *     there -> data moves over -> the generation before it listens for a while, and is closed
 *
 * Until data moves, the generation before goes on as if nothing were: a restart costs nothing, also
 * if it is rolled back or fails. Events and states are those of one transport, whatever the number of
 * generations behind it.
 */
export class IceTransport implements Endpoint<Datagram, IceEvent> {
  /** Oldest first; the last one is what the plan wants. Nearly always just one. */
  #generations: IceGeneration[];
  /** The one that carries data. */
  #carrier: IceGeneration;
  /** The agent of the carrier: asked for every packet. */
  #agent: IceAgent;
  readonly #events = new Queue<IceEvent>();
  readonly #requests = new Queue<IceRequest>();
  /** Who asked for a name, and by which number: those of two agents are the same. */
  readonly #lookups = new Map<number, { readonly agent: IceAgent; readonly requestId: number }>();
  #lastLookupId = 0;
  /** The last that was counted as a change. */
  #knownPath: IcePath | undefined;
  #selectedPairChanges = 0;
  #reportedState: IceState = "new";
  #reportedGatheringState: IceGatheringState = "new";
  #reportedRole: IceRole;

  constructor(options: IceAgentOptions) {
    this.#agent = new IceAgent(options);
    this.#carrier = new IceGeneration(this.#agent);
    this.#generations = [this.#carrier];
    this.#reportedRole = this.#agent.role;
  }

  /** The agent whose path carries data, or will if nothing changes. */
  get agent(): IceAgent {
    return this.#agent;
  }

  /** May differ from what was planned, once a conflict was repaired (RFC 8445 §7.3.1.1). */
  get role(): IceRole {
    return this.#agent.role;
  }

  /** Where data goes now; see `IceAgent.selectedPath`. */
  get selectedPath(): IcePath | undefined {
    return this.#agent.selectedPath;
  }

  /** There is a path, and the peer answers on it. */
  get isWorking(): boolean {
    return this.#carrier.isWorking;
  }

  /** A snapshot; costs objects. */
  get statistics(): IceTransportStatistics {
    const newest = this.#newest;
    const carrier = this.#agent.statistics;
    const generations =
      newest === this.#carrier
        ? [carrier]
        : [newest.hasBegun ? pathStatisticsOf(carrier) : carrier, newest.agent.statistics];
    return {
      state: this.#reportedState,
      role: this.#agent.role,
      localUfrag: newest.agent.localParameters.ufrag,
      generations,
      selectedPairChanges: this.#selectedPairChanges,
    };
  }

  get nextTimeoutAtMs(): number {
    if (this.#generations.length === 1) return this.#agent.nextTimeoutAtMs;
    let earliestAtMs = NEVER_AT_MS;
    for (const { agent, closesAtMs } of this.#generations) {
      earliestAtMs = Math.min(earliestAtMs, agent.nextTimeoutAtMs, closesAtMs);
    }
    return earliestAtMs;
  }

  /** True if data from there may be passed up; see `IceAgent.isKnownPath`. */
  isKnownPath(socketId: SocketId, remoteAddress: string, remotePort: number): boolean {
    return this.knownTraffic(socketId, remoteAddress, remotePort) !== undefined;
  }

  /** As {@link isKnownPath}, with the place where data from there is counted. */
  knownTraffic(
    socketId: SocketId,
    remoteAddress: string,
    remotePort: number,
  ): PathTraffic | undefined {
    const traffic = this.#agent.knownTraffic(socketId, remoteAddress, remotePort);
    if (traffic !== undefined || this.#generations.length === 1) return traffic;
    for (const { agent } of this.#generations) {
      const ofOther = agent.knownTraffic(socketId, remoteAddress, remotePort);
      if (ofOther !== undefined) return ofOther;
    }
    return undefined;
  }

  /** The newest generation begins to gather. Throws `UsageError` the second time. */
  gather(interfaces: readonly GatherInterface[], nowMs: number): void {
    this.#newest.agent.gather(interfaces, nowMs);
    this.#settle(nowMs);
  }

  /** True if the newest generation has these credentials: nothing is to be restarted. */
  isAt(local: IceCredentials): boolean {
    return this.#newest.hasLocal(local);
  }

  /** A new generation gathers; it checks once the peer's new credentials are there. */
  restart(options: IceAgentOptions, interfaces: readonly GatherInterface[], nowMs: number): void {
    const superseded = this.#generations.filter((generation) => this.#isSuperseded(generation));
    const generation = new IceGeneration(new IceAgent(options));
    this.#generations.push(generation);
    if (!this.#carrier.hasBegun) this.#carry(generation);
    for (const old of superseded) this.#close(old);
    this.gather(interfaces, nowMs);
  }

  /** Returns to the generation with these credentials; false if there is none (RFC 9429 §4.1.10.2). */
  rollBackTo(local: IceCredentials, nowMs: number): boolean {
    const index = this.#generations.findLastIndex((generation) => generation.hasLocal(local));
    if (index < 0) return false;
    const target = this.#generations[index]!;
    const dropped = this.#generations.slice(index + 1);
    if (dropped.includes(this.#carrier)) {
      target.revive();
      this.#carry(target);
    }
    for (const generation of dropped) this.#close(generation);
    for (const event of target.takeHeldBack()) this.#handleGatheringEvent(event);
    this.#reportGatheringState(target.agent.gatheringState);
    this.#settle(nowMs);
    return true;
  }

  /** The peer's part of the plan: of the generation that speaks to it, or of the one that will. */
  setRemote(remote: RemoteTransportPlan, nowMs: number): void {
    const newest = this.#newest;
    // An offerer that restarts still sees the old answer: it is not the new generation's.
    const known = newest.hasBegun
      ? undefined
      : this.#generations.findLast((generation) => generation.hasRemote(remote.ice));
    (known ?? newest).applyRemote(remote, nowMs);
    this.#settle(nowMs);
  }

  /** For what is STUN by its first byte. */
  handleDatagram(datagram: Datagram, nowMs: number): void {
    this.#ownerOf(datagram.socketId)?.agent.handleDatagram(datagram, nowMs);
    this.#settle(nowMs);
  }

  handleSocketBound(socketId: SocketId, local: TransportAddress, nowMs: number): void {
    this.#ownerOf(socketId)?.agent.handleSocketBound(socketId, local, nowMs);
    this.#settle(nowMs);
  }

  handleSocketFailed(socketId: SocketId, reason: string, nowMs: number): void {
    this.#ownerOf(socketId)?.agent.handleSocketFailed(socketId, reason, nowMs);
    this.#settle(nowMs);
  }

  handleNameResolved(lookupId: number, addresses: readonly string[], nowMs: number): void {
    const asker = this.#lookups.get(lookupId);
    if (asker === undefined) return;
    this.#lookups.delete(lookupId);
    asker.agent.handleNameResolved(asker.requestId, addresses, nowMs);
    this.#settle(nowMs);
  }

  handleTimeout(nowMs: number): void {
    for (const { agent } of this.#generations) {
      if (nowMs >= agent.nextTimeoutAtMs) agent.handleTimeout(nowMs);
    }
    for (const generation of this.#generations.filter(({ closesAtMs }) => nowMs >= closesAtMs)) {
      this.#close(generation);
    }
    this.#settle(nowMs);
  }

  pollTransmit(): Datagram | undefined {
    if (this.#generations.length === 1) return this.#agent.pollTransmit();
    for (const { agent } of this.#generations) {
      const datagram = agent.pollTransmit();
      if (datagram !== undefined) return datagram;
    }
    return undefined;
  }

  pollRequest(): IceRequest | undefined {
    if (this.#requests.size > 0) return this.#requests.shift();
    for (const { agent } of this.#generations) {
      const request = agent.pollRequest();
      if (request !== undefined) return this.#number(request, agent);
    }
    return undefined;
  }

  pollEvent(): IceEvent | undefined {
    return this.#events.shift();
  }

  /** Asks to close every socket. No event follows, and nothing is sent any more. */
  close(): void {
    for (const { agent } of this.#generations) agent.close();
    this.#lookups.clear();
    this.#events.clear();
  }

  get #newest(): IceGeneration {
    return this.#generations.at(-1)!;
  }

  /** The newest one of which the peer knows. */
  get #begun(): IceGeneration {
    return this.#generations.findLast(({ hasBegun }) => hasBegun) ?? this.#carrier;
  }

  #ownerOf(socketId: SocketId): IceGeneration | undefined {
    return this.#generations.find(({ agent }) => agent.ownsSocket(socketId));
  }

  /**
   * Not needed once another restart begins: what the peer never heard of, and what two later ones
   * have replaced. The one in between stays, since a rollback may return to it.
   */
  #isSuperseded(generation: IceGeneration): boolean {
    if (generation === this.#carrier) return !generation.hasBegun;
    const isRetired = generation.closesAtMs !== NEVER_AT_MS;
    return !isRetired && (generation !== this.#newest || !generation.hasBegun);
  }

  // After every change

  #settle(nowMs: number): void {
    for (const generation of this.#generations) this.#collect(generation);
    if (this.#generations.length > 1) this.#moveOn(nowMs);
    if (this.#agent.selectedPath !== this.#knownPath) {
      this.#knownPath = this.#agent.selectedPath;
      this.#selectedPairChanges++;
    }
    this.#reportState();
  }

  #collect(generation: IceGeneration): void {
    const { agent } = generation;
    for (let event = agent.pollEvent(); event !== undefined; event = agent.pollEvent()) {
      switch (event.kind) {
        case "stateChanged":
          generation.noteState(event.state, event.failure);
          this.#reportState();
          break;
        case "selectedPairChanged":
          if (generation === this.#carrier) this.#events.push(event);
          break;
        case "roleChanged":
          this.#reportRole();
          break;
        default:
          if (generation === this.#newest) this.#handleGatheringEvent(event);
          else generation.holdBack(event);
      }
    }
  }

  /** Data moves to the newest generation that can take it. */
  #moveOn(nowMs: number): void {
    for (let index = this.#generations.length - 1; index >= 0; index--) {
      const generation = this.#generations[index]!;
      if (generation === this.#carrier) return;
      const hasPath = generation.agent.selectedPath !== undefined;
      // A path that the peer may not take yet is better than one that is dead.
      if (!generation.isWelcome && !(hasPath && !this.#carrier.isWorking)) continue;
      this.#retireBefore(index, nowMs);
      this.#carry(generation);
      const { selectedPair } = generation.agent;
      if (selectedPair !== undefined)
        this.#events.push({ kind: "selectedPairChanged", ...selectedPair });
      return;
    }
  }

  /** Of those that are replaced, the ones with a path may still be sent to. */
  #retireBefore(index: number, nowMs: number): void {
    for (const generation of this.#generations.slice(0, index)) {
      const isRetired = generation.closesAtMs !== NEVER_AT_MS;
      const hasPath = generation.agent.selectedPath !== undefined;
      if (isRetired || !hasPath) this.#close(generation);
      else generation.retire(nowMs + RETIREMENT_MS);
    }
  }

  #carry(generation: IceGeneration): void {
    this.#carrier = generation;
    this.#agent = generation.agent;
    this.#reportRole();
  }

  #close(generation: IceGeneration): void {
    const { agent } = generation;
    agent.close();
    for (let last = agent.pollRequest(); last !== undefined; last = agent.pollRequest()) {
      this.#requests.push(last);
    }
    for (const [lookupId, asker] of this.#lookups) {
      if (asker.agent === agent) this.#lookups.delete(lookupId);
    }
    this.#generations = this.#generations.filter((other) => other !== generation);
  }

  #number(request: IceRequest, agent: IceAgent): IceRequest {
    if (request.kind !== "resolveName") return request;
    const lookupId = ++this.#lastLookupId;
    this.#lookups.set(lookupId, { agent, requestId: request.requestId });
    return { ...request, requestId: lookupId };
  }

  // What is told

  #handleGatheringEvent(event: IceEvent): void {
    if (event.kind === "gatheringStateChanged") this.#reportGatheringState(event.state);
    else this.#events.push(event);
  }

  #reportGatheringState(state: IceGatheringState): void {
    if (state === this.#reportedGatheringState) return;
    this.#reportedGatheringState = state;
    this.#events.push({ kind: "gatheringStateChanged", state });
  }

  #reportRole(): void {
    const { role } = this.#agent;
    if (role === this.#reportedRole) return;
    this.#reportedRole = role;
    this.#events.push({ kind: "roleChanged", role });
  }

  #reportState(): void {
    const state = this.#deriveState();
    if (state === this.#reportedState) return;
    this.#reportedState = state;
    const { failure } = this.#begun;
    const isExplained = state === "failed" && failure !== undefined;
    this.#events.push({ kind: "stateChanged", state, ...(isExplained ? { failure } : {}) });
  }

  /**
   * W3C webrtc-pc, RTCIceTransportState: a restart begins anew with "checking", unless the transport
   * is connected all the while; then "completed" falls back to "connected".
   */
  #deriveState(): IceState {
    const begun = this.#begun;
    if (begun === this.#carrier || begun.state === "failed") return begun.state;
    return this.#carrier.isWorking ? "connected" : "checking";
  }
}
