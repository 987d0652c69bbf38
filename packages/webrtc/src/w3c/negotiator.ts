import { toHex } from "../base/bytes.ts";
import type { Random } from "../base/random.ts";
import {
  addLocalCandidate,
  addRemoteCandidate,
  applyLocalDescription,
  applyRemoteDescription,
  createAnswer,
  createOffer,
  hasIceOption,
  indexOfMid,
  initialNegotiationState,
  isDataSection,
  isRejected,
  localDescriptionOf,
  midOf,
  NegotiationError,
  planSession,
  remoteDescriptionOf,
  rollBack,
  type CandidateTarget,
  type NegotiationState,
  type SessionPlan,
  type SetDescription,
  type Side,
  type SignalingState,
} from "../negotiation/index.ts";
import {
  parseCandidate,
  serializeSessionDescription,
  type IceCandidateAttribute,
} from "../sdp/index.ts";
import { RTCSessionDescription, type RTCSdpType } from "./rtc-session-description.ts";

const TLS_ID_BYTES = 16;

/** Who this side is, for the descriptions that it makes. */
export type NegotiatorIdentity = {
  readonly random: Random;
  readonly fingerprints: () => readonly { readonly algorithm: string; readonly value: string }[];
  readonly maxReceiveMessageBytes: number;
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
    return this.#state === undefined ? { transports: [] } : planSession(this.#state);
  }

  /** The MID of the section for data channels in the newest description, unless it is refused. */
  get dataMid(): string | undefined {
    const state = this.#state;
    const newest = state?.pendingRemote ?? state?.pendingLocal ?? state?.currentRemote;
    const parsed = newest?.parsed;
    if (parsed === undefined) return undefined;
    const index = parsed.media.findIndex(
      (section) => isDataSection(section) && !isRejected(section),
    );
    return index < 0 ? undefined : midOf(parsed, index);
  }

  /** True if the current local description has a section for data. */
  get hasNegotiatedData(): boolean {
    return (
      this.#state?.currentLocal?.parsed.media.some((section) => isDataSection(section)) ?? false
    );
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

  createOffer(wantsDataChannel: boolean): string {
    const { state, text } = createOffer(this.#current, {
      wantsDataChannel,
      random: this.#identity.random,
    });
    this.#state = state;
    return text;
  }

  createAnswer(): string {
    const { state, text } = createAnswer(this.#current, this.#identity.random);
    this.#state = state;
    return text;
  }

  /** An empty text of a local description stands for the one that was, or would be, created. */
  setDescription(side: Side, type: RTCSdpType, sdp: string, wantsDataChannel: boolean): void {
    if (type === "rollback") {
      this.#state = rollBack(this.#current, side);
    } else if (side === "remote") {
      this.#state = applyRemoteDescription(this.#current, type, sdp);
    } else {
      const before = this.#state;
      try {
        // The same state gives the same text again: what was created last is still accurate then.
        const isMade = sdp === "";
        const made =
          isMade && (type === "offer" ? this.createOffer(wantsDataChannel) : this.createAnswer());
        this.#state = applyLocalDescription(this.#current, type, made === false ? sdp : made);
      } catch (error) {
        this.#state = before;
        throw error;
      }
    }
  }

  /** "" is the end of candidates. Throws `SdpSyntaxError` and `NegotiationError`. */
  addRemoteCandidate(target: CandidateTarget, text: string): void {
    const state = this.#current;
    if (remoteDescriptionOf(state) === undefined) {
      const problem = "there is no remote description yet to add a candidate to";
      throw new NegotiationError("invalidState", problem);
    }
    this.#state = addRemoteCandidate(state, target, text === "" ? undefined : parseCandidate(text));
  }

  /** Writes a gathered candidate, or their end, into the local descriptions; the index of its section. */
  addLocalCandidate(mid: string, candidate: IceCandidateAttribute | undefined): number {
    this.#state = addLocalCandidate(this.#current, mid, candidate);
    const local = localDescriptionOf(this.#state);
    return local === undefined ? -1 : indexOfMid(local.parsed, mid);
  }

  get #current(): NegotiationState {
    const { random, fingerprints, maxReceiveMessageBytes } = this.#identity;
    this.#state ??= initialNegotiationState({
      fingerprints: fingerprints(),
      tlsId: toHex(random.bytes(TLS_ID_BYTES)),
      sessionId: String(random.uint32() * 2 ** 20 + (random.uint32() >>> 12)),
      maxReceiveMessageBytes,
    });
    return this.#state;
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
