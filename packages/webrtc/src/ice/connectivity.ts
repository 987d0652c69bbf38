import type { Datagram, SocketId } from "../base/datagram.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { Queue } from "../base/queue.ts";
import type { ReceivedStunMessage } from "../stun/stun-message.ts";
import type { AgentContext } from "./agent-context.ts";
import { peerReflexivePriority } from "./binding-messages.ts";
import type { CandidatePair } from "./candidate-pair.ts";
import { CheckPacer } from "./check-pacer.ts";
import type { AcceptedCheck } from "./check-responder.ts";
import { CheckResponder } from "./check-responder.ts";
import { Checklist } from "./checklist.ts";
import type { CheckOutcome } from "./connectivity-checks.ts";
import { ConnectivityChecks } from "./connectivity-checks.ts";
import type { IceCandidate } from "./ice-candidate.ts";
import type { IceRemoteCandidateStatistics } from "./ice-statistics.ts";
import type { LocalCandidate, LocalCandidates } from "./local-candidates.ts";
import { isBase } from "./local-candidates.ts";
import { Nomination, PLAIN_RANK, selectPair } from "./nomination.ts";
import type { RemoteCandidate, RemoteCandidates } from "./remote-candidates.ts";

/** What a request tells of the selected pair: the peer is there, or may use another one by now. */
export type SelectedPairNews = "nothing" | "alive" | "doubtful";

/**
 * Finds the pair to use: joins candidates into pairs, has them checked, answers the peer's checks
 * and nominates. The procedures are in files of their own; here they meet.
 */
export class Connectivity {
  readonly #context: AgentContext;
  readonly #locals: LocalCandidates;
  readonly #remotes: RemoteCandidates;
  readonly #checklist: Checklist;
  readonly #checks: ConnectivityChecks;
  readonly #pacer: CheckPacer;
  readonly #responder: CheckResponder;
  readonly #nomination: Nomination;
  readonly #responses = new Queue<Datagram>();
  /** Checks that came before the peer's parameters (RFC 8445 §7.3). */
  #early: AcceptedCheck[] = [];
  #selected: CandidatePair | undefined;
  #isSelectedMissing = false;
  #hasHeardPeer = false;
  #replacedCandidates = 0;

  constructor(context: AgentContext, locals: LocalCandidates, remotes: RemoteCandidates) {
    this.#context = context;
    this.#locals = locals;
    this.#remotes = remotes;
    this.#checklist = new Checklist(context.limits.maxPairs);
    this.#checks = new ConnectivityChecks(context);
    this.#pacer = new CheckPacer(context.timings);
    this.#responder = new CheckResponder(context);
    this.#nomination = new Nomination(context.timings);
  }

  /** In decreasing order of priority. */
  get pairs(): readonly CandidatePair[] {
    return this.#checklist.pairs;
  }

  /**
   * Grows when there is something new to try. A learned candidate in the place of another is not
   * that: checks, replayed from ever new places, would put off the failure for ever.
   */
  get progress(): number {
    return this.#checklist.formed - this.#replacedCandidates;
  }

  /** Nothing is left to check. */
  get isExhausted(): boolean {
    return this.#checklist.isExhausted;
  }

  /** The pair that data should take now. */
  get selected(): CandidatePair | undefined {
    return this.#selected;
  }

  /** A check with both sides' credentials has come from the peer. */
  get hasHeardPeer(): boolean {
    return this.#hasHeardPeer;
  }

  get asymmetricAnswers(): number {
    return this.#checks.asymmetricAnswers;
  }

  get unauthenticatedRequests(): number {
    return this.#responder.unauthenticated;
  }

  get nextTimeoutAtMs(): number {
    if (this.#context.remote === undefined) return NEVER_AT_MS;
    return Math.min(
      this.#checks.nextTimeoutAtMs,
      this.#nomination.nextTimeoutAtMs,
      this.#pacer.nextAtMs(this.#checklist),
    );
  }

  /**
   * Announced, learned from checks, or known only from a check that came before the description of
   * the peer: that one has no username fragment yet, since none was signaled.
   */
  get remoteCandidates(): readonly IceRemoteCandidateStatistics[] {
    const ufrag = this.#context.remote?.ufrag;
    const signaled = new Set<string>();
    for (const { candidate, isLearned } of this.#remotes) {
      if (!isLearned) signaled.add(candidate.address);
    }
    const early = this.#early
      .filter(({ remoteAddress, remotePort }) => !this.#remotes.find(remoteAddress, remotePort))
      .map((check) => ({ candidate: earlyCandidateOf(check) }));
    return [...this.#remotes, ...early].map(({ candidate }) => ({
      candidate: ufrag === undefined ? candidate : { ufrag, ...candidate },
      isAddressSignaled: signaled.has(candidate.address),
    }));
  }

  /** The pair along which packets between these ends travel. */
  findPath(socketId: SocketId, address: string, port: number): CandidatePair | undefined {
    return this.#checklist.findPath(socketId, address, port);
  }

  /** True if an authenticated check came from there while the peer's parameters are not known. */
  hasEarlyCheckFrom(socketId: SocketId, address: string, port: number): boolean {
    for (const check of this.#early) {
      if (check.socketId !== socketId || check.remotePort !== port) continue;
      if (check.remoteAddress === address) return true;
    }
    return false;
  }

  addLocal(local: LocalCandidate): void {
    if (!isBase(local.candidate.type)) return; // Its base is paired already (RFC 8445 §6.1.2.4).
    for (const remote of this.#remotes) this.#pairUp(local, remote);
  }

  addRemote(candidate: IceCandidate): void {
    const added = this.#remotes.add(candidate, this.#context.remote?.ufrag);
    if (added.kind === "adopted") this.#checklist.updatePriorities(this.#context.role);
    if (added.kind === "unusable") return;
    for (const local of this.#locals) {
      if (isBase(local.candidate.type)) this.#pairUp(local, added.remote);
    }
  }

  /** The peer's parameters are known from here on. */
  begin(nowMs: number): void {
    const dropped = this.#remotes.keepOnly(this.#context.remote?.ufrag ?? "");
    this.#remove((pair) => dropped.includes(pair.remote), "peer withdrew the candidate");
    const early = this.#early;
    this.#early = [];
    for (const check of early) this.#handleAccepted(check, nowMs);
  }

  /** The role was changed from outside. */
  handleRoleChange(): void {
    this.#nomination.reset();
    this.#checklist.updatePriorities(this.#context.role);
  }

  /**
   * A Binding request: answered, and if it is the peer's, followed up (RFC 8445 §7.3). One that is
   * not tells nothing.
   */
  handleRequest(request: ReceivedStunMessage, datagram: Datagram, nowMs: number): SelectedPairNews {
    const roleBefore = this.#context.role;
    const mayRepairRoles = this.#selected?.isNominated !== true;
    const verdict = this.#responder.respond(request, datagram, mayRepairRoles, nowMs);
    if (this.#context.role !== roleBefore) this.handleRoleChange();
    const { response, accepted } = verdict;
    if (response !== undefined) this.#responses.push({ ...datagram, bytes: response });
    if (accepted === undefined) return "nothing";
    if (this.#context.remote !== undefined) return this.#handleAccepted(accepted, nowMs);
    this.#keepForLater(accepted);
    return "nothing";
  }

  /** True if the message answers a check of ours. */
  handleResponse(message: ReceivedStunMessage, datagram: Datagram, nowMs: number): boolean {
    return this.#checks.handleResponse(message, datagram, nowMs);
  }

  handleTimeout(nowMs: number): void {
    this.#checks.handleTimeout(nowMs);
  }

  /** The socket is gone, and every pair with it. */
  handleSocketLost(socketId: SocketId, reason: string): void {
    const hadPath = this.#selected !== undefined;
    this.#remove((pair) => pair.local.socketId === socketId, `socket failed: ${reason}`);
    if (hadPath && this.#selected === undefined) {
      this.#isSelectedMissing = false;
      this.#nomination.reset();
      this.#checklist.resume(undefined);
    }
  }

  /** The selected pair stopped or started to answer: other ways are tried meanwhile. */
  setSelectedMissing(isMissing: boolean, nowMs: number): void {
    if (this.#isSelectedMissing === isMissing) return;
    this.#isSelectedMissing = isMissing;
    if (isMissing) {
      this.#nomination.reset();
      this.#checklist.resume(this.#selected);
    } else if (this.#selected?.isNominated) {
      this.#conclude(this.#selected, nowMs);
    }
  }

  /** Does all that is due. `areCandidatesComplete`: no candidate of either side is still to come. */
  settle(areCandidatesComplete: boolean, nowMs: number): void {
    if (this.#context.remote === undefined) return;
    do {
      this.#drainOutcomes(nowMs);
      this.#startChecks(nowMs);
    } while (this.#select(nowMs) || this.#nominate(areCandidatesComplete, nowMs));
  }

  /** Ends everything; what the pairs know remains to be read. */
  stop(): void {
    this.#checks.clear();
    this.#responses.clear();
    this.#early = [];
    this.#selected = undefined;
  }

  pollTransmit(): Datagram | undefined {
    return this.#responses.shift() ?? this.#checks.pollTransmit();
  }

  /** The selected pair, while it does not answer. */
  get #avoided(): CandidatePair | undefined {
    return this.#isSelectedMissing ? this.#selected : undefined;
  }

  #pairUp(local: LocalCandidate, remote: RemoteCandidate): void {
    this.#checklist.pairUp(local, remote, this.#context.role);
  }

  #remove(isUnwanted: (pair: CandidatePair) => boolean, problem: string): void {
    for (const pair of this.#checklist.removeIf(isUnwanted)) {
      pair.abandon(problem);
      this.#checks.forget(pair);
      if (this.#nomination.nominating === pair) this.#nomination.reset();
      if (this.#selected === pair) this.#selected = undefined;
    }
  }

  /** One entry for each path; a nomination is not lost. */
  #keepForLater(accepted: AcceptedCheck): void {
    const index = this.#early.findIndex(
      ({ socketId, remoteAddress, remotePort }) =>
        socketId === accepted.socketId &&
        remotePort === accepted.remotePort &&
        remoteAddress === accepted.remoteAddress,
    );
    const known = this.#early[index];
    if (known !== undefined) {
      const isNominating = known.isNominating || accepted.isNominating;
      this.#early[index] = { ...accepted, isNominating };
    } else if (this.#early.length < this.#context.limits.maxEarlyChecks) {
      this.#early.push(accepted);
    }
  }

  /** RFC 8445 §7.3.1.3 to §7.3.1.5. */
  #handleAccepted(accepted: AcceptedCheck, nowMs: number): SelectedPairNews {
    // Another ufrag: an older or newer generation, whose password is not known here.
    if (accepted.remoteUfrag !== this.#context.remote?.ufrag) return "nothing";
    const { socketId, remoteAddress, remotePort } = accepted;
    const local = this.#locals.baseOf(socketId);
    if (local === undefined) return "nothing";
    const remote = this.#remotes.find(remoteAddress, remotePort) ?? this.#learn(accepted);
    const pair = remote && this.#checklist.obtain(local, remote, this.#context.role);
    if (pair === undefined) return "nothing";
    this.#hasHeardPeer = true;
    pair.noteRequest();
    pair.counters.responsesSent++;
    if (!pair.isValid) this.#recheck(pair);
    const isNominating = accepted.isNominating && this.#context.role === "controlled";
    if (isNominating) this.#handleNomination(pair, accepted.nomination, nowMs);
    if (pair === this.#selected) return "alive";
    return isNominating ? "doubtful" : "nothing";
  }

  /** `undefined` if there are too many, and all of use. */
  #learn({ remoteAddress, remotePort, priority }: AcceptedCheck): RemoteCandidate | undefined {
    const { learned } = this.#remotes;
    if (learned.length >= this.#context.limits.maxLearnedCandidates) {
      const useless = this.#mostUselessOf(learned);
      if (useless === undefined) return undefined;
      this.#remotes.forget(useless);
      this.#replacedCandidates++;
      this.#remove((pair) => pair.remote === useless, "gave way to a newer address of the peer");
    }
    return this.#remotes.learn(remoteAddress, remotePort, priority);
  }

  /** The oldest that led nowhere; only if all work, the oldest that is not used. */
  #mostUselessOf(learned: readonly RemoteCandidate[]): RemoteCandidate | undefined {
    const hasPair = (remote: RemoteCandidate, is: (pair: CandidatePair) => boolean): boolean =>
      this.pairs.some((pair) => pair.remote === remote && is(pair));
    const works = (remote: RemoteCandidate): boolean => hasPair(remote, ({ isValid }) => isValid);
    const doAllWork = learned.every(works);
    return learned.find(
      (remote) => works(remote) === doAllWork && !hasPair(remote, (pair) => this.#isInUse(pair)),
    );
  }

  #isInUse(pair: CandidatePair): boolean {
    const isWorkedOn = pair.state === "waiting" || pair.state === "in-progress";
    return isWorkedOn || pair === this.#selected || pair === this.#nomination.nominating;
  }

  #handleNomination(pair: CandidatePair, nomination: number | undefined, nowMs: number): void {
    const rank = nomination ?? PLAIN_RANK;
    const isFresh = nowMs - pair.succeededAtMs < this.#context.timings.consentIntervalMs;
    if (pair.isValid && (isFresh || pair === this.#selected)) {
      pair.nominate(rank);
      return;
    }
    // The path must prove itself first: an old nomination, replayed, moves nothing.
    if (pair.isValid) this.#recheck(pair);
    pair.nominateOnSuccess(rank);
  }

  #recheck(pair: CandidatePair): void {
    // A peer's check, replayed without end, must not keep our answers away: what is under way goes on.
    if (pair.state === "in-progress" && this.#checks.isSaturated(pair)) return;
    pair.awaitCheck();
    this.#checklist.trigger(pair);
  }

  #drainOutcomes(nowMs: number): void {
    for (;;) {
      const outcome = this.#checks.pollOutcome();
      if (outcome === undefined) return;
      this.#handleOutcome(outcome, nowMs);
    }
  }

  #handleOutcome(outcome: CheckOutcome, nowMs: number): void {
    const { pair } = outcome;
    switch (outcome.kind) {
      case "succeeded":
        pair.succeed(this.#validLocalOf(outcome), outcome.roundTripTimeMs, nowMs);
        this.#checklist.unfreeze(pair.foundation);
        if (outcome.wasNominating) this.#nomination.confirm(pair);
        return;
      case "failed":
        pair.fail(outcome.problem);
        if (this.#nomination.nominating === pair) this.#nomination.reset();
        return;
      case "roleConflict":
        if (outcome.roleThen === this.#context.role) {
          this.#context.yieldRole();
          this.handleRoleChange();
        }
        this.#recheck(pair); // RFC 8445 §7.2.5.1
        return;
    }
  }

  /** What the peer sees: a known candidate or a new peer-reflexive one (RFC 8445 §7.2.5.3.1). */
  #validLocalOf({ pair, mapped }: CheckOutcome & { kind: "succeeded" }): IceCandidate {
    const { socketId, base, localPreference } = pair.local;
    const known = this.#locals.find(socketId, mapped);
    if (known !== undefined) return known.candidate;
    // A peer could name another address in each answer.
    if (this.#locals.size >= this.#context.limits.maxLocalCandidates) return pair.local.candidate;
    const learned = this.#locals.add({
      type: "prflx",
      socketId,
      base,
      localPreference,
      mapped,
      priority: peerReflexivePriority(pair.local),
    });
    return learned?.candidate ?? pair.local.candidate;
  }

  #startChecks(nowMs: number): void {
    for (;;) {
      const pair = this.#pacer.take(this.#checklist, nowMs);
      if (pair === undefined) return;
      const isNominating = this.#nomination.nominating === pair;
      if (pair.isValid && !isNominating) continue; // An older check was answered meanwhile.
      this.#checks.start(pair, isNominating, this.#checklist.activeCount, nowMs);
    }
  }

  /** True if a nominating check is due now. */
  #nominate(areCandidatesComplete: boolean, nowMs: number): boolean {
    if (this.#context.role !== "controlling") return false;
    const avoided = this.#avoided;
    const best = selectPair(this.#checklist.pairs, avoided);
    if (best?.isNominated && best !== avoided) {
      this.#nomination.stopWaiting();
      return false;
    }
    const chosen = this.#nomination.choose(this.#checklist, areCandidatesComplete, avoided, nowMs);
    if (chosen === undefined) return false;
    this.#checklist.trigger(chosen);
    return true;
  }

  /** True if another pair is selected now. */
  #select(nowMs: number): boolean {
    const best = selectPair(this.#checklist.pairs, this.#avoided);
    const isChanged = best !== undefined && best !== this.#selected;
    if (isChanged) {
      this.#avoided?.fail("stopped answering");
      this.#selected = best;
      this.#isSelectedMissing = false;
      this.#checklist.reopen();
    }
    if (this.#selected?.isNominated && !this.#isSelectedMissing && !this.#checklist.isConcluded) {
      this.#conclude(this.#selected, nowMs);
    }
    return isChanged;
  }

  #conclude(selected: CandidatePair, nowMs: number): void {
    this.#checklist.conclude(selected);
    this.#checks.cancelFrozen(nowMs);
  }
}

/** What {@link RemoteCandidates.learn} will make of it, once the peer's parameters are there. */
function earlyCandidateOf({ remoteAddress, remotePort, priority }: AcceptedCheck): IceCandidate {
  return {
    foundation: "prflx",
    component: 1,
    transport: "udp",
    priority,
    address: remoteAddress,
    port: remotePort,
    type: "prflx",
  };
}
