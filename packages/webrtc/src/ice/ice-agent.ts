import { toHex } from "../base/bytes.ts";
import type { Datagram, SocketId, TransportAddress } from "../base/datagram.ts";
import type { Endpoint } from "../base/endpoint.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { SpecRef } from "../base/errors.ts";
import { assertNever, ProtocolFailure, UsageError, WireFormatError } from "../base/errors.ts";
import { Queue } from "../base/queue.ts";
import { decodeStunMessage } from "../stun/stun-decoder.ts";
import { BINDING_METHOD } from "../stun/stun-header.ts";
import type { ReceivedStunMessage } from "../stun/stun-message.ts";
import { AgentContext } from "./agent-context.ts";
import type { CandidatePair } from "./candidate-pair.ts";
import { Connectivity } from "./connectivity.ts";
import { explainNoPair } from "./failure-report.ts";
import type { GatherInterface } from "./gatherer.ts";
import { Gatherer } from "./gatherer.ts";
import type { IceCandidate } from "./ice-candidate.ts";
import { addressText } from "./ice-candidate.ts";
import { checkIceParameters } from "./ice-credentials.ts";
import type { IceEvent, IceGatheringState, IceRequest, IceState } from "./ice-events.ts";
import type { IceAgentOptions, IceParameters, IceRole } from "./ice-options.ts";
import { DEFAULT_ICE_LIMITS, DEFAULT_ICE_TIMINGS } from "./ice-options.ts";
import type {
  IceDiagnostics,
  IcePairStatistics,
  IcePath,
  IceStatistics,
} from "./ice-statistics.ts";
import { pairStatisticsOf } from "./ice-statistics.ts";
import { LocalCandidates } from "./local-candidates.ts";
import { PathConsent } from "./path-consent.ts";
import { createTraffic, type PathTraffic } from "./path-traffic.ts";
import { RemoteCandidates } from "./remote-candidates.ts";

/**
 * A full ICE agent (RFC 8445, trickle per RFC 8838) with one component: finds a path to the peer and
 * keeps it. Handles no socket and no clock: see {@link Endpoint}; besides transmits and events,
 * drain `pollRequest`.
 *
 * It only dispatches. Candidates come from the gatherer, paths from {@link Connectivity}, the right
 * to send is watched by {@link PathConsent}.
 */
export class IceAgent implements Endpoint<Datagram, IceEvent> {
  readonly #context: AgentContext;
  readonly #locals: LocalCandidates;
  readonly #remotes: RemoteCandidates;
  readonly #gatherer: Gatherer;
  readonly #connectivity: Connectivity;
  readonly #consent: PathConsent;
  readonly #events = new Queue<IceEvent>();
  #state: IceState = "new";
  #reportedRole: IceRole;
  #selected: CandidatePair | undefined;
  #selectedPath: IcePath | undefined;
  #lastKnown: CandidatePair | undefined;
  /** Of paths that have no pair yet: nobody asks for it. */
  readonly #earlyTraffic = createTraffic();
  #hasAllRemoteCandidates = false;
  #hasBeenConnected = false;
  /** When there was last something new to try; patience is counted from here. */
  #progressAtMs = NEVER_AT_MS;
  #progress = 0;
  #malformedDatagrams = 0;
  #strayMessages = 0;

  constructor(options: IceAgentOptions) {
    const role = options.isRemoteLite ? "controlling" : options.role; // RFC 8445 §6.1.1
    const timings = { ...DEFAULT_ICE_TIMINGS, ...options.timings };
    const limits = { ...DEFAULT_ICE_LIMITS, ...options.limits };
    this.#context = new AgentContext(
      options.crypto,
      role,
      timings,
      limits,
      options.localParameters,
    );
    this.#reportedRole = role;
    this.#locals = new LocalCandidates(this.#context.local.ufrag);
    this.#remotes = new RemoteCandidates(limits);
    this.#gatherer = new Gatherer(this.#context, options, this.#locals);
    this.#connectivity = new Connectivity(this.#context, this.#locals, this.#remotes);
    this.#consent = new PathConsent(this.#context);
  }

  /** To be sent to the peer (RFC 8839 §5.4). */
  get localParameters(): IceParameters {
    return this.#context.local;
  }

  get role(): IceRole {
    return this.#context.role;
  }

  get gatheringState(): IceGatheringState {
    return this.#gatherer.state;
  }

  get state(): IceState {
    return this.#state;
  }

  /** Where data goes now; `undefined` if it must not be sent. The same object until it changes. */
  get selectedPath(): IcePath | undefined {
    return this.#selectedPath;
  }

  get selectedPair(): { readonly local: IceCandidate; readonly remote: IceCandidate } | undefined {
    const pair = this.#selected;
    return pair && { local: pair.validLocal, remote: pair.remote.candidate };
  }

  /**
   * The peer has sent a check that names its credentials and ours: it holds both descriptions, and
   * takes data along the pairs that it was seen to answer.
   */
  get hasHeardPeer(): boolean {
    return this.#connectivity.hasHeardPeer;
  }

  /** Statistics of every pair, best first. */
  get pairs(): readonly IcePairStatistics[] {
    return this.#connectivity.pairs.map((pair) => pairStatisticsOf(pair));
  }

  /** A snapshot of everything; costs objects. */
  get statistics(): IceStatistics {
    return {
      localUfrag: this.#context.local.ufrag,
      localCandidates: Array.from(this.#locals, ({ candidate }) => candidate),
      remoteCandidates: this.#connectivity.remoteCandidates,
      pairs: this.pairs,
      selectedPairId: this.#selected?.id,
    };
  }

  /** What was ignored, and how often. */
  get diagnostics(): IceDiagnostics {
    return {
      malformedDatagrams: this.#malformedDatagrams,
      strayMessages: this.#strayMessages,
      asymmetricAnswers: this.#connectivity.asymmetricAnswers,
      unauthenticatedRequests: this.#connectivity.unauthenticatedRequests,
      unusableRemoteCandidates: Object.fromEntries(this.#remotes.unusable),
      bindFailures: this.#gatherer.bindFailures,
      silentServers: [...this.#gatherer.silentServers],
    };
  }

  get nextTimeoutAtMs(): number {
    if (this.#state === "closed") return NEVER_AT_MS;
    if (this.#state === "failed") return this.#gatherer.nextTimeoutAtMs;
    return Math.min(
      this.#gatherer.nextTimeoutAtMs,
      this.#connectivity.nextTimeoutAtMs,
      this.#consent.nextTimeoutAtMs,
      this.#patienceEndsAtMs,
    );
  }

  /**
   * True if data from there may be passed up: the peer has shown, by an authenticated check or
   * answer, that it is the peer's. Cheap: called for every packet.
   */
  isKnownPath(socketId: SocketId, remoteAddress: string, remotePort: number): boolean {
    return this.knownTraffic(socketId, remoteAddress, remotePort) !== undefined;
  }

  /** As {@link isKnownPath}, with the place where data from there is counted. */
  knownTraffic(
    socketId: SocketId,
    remoteAddress: string,
    remotePort: number,
  ): PathTraffic | undefined {
    if (this.#isOver) return undefined;
    const last = this.#lastKnown;
    if (last?.isKnown && last.isPath(socketId, remoteAddress, remotePort)) return last.traffic;
    const pair = this.#connectivity.findPath(socketId, remoteAddress, remotePort);
    // Before the peer's answer only its checks are known (RFC 8445 §7.3): they prove as much.
    if (!pair?.isKnown) {
      const isEarly = this.#connectivity.hasEarlyCheckFrom(socketId, remoteAddress, remotePort);
      return isEarly ? this.#earlyTraffic : undefined;
    }
    this.#lastKnown = pair;
    return pair.traffic;
  }

  /** True for a socket that was asked for here and not given back. */
  ownsSocket(socketId: SocketId): boolean {
    return this.#gatherer.hasSocket(socketId);
  }

  /**
   * Begins to gather. The caller has chosen the interfaces; each address gets one socket. Throws
   * `UsageError` if gathering has begun already.
   */
  gather(interfaces: readonly GatherInterface[], nowMs: number): void {
    if (this.#state === "closed") return;
    this.#gatherer.gather(interfaces, nowMs);
    if (this.#context.remote !== undefined) this.#progressAtMs = nowMs;
    this.#settle(nowMs);
  }

  handleSocketBound(socketId: SocketId, local: TransportAddress, nowMs: number): void {
    if (this.#state === "closed") return;
    this.#gatherer.handleSocketBound(socketId, local, nowMs);
    this.#settle(nowMs);
  }

  /** The socket could not be bound, or died later. */
  handleSocketFailed(socketId: SocketId, reason: string, nowMs: number): void {
    if (this.#state === "closed") return;
    if (this.#gatherer.handleSocketFailed(socketId, reason)) {
      this.#connectivity.handleSocketLost(socketId, reason);
      if (this.#context.remote !== undefined) this.#progressAtMs = nowMs;
    }
    this.#settle(nowMs);
  }

  /** Answers a `resolveName` request; no addresses: the name was not found. */
  handleNameResolved(requestId: number, addresses: readonly string[], nowMs: number): void {
    if (this.#state === "closed") return;
    this.#gatherer.handleNameResolved(requestId, addresses, nowMs);
    this.#settle(nowMs);
  }

  /**
   * The peer's credentials; checks begin. The same ones again are welcome; others throw `UsageError`,
   * since a restart needs a new agent, and so does a text that is no credential.
   */
  setRemoteParameters(parameters: IceParameters, nowMs: number): void {
    if (this.#isOver) return;
    checkIceParameters(parameters);
    const known = this.#context.remote;
    if (known !== undefined) {
      if (known.ufrag === parameters.ufrag && known.password === parameters.password) return;
      throw new UsageError("ERR_OUT_OF_ORDER", "remote ICE parameters are set already");
    }
    this.#context.setRemote(parameters);
    if (parameters.isLite) this.#context.setRole("controlling");
    this.#progressAtMs = nowMs;
    this.#connectivity.begin(nowMs);
    this.#settle(nowMs);
  }

  /** Negotiation decided otherwise than the options said. */
  setRole(role: IceRole, nowMs: number): void {
    if (this.#isOver || role === this.#context.role) return;
    this.#context.setRole(role);
    this.#connectivity.handleRoleChange();
    this.#settle(nowMs);
  }

  /** One that cannot be used is counted in {@link diagnostics}, not an error. */
  addRemoteCandidate(candidate: IceCandidate, nowMs: number): void {
    if (this.#isOver) return;
    this.#connectivity.addRemote(candidate);
    this.#settle(nowMs);
  }

  /** No further remote candidate will come (RFC 8838 §14). */
  endOfRemoteCandidates(nowMs: number): void {
    this.#hasAllRemoteCandidates = true;
    this.#settle(nowMs);
  }

  /** For what is STUN by its first byte (RFC 7983 §7). Noise is counted and dropped. */
  handleDatagram(datagram: Datagram, nowMs: number): void {
    if (this.#state === "closed") return;
    const message = this.#decode(datagram.bytes);
    if (message === undefined) return;
    if (message.method !== BINDING_METHOD) {
      this.#strayMessages++;
    } else if (message.class === "request") {
      this.#handleRequest(message, datagram, nowMs);
    } else if (message.class !== "indication") {
      this.#handleResponse(message, datagram, nowMs);
    }
    this.#settle(nowMs);
  }

  handleTimeout(nowMs: number): void {
    if (this.#state === "closed") return;
    this.#gatherer.handleTimeout(nowMs);
    if (!this.#isOver) {
      this.#connectivity.handleTimeout(nowMs);
      this.#consent.handleTimeout(nowMs);
    }
    this.#settle(nowMs);
  }

  pollTransmit(): Datagram | undefined {
    return (
      this.#connectivity.pollTransmit() ??
      this.#consent.pollTransmit() ??
      this.#gatherer.pollTransmit()
    );
  }

  pollEvent(): IceEvent | undefined {
    return this.#events.shift();
  }

  /** What the world is asked for besides sending. */
  pollRequest(): IceRequest | undefined {
    return this.#gatherer.pollRequest();
  }

  /** Asks to close every socket. No event follows, and nothing is sent any more. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#abandonPath();
    this.#gatherer.close();
    this.#events.clear();
  }

  get #isOver(): boolean {
    return this.#state === "closed" || this.#state === "failed";
  }

  get #areCandidatesComplete(): boolean {
    return this.#hasAllRemoteCandidates && this.#gatherer.state === "complete";
  }

  /** There is nothing to send from, and never will be. */
  get #isStranded(): boolean {
    return this.#locals.size === 0 && this.#gatherer.state === "complete";
  }

  /** When to give up looking for a first pair, or for another one if the socket is gone. */
  get #patienceEndsAtMs(): number {
    // A callee may let the phone ring for long before it begins to gather.
    if (this.#selected !== undefined || this.#gatherer.state === "new") return NEVER_AT_MS;
    if (this.#isStranded) return this.#progressAtMs;
    const { patienceMs, exhaustedPatienceMs } = this.#context.timings;
    const isHopeless = this.#areCandidatesComplete && this.#connectivity.isExhausted;
    return this.#progressAtMs + (isHopeless ? exhaustedPatienceMs : patienceMs);
  }

  #decode(bytes: Uint8Array): ReceivedStunMessage | undefined {
    try {
      return decodeStunMessage(bytes);
    } catch (error) {
      if (!(error instanceof WireFormatError)) throw error;
      this.#malformedDatagrams++;
      return undefined;
    }
  }

  /** A failed agent stays silent: an answer would be consent. */
  #handleRequest(message: ReceivedStunMessage, datagram: Datagram, nowMs: number): void {
    if (this.#isOver) return;
    const news = this.#connectivity.handleRequest(message, datagram, nowMs);
    if (news === "alive") this.#consent.hasten(nowMs);
    else if (news === "doubtful") this.#consent.probe(nowMs);
  }

  #handleResponse(message: ReceivedStunMessage, datagram: Datagram, nowMs: number): void {
    const isExpected =
      this.#gatherer.handleResponse(message, datagram, nowMs) ||
      (!this.#isOver &&
        (this.#connectivity.handleResponse(message, datagram, nowMs) ||
          this.#consent.handleResponse(toHex(message.transactionId), message, datagram, nowMs)));
    if (!isExpected) this.#strayMessages++;
  }

  /** After every change: all consequences at once. */
  #settle(nowMs: number): void {
    this.#drainGatherer();
    if (this.#isOver) return;
    this.#drainConsent(nowMs);
    if (this.#isOver) return;
    this.#connectivity.settle(this.#areCandidatesComplete, nowMs);
    this.#reportRole();
    this.#followSelection(nowMs);
    this.#noteProgress(nowMs);
    if (nowMs >= this.#patienceEndsAtMs) this.#failWithoutPair();
    else this.#setState(this.#deriveState());
  }

  #drainGatherer(): void {
    for (;;) {
      const event = this.#gatherer.pollEvent();
      if (event === undefined) return;
      switch (event.kind) {
        case "candidate":
          this.#connectivity.addLocal(event.local);
          this.#events.push({ kind: "localCandidate", candidate: event.local.candidate });
          break;
        case "stateChanged":
          this.#events.push({ kind: "gatheringStateChanged", state: event.state });
          break;
        case "candidateError":
          this.#events.push(event);
          break;
        default:
          assertNever(event);
      }
    }
  }

  #drainConsent(nowMs: number): void {
    for (;;) {
      const event = this.#consent.pollEvent();
      if (event === undefined) return;
      if (event.kind === "consentLost") return this.#failWithoutConsent();
      this.#connectivity.setSelectedMissing(event.kind === "consentMissing", nowMs);
    }
  }

  #reportRole(): void {
    if (this.#context.role === this.#reportedRole) return;
    this.#reportedRole = this.#context.role;
    this.#events.push({ kind: "roleChanged", role: this.#reportedRole });
  }

  #followSelection(nowMs: number): void {
    const selected = this.#connectivity.selected;
    if (selected !== this.#selected) {
      this.#selected = selected;
      this.#selectedPath = selected && {
        socketId: selected.local.socketId,
        remoteAddress: selected.remote.candidate.address,
        remotePort: selected.remote.candidate.port,
        traffic: selected.traffic,
      };
      this.#consent.watch(selected, nowMs);
      if (selected !== undefined) {
        this.#hasBeenConnected = true;
        const { validLocal: local, remote } = selected;
        this.#events.push({ kind: "selectedPairChanged", local, remote: remote.candidate });
      }
    }
    if (selected?.isNominated) this.#gatherer.stopKeepalives();
    if (this.#consent.confirmBy(selected, nowMs)) {
      this.#connectivity.setSelectedMissing(false, nowMs);
    }
  }

  #noteProgress(nowMs: number): void {
    if (this.#connectivity.progress <= this.#progress) return;
    this.#progress = this.#connectivity.progress;
    if (this.#context.remote !== undefined) this.#progressAtMs = nowMs;
  }

  #deriveState(): IceState {
    if (this.#selected === undefined) {
      if (this.#hasBeenConnected) return "disconnected";
      const hasBegun = this.#context.remote !== undefined && this.#remotes.size > 0;
      return hasBegun ? "checking" : "new";
    }
    if (this.#consent.isMissing) return "disconnected";
    return this.#selected.isNominated && this.#areCandidatesComplete ? "completed" : "connected";
  }

  #setState(state: IceState, failure?: ProtocolFailure): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.push({
      kind: "stateChanged",
      state,
      ...(failure === undefined ? {} : { failure }),
    });
  }

  #failWithoutPair(): void {
    const message = explainNoPair({
      local: this.#locals,
      remote: this.#remotes,
      pairs: this.#connectivity.pairs,
      gatherer: this.#gatherer,
    });
    const code = this.#locals.size === 0 ? "ERR_LOCAL_RESOURCE" : "ERR_NO_CANDIDATE_PAIR";
    this.#fail(code, "RFC 8445 §8.1.2", message);
  }

  #failWithoutConsent(): void {
    const pair = this.#selected;
    if (pair === undefined) return;
    const { address, port } = pair.remote.candidate;
    const from = addressText(pair.local.base.address, pair.local.base.port);
    const seconds = this.#context.timings.consentLifetimeMs / 1_000;
    const message =
      `connection lost: no consent check ${from} -> ${addressText(address, port)} was answered ` +
      `for ${seconds} s (peer gone, or network path broken)`;
    this.#fail("ERR_CONSENT_LOST", "RFC 7675 §5.1", message);
  }

  #fail(code: ProtocolFailure["code"], spec: SpecRef, message: string): void {
    this.#abandonPath();
    this.#gatherer.stopKeepalives();
    this.#setState("failed", new ProtocolFailure(code, spec, message));
  }

  #abandonPath(): void {
    this.#connectivity.stop();
    this.#consent.stop();
    this.#selected = undefined;
    this.#selectedPath = undefined;
    this.#lastKnown = undefined;
  }
}
