import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { ProtocolFailure } from "../base/errors.ts";
import type { IceCredentials } from "../base/ice-credentials.ts";
import type { IceAgent, IceEvent, IceState } from "../ice/index.ts";
import type { RemoteTransportPlan } from "../negotiation/session-plan.ts";
import { toIceCandidate } from "./candidate-attribute.ts";

/** True if the two are the same; one that differs in either part begins an ICE restart (RFC 8839 §4.4.1.1.1). */
export function isSameIce(a: IceCredentials, b: IceCredentials): boolean {
  return a.ufrag === b.ufrag && a.password === b.password;
}

/**
 * One generation of a transport's ICE (RFC 8445 §9): an agent with credentials, sockets and candidates
 * of its own, and how far the peer's part of the plan was handed to it.
 */
export class IceGeneration {
  readonly agent: IceAgent;
  #state: IceState = "new";
  #failure: ProtocolFailure | undefined;
  #remote: RemoteTransportPlan["ice"] | undefined;
  #remoteCandidateCount = 0;
  #hasAllRemoteCandidates = false;
  #heldBack: IceEvent[] = [];
  #closesAtMs = NEVER_AT_MS;

  constructor(agent: IceAgent) {
    this.agent = agent;
  }

  /** As the agent's events have told so far: behind `agent.state` while some of them are not read. */
  get state(): IceState {
    return this.#state;
  }

  /** Why, when it is "failed". */
  get failure(): ProtocolFailure | undefined {
    return this.#failure;
  }

  /** The peer's credentials are known: checks run, or have run. */
  get hasBegun(): boolean {
    return this.#remote !== undefined;
  }

  /** There is a path, and the peer answers on it. */
  get isWorking(): boolean {
    return this.#state === "connected" || this.#state === "completed";
  }

  /**
   * The peer takes data along the selected path: it has both descriptions. What reaches it before the
   * answer does may be dropped there. A lite peer sends no check that could tell (RFC 8445 §2.5).
   */
  get isWelcome(): boolean {
    return this.isWorking && (this.agent.hasHeardPeer || this.#remote?.isLite === true);
  }

  /** When it is to be closed, now that another has taken its place. */
  get closesAtMs(): number {
    return this.#closesAtMs;
  }

  /** These are its own credentials. */
  hasLocal(credentials: IceCredentials): boolean {
    return isSameIce(this.agent.localParameters, credentials);
  }

  /** It talks to the peer's generation with these. */
  hasRemote(credentials: IceCredentials): boolean {
    return this.#remote !== undefined && isSameIce(this.#remote, credentials);
  }

  /** Hands over what is new in it. Throws `UsageError` for other credentials than before. */
  applyRemote(remote: RemoteTransportPlan, nowMs: number): void {
    const { agent } = this;
    agent.setRemoteParameters(remote.ice, nowMs);
    this.#remote ??= remote.ice;
    for (const attribute of remote.candidates.slice(this.#remoteCandidateCount)) {
      const candidate = toIceCandidate(attribute);
      if (candidate !== undefined) agent.addRemoteCandidate(candidate, nowMs);
    }
    this.#remoteCandidateCount = remote.candidates.length;
    if (remote.hasAllCandidates && !this.#hasAllRemoteCandidates) {
      this.#hasAllRemoteCandidates = true;
      agent.endOfRemoteCandidates(nowMs);
    }
  }

  /** The agent has told a new state. */
  noteState(state: IceState, failure: ProtocolFailure | undefined): void {
    this.#state = state;
    this.#failure = failure;
  }

  /** Keeps what is told of gathering until a rollback makes this the newest generation again. */
  holdBack(event: IceEvent): void {
    this.#heldBack.push(event);
  }

  /** Gives out what was held back, in order. */
  takeHeldBack(): readonly IceEvent[] {
    const events = this.#heldBack;
    this.#heldBack = [];
    return events;
  }

  /** Another carries the data; packets that are under way are waited for. */
  retire(closesAtMs: number): void {
    this.#closesAtMs = closesAtMs;
  }

  /** A rollback has brought it back. */
  revive(): void {
    this.#closesAtMs = NEVER_AT_MS;
  }
}
