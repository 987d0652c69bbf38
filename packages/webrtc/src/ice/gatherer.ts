import type { Datagram, SocketId, TransportAddress } from "../base/datagram.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { UsageError } from "../base/errors.ts";
import type { IpFamily } from "../base/ip-address.ts";
import { ipFamilyOf, isIpv6LinkLocal, isLoopbackAddress } from "../base/ip-address.ts";
import { Queue } from "../base/queue.ts";
import type { ReceivedStunMessage } from "../stun/stun-message.ts";
import type { AgentContext } from "./agent-context.ts";
import type { IceCandidateErrorEvent, IceGatheringState, IceRequest } from "./ice-events.ts";
import type { IceAgentOptions, IceServer } from "./ice-options.ts";
import type { LocalCandidate, LocalCandidates } from "./local-candidates.ts";
import { localPreferenceOf } from "./local-candidates.ts";
import type { ReflexiveOutcome } from "./reflexive-gatherer.ts";
import { ReflexiveGatherer, UNREACHABLE_ERROR_CODE } from "./reflexive-gatherer.ts";
import type { ResolvedServer } from "./server-names.ts";
import { ServerNames } from "./server-names.ts";

/** An address of this machine that may be used. */
export type GatherInterface = {
  /** Canonical text without a zone. */
  readonly address: string;
  readonly interfaceName: string;
  /** Loopback. */
  readonly isInternal: boolean;
  readonly family: IpFamily;
};

/** What the gatherer tells the agent. */
export type GathererEvent =
  | { readonly kind: "candidate"; readonly local: LocalCandidate }
  | { readonly kind: "stateChanged"; readonly state: IceGatheringState }
  | IceCandidateErrorEvent;

type Socket = {
  readonly socketId: SocketId;
  readonly address: string;
  /** Position by preference, best first. */
  readonly rank: number;
  /** Set once the socket is bound. */
  local: TransportAddress | undefined;
};

/**
 * Collects our candidates (RFC 8445 §5.1.1): a socket for each address gives a host candidate, and a
 * server-reflexive one for each STUN server of its family. A relay gatherer will sit beside the
 * reflexive one and be asked for each bound socket in the same way.
 */
export class Gatherer {
  readonly #context: AgentContext;
  readonly #candidates: LocalCandidates;
  readonly #allocateSocketId: () => SocketId;
  readonly #mayUseHosts: boolean;
  readonly #names: ServerNames;
  readonly #reflexive: ReflexiveGatherer;
  readonly #sockets = new Map<SocketId, Socket>();
  readonly #bindFailures: string[] = [];
  readonly #silentServers = new Set<string>();
  readonly #requests = new Queue<IceRequest>();
  readonly #events = new Queue<GathererEvent>();
  #state: IceGatheringState = "new";
  #deadlineAtMs = NEVER_AT_MS;

  constructor(context: AgentContext, options: IceAgentOptions, candidates: LocalCandidates) {
    this.#context = context;
    this.#candidates = candidates;
    this.#allocateSocketId = options.allocateSocketId;
    this.#mayUseHosts = options.transportPolicy === "all";
    this.#names = new ServerNames(this.#mayUseHosts ? options.stunServers : []);
    this.#reflexive = new ReflexiveGatherer(context.crypto.random, context.timings);
  }

  get state(): IceGatheringState {
    return this.#state;
  }

  /** The policy forbids host and server-reflexive candidates. */
  get isRelayOnly(): boolean {
    return !this.#mayUseHosts;
  }

  /** Why addresses could not be bound, in words. */
  get bindFailures(): readonly string[] {
    return this.#bindFailures;
  }

  /** URLs of servers that could not be reached from any socket so far. */
  get silentServers(): ReadonlySet<string> {
    return this.#silentServers;
  }

  get nextTimeoutAtMs(): number {
    return Math.min(this.#deadlineAtMs, this.#reflexive.nextTimeoutAtMs);
  }

  /** True for one that was asked for and not given back. */
  hasSocket(socketId: SocketId): boolean {
    return this.#sockets.has(socketId);
  }

  /** Throws `UsageError` the second time. */
  gather(interfaces: readonly GatherInterface[], nowMs: number): void {
    if (this.#state !== "new")
      throw new UsageError("ERR_OUT_OF_ORDER", "gathering has begun already");
    this.#setState("gathering");
    this.#deadlineAtMs = nowMs + this.#context.timings.gatheringTimeoutMs;
    for (const [rank, address] of this.#usableAddresses(interfaces).entries()) {
      const socketId = this.#allocateSocketId();
      this.#sockets.set(socketId, { socketId, address, rank, local: undefined });
      this.#requests.push({ kind: "bindUdp", socketId, address });
    }
    if (this.#sockets.size > 0) {
      for (const name of this.#names.begin()) this.#requests.push({ kind: "resolveName", ...name });
    }
    this.#completeIfDone();
  }

  /** Answers a `bindUdp` request: the host candidate is there. */
  handleSocketBound(socketId: SocketId, local: TransportAddress, nowMs: number): void {
    const socket = this.#sockets.get(socketId);
    if (socket === undefined || socket.local !== undefined) return;
    if (this.#state === "complete") {
      this.#sockets.delete(socketId); // Too late: no candidate may follow the last one.
      this.#requests.push({ kind: "closeSocket", socketId });
      return;
    }
    socket.local = local;
    this.#announce("host", socket, local);
    for (const server of this.#names.resolved) this.#ask(socket, server, nowMs);
    this.#collect();
  }

  /** True if candidates went with the socket. */
  handleSocketFailed(socketId: SocketId, reason: string): boolean {
    const socket = this.#sockets.get(socketId);
    if (socket === undefined) return false;
    this.#sockets.delete(socketId);
    this.#reflexive.forgetSocket(socketId);
    this.#candidates.removeSocket(socketId);
    this.#bindFailures.push(`${socket.address}: ${reason}`);
    this.#completeIfDone();
    return socket.local !== undefined;
  }

  /** Answers a `resolveName` request; no addresses: the name leads nowhere. */
  handleNameResolved(requestId: number, addresses: readonly string[], nowMs: number): void {
    for (const resolved of this.#names.resolve(requestId, addresses)) {
      if (resolved.addresses.length === 0) this.#reportUnresolved(resolved.server);
      for (const socket of this.#sockets.values()) this.#ask(socket, resolved, nowMs);
    }
    this.#collect();
  }

  /** True if the message was for us. */
  handleResponse(message: ReceivedStunMessage, datagram: Datagram, nowMs: number): boolean {
    const isOurs = this.#reflexive.handleResponse(message, datagram, nowMs);
    if (isOurs) this.#collect();
    return isOurs;
  }

  handleTimeout(nowMs: number): void {
    this.#reflexive.handleTimeout(nowMs);
    if (nowMs >= this.#deadlineAtMs) {
      this.#reflexive.giveUp();
      for (const server of this.#names.giveUp()) this.#reportUnresolved(server);
    }
    this.#collect(nowMs >= this.#deadlineAtMs);
  }

  /** A pair is nominated: the servers need not hold mappings open any more. */
  stopKeepalives(): void {
    this.#reflexive.stopKeepalives();
  }

  /** Asks to close every socket. */
  close(): void {
    this.#events.clear();
    this.#requests.clear();
    this.#reflexive.close();
    for (const socketId of this.#sockets.keys()) {
      this.#requests.push({ kind: "closeSocket", socketId });
    }
    this.#sockets.clear();
    this.#deadlineAtMs = NEVER_AT_MS;
  }

  pollRequest(): IceRequest | undefined {
    return this.#requests.shift();
  }

  pollTransmit(): Datagram | undefined {
    return this.#reflexive.pollTransmit();
  }

  pollEvent(): GathererEvent | undefined {
    return this.#events.shift();
  }

  /** Each address once, best first: not loopback, not link-local, IPv6, then in the given order. */
  #usableAddresses(interfaces: readonly GatherInterface[]): readonly string[] {
    if (!this.#mayUseHosts) return [];
    const penalty = ({ address, isInternal, family }: GatherInterface): number =>
      (isInternal ? 4 : 0) + (isIpv6LinkLocal(address) ? 2 : 0) + (family === "IPv4" ? 1 : 0);
    const sorted = [...interfaces].sort((a, b) => penalty(a) - penalty(b));
    return [...new Set(sorted.map(({ address }) => address))];
  }

  #ask(socket: Socket, { server, serverIndex, addresses }: ResolvedServer, nowMs: number): void {
    if (socket.local === undefined) return;
    for (const address of addresses) {
      if (!canReach(socket.address, address)) continue;
      const serverAddress = { address, port: server.port };
      const { socketId } = socket;
      this.#reflexive.ask({ socketId, server, serverIndex, serverAddress }, nowMs);
    }
  }

  #collect(isDeadlineReached = false): void {
    for (;;) {
      const outcome = this.#reflexive.pollOutcome();
      if (outcome === undefined) break;
      this.#handleOutcome(outcome);
    }
    this.#completeIfDone(isDeadlineReached);
  }

  #handleOutcome(outcome: ReflexiveOutcome): void {
    const { socketId, server, serverIndex, serverAddress } = outcome.question;
    const socket = this.#sockets.get(socketId);
    if (socket?.local === undefined) return;
    if (outcome.kind === "mapped") {
      const from = { address: serverAddress.address, url: server.url };
      this.#announce("srflx", socket, outcome.mapped, from, serverIndex);
      return;
    }
    if (outcome.errorCode === UNREACHABLE_ERROR_CODE) this.#silentServers.add(server.url);
    const { address, port } = socket.local;
    const { errorCode, errorText } = outcome;
    const { url } = server;
    this.#events.push({ kind: "candidateError", address, port, url, errorCode, errorText });
  }

  #announce(
    type: "host" | "srflx",
    { socketId, local, rank }: Socket,
    mapped: TransportAddress,
    server?: { readonly address: string; readonly url: string },
    serverIndex?: number,
  ): void {
    if (local === undefined) return;
    const added = this.#candidates.add({
      type,
      socketId,
      base: local,
      localPreference: localPreferenceOf(rank, serverIndex),
      mapped,
      ...(server === undefined ? {} : { server }),
    });
    if (added !== undefined) this.#events.push({ kind: "candidate", local: added });
  }

  #reportUnresolved({ url, address: name }: IceServer): void {
    this.#silentServers.add(url);
    this.#events.push({
      kind: "candidateError",
      address: undefined,
      port: undefined,
      url,
      errorCode: UNREACHABLE_ERROR_CODE,
      errorText: `no address was found for ${JSON.stringify(name)}`,
    });
  }

  #completeIfDone(isDeadlineReached = false): void {
    if (this.#state !== "gathering") return;
    const hasPending =
      this.#names.hasPending ||
      !this.#reflexive.isIdle ||
      [...this.#sockets.values()].some(({ local }) => local === undefined);
    if (hasPending && !isDeadlineReached) return;
    this.#deadlineAtMs = NEVER_AT_MS;
    this.#setState("complete");
  }

  #setState(state: IceGatheringState): void {
    this.#state = state;
    this.#events.push({ kind: "stateChanged", state });
  }
}

/** Same family; loopback and link-local do not lead out of their scope. */
function canReach(from: string, to: string): boolean {
  if (ipFamilyOf(from) !== ipFamilyOf(to)) return false;
  if (isLoopbackAddress(from) && !isLoopbackAddress(to)) return false;
  return isIpv6LinkLocal(from) === isIpv6LinkLocal(to);
}
