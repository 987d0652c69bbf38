import { SeededRandom } from "../../src/base/random.ts";
import {
  addTransceiver,
  applyLocalDescription,
  applyRemoteDescription,
  changeTransceiver,
  createAnswer,
  createOffer,
  initialNegotiationState,
  isNegotiationNeeded,
  planSession,
  restartIce,
  rollBack,
  type BundlePolicy,
  type NegotiationState,
  type TransceiverChange,
  type TransceiverInit,
  type TransceiverState,
} from "../../src/negotiation/index.ts";

const FINGERPRINT_BYTES = 32;

/** One side of a negotiation, as a connection would drive it. */
export class NegotiatingPeer {
  readonly random: SeededRandom;
  state: NegotiationState;
  wantsDataChannel = false;

  constructor(seed: number, bundlePolicy: BundlePolicy = "balanced") {
    this.random = new SeededRandom(seed);
    const byte = (seed & 0xff).toString(16).toUpperCase().padStart(2, "0");
    const value = Array.from({ length: FINGERPRINT_BYTES }, () => byte).join(":");
    this.state = initialNegotiationState({
      fingerprints: [{ algorithm: "sha-256", value }],
      tlsId: this.random.hex(16),
      sessionId: String(seed),
      maxReceiveMessageBytes: 262_144,
      bundlePolicy,
      cname: `cname-${seed}`,
    });
  }

  get transceivers(): readonly TransceiverState[] {
    return this.state.transceivers;
  }

  get isNegotiationNeeded(): boolean {
    return isNegotiationNeeded(this.state, this.wantsDataChannel);
  }

  /** Its id. */
  add(kind: "audio" | "video", init: Partial<TransceiverInit> = {}): number {
    const whole = {
      kind,
      direction: "sendrecv",
      streamIds: [],
      encodings: [],
      isFromAddTrack: false,
    };
    const added = addTransceiver(
      this.state,
      { ...(whole as TransceiverInit), ...init },
      this.random,
    );
    this.state = added.state;
    return added.transceiver.id;
  }

  change(id: number, change: TransceiverChange): void {
    this.state = changeTransceiver(this.state, id, change);
  }

  transceiver(id: number): TransceiverState {
    return this.transceivers.find((transceiver) => transceiver.id === id)!;
  }

  restartIce(): void {
    this.state = restartIce(this.state);
  }

  createOffer(iceRestart = false): string {
    const { wantsDataChannel, random } = this;
    const { state, text } = createOffer(this.state, { wantsDataChannel, random, iceRestart });
    this.state = state;
    return text;
  }

  /** Creates an offer and sets it. */
  offer(iceRestart = false): string {
    const text = this.createOffer(iceRestart);
    this.setLocal("offer", text);
    return text;
  }

  /** Sets the peer's offer; with "answer", what is created for it, too. */
  take(offer: string): void {
    this.setRemote("offer", offer);
  }

  /** Creates an answer and sets it. */
  answer(type: "answer" | "pranswer" = "answer"): string {
    const { state, text } = createAnswer(this.state, this.random);
    this.state = state;
    this.setLocal(type, text);
    return text;
  }

  setLocal(type: "offer" | "answer" | "pranswer", text: string): void {
    this.#set(applyLocalDescription(this.state, type, text));
  }

  setRemote(type: "offer" | "answer" | "pranswer", text: string): void {
    this.#set(applyRemoteDescription(this.state, type, text, this.random));
  }

  rollBack(side: "local" | "remote"): void {
    this.#set(rollBack(this.state, side));
  }

  /** What cannot be planned must not be set. */
  #set(state: NegotiationState): void {
    planSession(state);
    this.state = state;
  }
}

/** A whole negotiation; its two texts. */
export function negotiate(
  offerer: NegotiatingPeer,
  answerer: NegotiatingPeer,
  iceRestart = false,
): { readonly offer: string; readonly answer: string } {
  const offer = offerer.offer(iceRestart);
  answerer.take(offer);
  const answer = answerer.answer();
  offerer.setRemote("answer", answer);
  return { offer, answer };
}
