import { formatCandidate, summariseCandidate } from "../candidate.ts";
import type { DataReceiver } from "../data-receiver.ts";
import type { DataSender } from "../data-sender.ts";
import { messageOf, PeerUsageError, SignalingError } from "../errors.ts";
import type { PeerEvent } from "../peer-event.ts";
import type {
  HandshakeReport,
  OutgoingSignal,
  SignalingChannel,
  SignalingEvent,
} from "./signal.ts";

const MAX_REASON_CHARS = 500;
/** The handshake of a goodbye before there is any: a request that is not granted. */
const NO_HANDSHAKE = "none";

/** How a peer uses its signaling. */
export type BindOptions = {
  /** Tell the room each step, so that others can show it. Candidates, and so addresses, are part of it. */
  readonly hasReports?: boolean;
  /** What went wrong on the way, in words. Nothing of it ends the peer. */
  readonly onProblem?: (problem: string) => void;
};

/**
 * Lets `sender` serve a room: offers for who asks, answers and candidates to where they belong. The
 * returned function ends that; connections stay.
 *
 * The room is the boundary of trust: everybody in it may ask for an offer, for themselves and for a
 * receiver without a connection. A connection that is live is renewed for its own receiver only.
 */
export function bindSender(
  sender: DataSender,
  signaling: SignalingChannel,
  options: BindOptions = {},
): () => void {
  const outbox = new Outbox(signaling, options);
  const stops = [
    sender.subscribe((event) => outbox.handlePeerEvent(event)),
    signaling.subscribe((event) => void outbox.guard(handleForSender(sender, event, outbox))),
  ];
  return () => stops.forEach((stop) => stop());
}

/**
 * Lets `receiver` answer the offers that come through `signaling`. The returned function ends that.
 *
 * The room is the boundary of trust: any sender in it may make the first offer. Once connected, the
 * receiver keeps to that one, and tells others so; `receiver.expectSender` names one from the start.
 */
export function bindReceiver(
  receiver: DataReceiver,
  signaling: SignalingChannel,
  options: BindOptions = {},
): () => void {
  const outbox = new Outbox(signaling, options);
  const stops = [
    receiver.subscribe((event) => outbox.handlePeerEvent(event)),
    signaling.subscribe((event) => void outbox.guard(handleForReceiver(receiver, event, outbox))),
  ];
  return () => stops.forEach((stop) => stop());
}

async function handleForSender(
  sender: DataSender,
  event: SignalingEvent,
  outbox: Outbox,
): Promise<void> {
  switch (event.kind) {
    case "offerRequest":
      await handleOfferRequest(sender, event, outbox);
      return;
    case "answer": {
      const { from, sdp, handshakeId } = event;
      await sender.handleAnswer(from, { type: "answer", sdp, handshakeId });
      return;
    }
    case "candidate":
      await sender.handleCandidate(event.from, event.candidate, event.handshakeId);
      return;
    case "bye":
      if (sender.handshakeIdOf(event.from) !== event.handshakeId) return;
      outbox.forgetPeer(event.from);
      sender.close(event.from, event.reason || "the receiver said goodbye");
      return;
    case "joined":
      sender.handlePresence(event.participant.id, true);
      return;
    case "left":
      outbox.forgetPeer(event.participantId);
      sender.handlePresence(event.participantId, false);
  }
}

async function handleOfferRequest(
  sender: DataSender,
  { from, receiverId }: SignalingEvent & { readonly kind: "offerRequest" },
  outbox: Outbox,
): Promise<void> {
  if (from !== receiverId && isLive(sender.stateOf(receiverId))) {
    const reason = `${receiverId} has a connection or an offer: only itself may ask for another`;
    outbox.refuse(from, NO_HANDSHAKE, reason);
    outbox.complain(`the request of ${from} is refused: ${reason}`);
    return;
  }
  const offer = await sender.handleOfferRequest(receiverId).catch((error: unknown) => {
    outbox.refuse(receiverId, NO_HANDSHAKE, messageOf(error));
    throw error;
  });
  const { sdp, handshakeId } = offer;
  outbox.sendDescription({ kind: "offer", to: receiverId, sdp, handshakeId });
}

/** Up, or on the way there. */
function isLive(state: RTCPeerConnectionState | undefined): boolean {
  return state === "new" || state === "connecting" || state === "connected";
}

async function handleForReceiver(
  receiver: DataReceiver,
  event: SignalingEvent,
  outbox: Outbox,
): Promise<void> {
  switch (event.kind) {
    case "offer": {
      const { from, sdp, handshakeId } = event;
      const offer = { type: "offer", sdp, handshakeId } as const;
      try {
        const answer = await receiver.handleOffer(offer, from);
        outbox.sendDescription({ kind: "answer", to: from, sdp: answer.sdp, handshakeId });
      } catch (error) {
        if (!isOfOtherSender(error)) throw error;
        outbox.refuse(from, handshakeId, error.message); // No problem of ours: an event tells of it.
      }
      return;
    }
    case "candidate":
      await receiver.handleCandidate(event.candidate, event.from, event.handshakeId);
      return;
    case "bye":
      if (
        event.handshakeId === NO_HANDSHAKE &&
        (receiver.keptSenderId ?? event.from) === event.from
      ) {
        outbox.complain(`no offer is made: ${event.reason}`);
      }
      if (receiver.senderId !== event.from || receiver.handshakeId !== event.handshakeId) return;
      outbox.forgetPeer(event.from);
      receiver.hangUp(event.reason || "the sender said goodbye");
      return;
    case "joined":
      receiver.handlePresence(event.participant.id, true);
      return;
    case "left":
      outbox.forgetPeer(event.participantId);
      receiver.handlePresence(event.participantId, false);
  }
}

function isOfOtherSender(error: unknown): error is PeerUsageError {
  return error instanceof PeerUsageError && error.code === "ERR_OTHER_SENDER";
}

/** What a peer says to its room: a description first, then the candidates that belong to it. */
class Outbox {
  readonly #signaling: SignalingChannel;
  readonly #options: BindOptions;
  /** Handshakes whose description is not sent yet, with the candidates that wait for it. */
  readonly #waiting = new Map<string, OutgoingSignal[]>();
  readonly #described = new Map<string, string>();
  readonly #absent = new Set<string>();

  constructor(signaling: SignalingChannel, options: BindOptions) {
    this.#signaling = signaling;
    this.#options = options;
  }

  sendDescription(signal: OutgoingSignal & { readonly kind: "offer" | "answer" }): void {
    this.#absent.delete(signal.to);
    this.#described.set(signal.to, signal.handshakeId);
    this.#send(signal);
    const waiting = this.#waiting.get(signal.to) ?? [];
    this.#waiting.delete(signal.to);
    for (const candidate of waiting) {
      if (candidate.kind === "candidate" && candidate.handshakeId === signal.handshakeId) {
        this.#send(candidate);
      }
    }
  }

  handlePeerEvent(event: PeerEvent): void {
    if (event.kind === "localCandidate") this.#sendCandidate(event);
    if (event.kind === "closed") this.#sayBye(event);
    const report = this.#options.hasReports ? toReport(event) : undefined;
    if (report) this.#send({ kind: "report", report });
  }

  /** The peer ended it, or is gone: it needs no goodbye. */
  forgetPeer(peerId: string): void {
    this.#absent.add(peerId);
    this.#described.delete(peerId);
    this.#waiting.delete(peerId);
  }

  /** Lets the other side know that it waits in vain. */
  refuse(to: string, handshakeId: string, reason: string): void {
    this.#send({ kind: "bye", to, handshakeId, reason: reason.slice(0, MAX_REASON_CHARS) });
  }

  complain(problem: string): void {
    this.#options.onProblem?.(problem);
  }

  async guard(handled: Promise<void>): Promise<void> {
    try {
      await handled;
    } catch (error) {
      this.complain(messageOf(error));
    }
  }

  #sendCandidate({ peerId, handshakeId, candidate }: PeerEvent & { kind: "localCandidate" }): void {
    const signal: OutgoingSignal = { kind: "candidate", to: peerId, handshakeId, candidate };
    if (this.#described.get(peerId) === handshakeId) {
      this.#send(signal);
      return;
    }
    const waiting = this.#waiting.get(peerId);
    if (waiting) waiting.push(signal);
    else this.#waiting.set(peerId, [signal]);
  }

  #sayBye({ peerId, handshakeId, reason }: PeerEvent & { kind: "closed" }): void {
    const isCurrent = this.#described.get(peerId) === handshakeId;
    if (isCurrent) this.#described.delete(peerId);
    this.#waiting.delete(peerId);
    if (!isCurrent || this.#absent.has(peerId)) return;
    this.#send({ kind: "bye", to: peerId, handshakeId, reason: reason.slice(0, MAX_REASON_CHARS) });
  }

  #send(signal: OutgoingSignal): void {
    try {
      this.#signaling.send(signal);
    } catch (error) {
      if (!(error instanceof SignalingError)) throw error;
      if (error.code !== "ERR_CLOSED") this.#options.onProblem?.(error.message);
    }
  }
}

/**
 * What others may know of `event`; `undefined` for messages, which are nobody else's business, and for
 * refused offers: a stranger is not to make us speak to all.
 */
export function toReport(event: PeerEvent): HandshakeReport | undefined {
  if (event.kind === "message" || event.kind === "offerRefused") return undefined;
  // "" ends one generation and `null` all of them: one line is enough.
  if ("candidate" in event && event.candidate?.candidate === "") return undefined;
  const { peerId, handshakeId, atEpochMs, kind: step } = event;
  const detail = describe(event)?.slice(0, MAX_REASON_CHARS);
  return { peerId, handshakeId, atEpochMs, step, ...(detail === undefined ? {} : { detail }) };
}

function describe(event: PeerEvent): string | undefined {
  switch (event.kind) {
    case "state":
      return `${event.machine} ${event.state}`;
    case "localCandidate":
    case "remoteCandidate": {
      if (!event.candidate?.candidate) return "no more";
      const summary = summariseCandidate(event.candidate.candidate);
      return summary ? formatCandidate(summary) : event.candidate.candidate;
    }
    case "pairSelected":
      return `${formatCandidate(event.pair.local)} <-> ${formatCandidate(event.pair.remote)}`;
    case "candidateRefused":
    case "closed":
      return event.reason;
    case "channelOpen":
      return event.channel.label;
    default:
      return undefined;
  }
}
