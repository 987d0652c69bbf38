import {
  addLocalCandidate,
  addRemoteCandidate,
  candidateSection,
  initialNegotiationState,
  NegotiationError,
  planSession,
  type BundlePolicy,
} from "../../src/negotiation/index.ts";
import type { TransportPlan } from "../../src/negotiation/session-plan.ts";
import { toCandidateAttribute } from "../../src/session/candidate-attribute.ts";
import { NegotiatingPeer } from "./negotiating-peer.ts";
import { otherSide, SIDES, type Side } from "./plan-book.ts";
import { SessionPair, type SessionEnd } from "./session-pair.ts";

const STEP_MS = 2;
const TLS_ID = "0123456789abcdef0123456789";

/** A candidate under way to `to`; it is tried again until the description that it belongs to is there. */
type Message = { readonly to: Side; readonly deliver: () => void };

/**
 * Two peers that negotiate by SDP, and the sessions that follow their plans, without the W3C objects:
 * every change of a description is applied, and candidates trickle from one side to the other.
 */
export class NegotiatingSessions {
  readonly pair = new SessionPair();
  readonly peers: Readonly<Record<Side, NegotiatingPeer>>;
  readonly #readEvents: Record<Side, number> = { a: 0, b: 0 };
  #messages: Message[] = [];

  constructor(bundlePolicy: BundlePolicy = "balanced") {
    this.peers = { a: new NegotiatingPeer(1), b: new NegotiatingPeer(2) };
    for (const side of SIDES) {
      this.peers[side].state = initialNegotiationState({
        fingerprints: this.end(side).certificate.fingerprints,
        tlsId: TLS_ID,
        sessionId: side === "a" ? "1" : "2",
        maxReceiveMessageBytes: 262_144,
        bundlePolicy,
        cname: side,
      });
    }
  }

  end(side: Side): SessionEnd {
    return side === "a" ? this.pair.a : this.pair.b;
  }

  plansOf(side: Side): readonly TransportPlan[] {
    return planSession(this.peers[side].state).transports;
  }

  /** Changes what `side` has negotiated, and has its session follow. */
  change<T>(side: Side, step: (peer: NegotiatingPeer) => T): T {
    const result = step(this.peers[side]);
    this.end(side).session.applyPlan({ transports: this.plansOf(side) }, this.pair.nowMs);
    return result;
  }

  /** A whole negotiation; each description takes `delayMs` to the other side. */
  negotiate(offerer: Side, iceRestart = false, delayMs = 6): void {
    const offer = this.change(offerer, (peer) => peer.offer(iceRestart));
    this.run(delayMs);
    this.answer(offerer, offer, delayMs);
  }

  /** The rest of it, from the arrival of the offer on. */
  answer(offerer: Side, offer: string, delayMs = 6): void {
    const answerer = otherSide(offerer);
    this.change(answerer, (peer) => peer.take(offer));
    const answer = this.change(answerer, (peer) => peer.answer());
    this.run(delayMs);
    this.change(offerer, (peer) => peer.setRemote("answer", answer));
  }

  /** Lets virtual time pass, and candidates arrive. */
  run(forMs: number): void {
    const untilMs = this.pair.nowMs + forMs;
    do {
      this.pair.run(Math.min(STEP_MS, untilMs - this.pair.nowMs));
      for (const side of SIDES) this.#gathered(side);
      const messages = this.#messages;
      this.#messages = [];
      for (const message of messages) this.#deliver(message);
    } while (this.pair.nowMs < untilMs);
  }

  #gathered(side: Side): void {
    const events = this.end(side).of("localCandidate");
    for (const { transportId, candidate } of events.slice(this.#readEvents[side])) {
      this.#readEvents[side]++;
      const attribute = toCandidateAttribute(candidate);
      const peer = this.peers[side];
      const section = candidateSection(peer.state, transportId);
      if (section === undefined) continue;
      peer.state = addLocalCandidate(peer.state, transportId, attribute, candidate.ufrag);
      const target = { ...section, ufrag: candidate.ufrag ?? null };
      const to = otherSide(side);
      const deliver = (): void =>
        this.change(to, (receiver) => {
          receiver.state = addRemoteCandidate(receiver.state, target, attribute);
        });
      this.#messages.push({ to, deliver });
    }
  }

  #deliver(message: Message): void {
    try {
      message.deliver();
    } catch (error) {
      if (!(error instanceof NegotiationError)) throw error;
      this.#messages.push(message);
    }
  }
}
