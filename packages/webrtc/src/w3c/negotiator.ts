import { toHex } from "../base/bytes.ts";
import type { Random } from "../base/random.ts";
import type { TransportId } from "../session/session-events.ts";
import {
  addLocalCandidate,
  addRemoteCandidate,
  addTransceiver,
  afterRemoval,
  candidateSection,
  applyLocalDescription,
  applyRemoteDescription,
  checkCanAnswer,
  checkCandidateTarget,
  checkCanOffer,
  changeTransceiver,
  checkUnmodified,
  createAnswer,
  createOffer,
  hasIceOption,
  indexOfMid,
  initialNegotiationState,
  isDataSection,
  isNegotiationNeeded,
  isLive,
  localDescriptionOf,
  midOf,
  nextSignalingState,
  planSession,
  remoteDescriptionOf,
  restartIce,
  rollBack,
  sectionTransportOf,
  transportIdOf,
  type CandidateTarget,
  type IceCredentials,
  type NegotiationState,
  type SessionPlan,
  type SetDescription,
  type Side,
  type SignalingState,
  type TransceiverChange,
  type TransceiverId,
  type TransceiverInit,
  type TransceiverState,
} from "../negotiation/index.ts";
import {
  hasAttribute,
  parseCandidate,
  serializeSessionDescription,
  type IceCandidateAttribute,
} from "../sdp/index.ts";
import { RTCSessionDescription, type RTCSdpType } from "./rtc-session-description.ts";

const TLS_ID_BYTES = 16;
/** RFC 7022 §4.2: 96 random bits, new for each connection. */
const CNAME_BYTES = 12;

/** The section that the candidates of a transport stand in. */
export type CandidatePlace = { readonly mid: string; readonly mediaIndex: number };

/** Who this side is, for the descriptions that it makes. */
export type NegotiatorIdentity = {
  readonly random: Random;
  readonly fingerprints: () => readonly { readonly algorithm: string; readonly value: string }[];
  readonly maxReceiveMessageBytes: number;
  readonly bundlePolicy: () => "balanced" | "max-compat" | "max-bundle";
};

/**
 * The negotiation state of one connection, as its API needs it: each method replaces the immutable
 * state of `negotiation/` by the next one, or throws what that throws and changes nothing.
 */
export class Negotiator {
  readonly #identity: NegotiatorIdentity;
  /** One object per description, so that an attribute that did not change returns the same one. */
  readonly #exposed = new WeakMap<SetDescription, RTCSessionDescription>();
  #state: NegotiationState | undefined;
  #planned: { readonly state: NegotiationState; readonly plan: SessionPlan } | undefined;

  constructor(identity: NegotiatorIdentity) {
    this.#identity = identity;
  }

  get signalingState(): SignalingState {
    return this.#state?.signalingState ?? "stable";
  }

  get iceRole(): "controlling" | "controlled" | undefined {
    return this.#state?.iceRole;
  }

  get canTrickle(): boolean | null {
    const remote = this.#state && remoteDescriptionOf(this.#state);
    return remote === undefined ? null : hasIceOption(remote.parsed, "trickle");
  }

  /** What the session has to be now. */
  get plan(): SessionPlan {
    return this.#state === undefined ? { transports: [] } : this.#planFor(this.#state);
  }

  /** The set of transceivers, in the order in which they were added. */
  get transceivers(): readonly TransceiverState[] {
    return this.#state?.transceivers ?? [];
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-check-if-negotiation-is-needed */
  isNegotiationNeeded(wantsDataChannel: boolean): boolean {
    if (this.#state === undefined && !wantsDataChannel) return false;
    return isNegotiationNeeded(this.#current, wantsDataChannel);
  }

  /** Throws what `negotiation/` throws for an impossible one. */
  addTransceiver(init: TransceiverInit): TransceiverState {
    const { state, transceiver } = addTransceiver(this.#current, init, this.#identity.random);
    this.#state = state;
    return transceiver;
  }

  /** The changed record; `undefined` if the transceiver has left the set. */
  changeTransceiver(id: TransceiverId, change: TransceiverChange): TransceiverState | undefined {
    this.#state = changeTransceiver(this.#current, id, change);
    return this.#state.transceivers.find((transceiver) => transceiver.id === id);
  }

  /** What is left of a transceiver that a description took out of the set. */
  afterRemoval(transceiver: TransceiverState): TransceiverState {
    return afterRemoval(transceiver);
  }

  /** The canonical name of this side's streams (RFC 7022). */
  get cname(): string {
    return this.#current.identity.cname;
  }

  /** Both current descriptions of a section have `a=rtcp-rsize` (RFC 5506 §5). */
  hasReducedSizeRtcp(mid: string): boolean {
    return [this.#state?.currentLocal, this.#state?.currentRemote].every((set) => {
      const index = set === undefined ? -1 : indexOfMid(set.parsed, mid);
      return index >= 0 && hasAttribute(set!.parsed.media[index]!.attributes, "rtcp-rsize");
    });
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-restartice */
  restartIce(): void {
    this.#state = restartIce(this.#current);
  }

  /** The transport that a section lies on by the newest descriptions, BUNDLE applied. */
  transportIdOf(mid: string): TransportId | undefined {
    return this.#state && transportIdOf(this.#state, mid);
  }

  /**
   * The section for data channels: of the pending offer, or what was agreed on if none is pending;
   * `undefined` if there is none or it is refused.
   */
  get dataSection(): { readonly mid: string; readonly transportId: TransportId } | undefined {
    const state = this.#state;
    if (state === undefined) return undefined;
    const isOffered = state.signalingState !== "stable";
    const described = isOffered ? (state.pendingLocal ?? state.pendingRemote) : state.currentLocal;
    const counterpart = isOffered ? undefined : state.currentRemote;
    const index = described?.parsed.media.findIndex(
      (section, place) =>
        isDataSection(section) &&
        isLive(described.parsed, place) &&
        (counterpart === undefined || isLive(counterpart.parsed, place)),
    );
    if (described === undefined || index === undefined || index < 0) return undefined;
    const mid = midOf(described.parsed, index);
    return { mid, transportId: transportIdOf(state, mid) ?? mid };
  }

  /** The ICE credentials that a side's newest description names for a transport. */
  credentials(side: Side, transportId: TransportId): IceCredentials | undefined {
    const state = this.#state;
    const set =
      state && (side === "local" ? localDescriptionOf(state) : remoteDescriptionOf(state));
    if (state === undefined || set === undefined) return undefined;
    // An own offer that is pending may leave out the section that the peer's credentials stand in.
    if (side === "remote" && state.signalingState === "have-local-offer")
      return this.plan.transports.find((plan) => plan.transportId === transportId)?.remote?.ice;
    for (const index of set.parsed.media.keys()) {
      if (transportIdOf(state, midOf(set.parsed, index)) !== transportId) continue;
      const { credentials } = sectionTransportOf(set.parsed, index);
      if (credentials !== undefined) return credentials;
    }
    return undefined;
  }

  /** The attribute of that name, `null` if there is no such description. */
  description(
    name: "local" | "currentLocal" | "pendingLocal" | "remote" | "currentRemote" | "pendingRemote",
  ): RTCSessionDescription | null {
    const state = this.#state;
    if (state === undefined) return null;
    if (name === "local") return this.#expose(localDescriptionOf(state));
    if (name === "remote") return this.#expose(remoteDescriptionOf(state));
    return this.#expose(state[name]);
  }

  /** Throws {@link NegotiationError}. */
  createOffer(wantsDataChannel: boolean, iceRestart = false): string {
    const { state, text } = createOffer(this.#current, {
      wantsDataChannel,
      iceRestart,
      random: this.#identity.random,
    });
    this.#state = state;
    return text;
  }

  /** Throws {@link NegotiationError}. */
  createAnswer(): string {
    const { state, text } = createAnswer(this.#current, this.#identity.random);
    this.#state = state;
    return text;
  }

  /** Throws what `createOffer` or `createAnswer` rejects with before it begins. */
  checkCanCreate(type: "offer" | "answer"): void {
    if (type === "offer") checkCanOffer(this.signalingState);
    else checkCanAnswer(this.signalingState);
  }

  /**
   * Throws what `setLocalDescription` rejects with before it begins: steps 4.2 to 4.5, and the first of
   * a rollback. Where both are wrong, the state is named rather than the text, as browsers do.
   */
  checkCanSetLocal(type: RTCSdpType, sdp: string): void {
    nextSignalingState(this.signalingState, "local", type);
    if (type !== "rollback" && sdp !== "") checkUnmodified(this.#current, type, sdp);
  }

  /**
   * An empty text of a local description stands for the one that was, or would be, created. `prepare`
   * gets the plan that follows, and may still refuse it; what it returns is returned.
   *
   * Throws {@link NegotiationError}, `SdpSyntaxError` and what `prepare` throws; nothing has changed then.
   */
  setDescription<T>(
    side: Side,
    type: RTCSdpType,
    sdp: string,
    wantsDataChannel: boolean,
    prepare: (plan: SessionPlan) => T,
  ): T {
    const before = this.#state;
    try {
      this.#state = this.#withDescription(side, type, sdp, wantsDataChannel);
      return prepare(this.#planFor(this.#state)); // What cannot be planned must not be set.
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  #withDescription(
    side: Side,
    type: RTCSdpType,
    sdp: string,
    wantsDataChannel: boolean,
  ): NegotiationState {
    if (type === "rollback") return rollBack(this.#current, side);
    if (side === "remote") {
      return applyRemoteDescription(this.#current, type, sdp, this.#identity.random);
    }
    if (sdp !== "") return applyLocalDescription(this.#current, type, sdp);
    // The same state gives the same text again: what was created last is still accurate then.
    const made = type === "offer" ? this.createOffer(wantsDataChannel) : this.createAnswer();
    return applyLocalDescription(this.#current, type, made);
  }

  /** The MIDs that a candidate is for. Throws {@link NegotiationError} if there are none. */
  checkCandidate(target: CandidateTarget): readonly string[] {
    return checkCandidateTarget(this.#current, target);
  }

  /** "" is the end of candidates. Throws `SdpSyntaxError` and {@link NegotiationError}. */
  addRemoteCandidate(target: CandidateTarget, text: string): void {
    const candidate = text === "" ? undefined : parseCandidate(text);
    this.#state = addRemoteCandidate(this.#current, target, candidate);
  }

  /**
   * Writes a gathered candidate, or their end, into the local descriptions; the section that it stands
   * in, `undefined` if no section lies on the transport any more.
   */
  addLocalCandidate(
    transportId: TransportId,
    candidate: IceCandidateAttribute | undefined,
    ufrag: string | undefined,
  ): CandidatePlace | undefined {
    this.#state = addLocalCandidate(this.#current, transportId, candidate, ufrag);
    return candidateSection(this.#state, transportId);
  }

  get #current(): NegotiationState {
    const { random, fingerprints, maxReceiveMessageBytes, bundlePolicy } = this.#identity;
    this.#state ??= initialNegotiationState({
      fingerprints: fingerprints(),
      tlsId: toHex(random.bytes(TLS_ID_BYTES)),
      sessionId: String(random.uint32() * 2 ** 20 + (random.uint32() >>> 12)),
      maxReceiveMessageBytes,
      bundlePolicy: bundlePolicy(),
      cname: toHex(random.bytes(CNAME_BYTES)),
    });
    return this.#state;
  }

  /** Computed once for each state. */
  #planFor(state: NegotiationState): SessionPlan {
    if (this.#planned?.state !== state) this.#planned = { state, plan: planSession(state) };
    return this.#planned.plan;
  }

  #expose(description: SetDescription | undefined): RTCSessionDescription | null {
    if (description === undefined) return null;
    let exposed = this.#exposed.get(description);
    if (exposed === undefined) {
      const sdp = serializeSessionDescription(description.parsed);
      exposed = new RTCSessionDescription({ type: description.type, sdp });
      this.#exposed.set(description, exposed);
    }
    return exposed;
  }
}
