import { SignalingError } from "../errors.ts";
import type { IncomingSignal, OutgoingSignal, Participant } from "./signal.ts";

/** A signal and the participant that it is for. */
export type Delivery = { readonly to: string; readonly signal: IncomingSignal };

const DEFAULT_MAX_PARTICIPANTS = 64;

/**
 * One room: who is there, and who hears what. Pure: whoever owns it carries the deliveries, over
 * WebSockets in the server, by a call in memory.
 */
export class SignalingRoom {
  readonly #maxParticipants: number;
  readonly #participants = new Map<string, Participant>();

  constructor(maxParticipants = DEFAULT_MAX_PARTICIPANTS) {
    this.#maxParticipants = maxParticipants;
  }

  /** Everybody, in the order of joining. */
  get participants(): readonly Participant[] {
    return [...this.#participants.values()];
  }

  /** Welcomes the new one and tells the others. Throws {@link SignalingError} if the room is full. */
  join(participant: Participant): Delivery[] {
    if (this.#participants.has(participant.id)) {
      throw new SignalingError("ERR_BAD_MESSAGE", `${participant.id} is in the room already`);
    }
    if (this.#participants.size >= this.#maxParticipants) {
      throw new SignalingError(
        "ERR_LIMIT",
        `the room is full (${this.#maxParticipants} participants)`,
      );
    }
    const others = this.participants;
    this.#participants.set(participant.id, participant);
    return [
      { to: participant.id, signal: { kind: "welcome", self: participant, participants: others } },
      ...others.map(({ id }): Delivery => ({ to: id, signal: { kind: "joined", participant } })),
    ];
  }

  /** Tells those who remain. Nothing if `participantId` is not there. */
  leave(participantId: string, reason: string): Delivery[] {
    if (!this.#participants.delete(participantId)) return [];
    return this.#toOthers(participantId, { kind: "left", participantId, reason });
  }

  /** What becomes of a signal. Throws {@link SignalingError} if it cannot be delivered. */
  route(from: string, signal: OutgoingSignal): Delivery[] {
    const author = this.#known(from);
    switch (signal.kind) {
      case "offerRequest":
        return [this.#routeOfferRequest(from, signal)];
      case "report":
        return this.#toOthers(from, { kind: "report", from, report: signal.report });
      default: {
        if (signal.kind === "offer" && author.role !== "sender") {
          throw new SignalingError("ERR_BAD_MESSAGE", `a ${author.role} makes no offers`);
        }
        const { to, ...content } = signal;
        if (signal.kind === "bye" && !this.#participants.has(to)) return []; // It is gone already.
        this.#known(to);
        return [{ to, signal: { ...content, from } }];
      }
    }
  }

  #routeOfferRequest(from: string, request: OutgoingSignal & { kind: "offerRequest" }): Delivery {
    const receiver = this.#known(request.receiverId ?? from);
    if (receiver.role !== "receiver") {
      throw new SignalingError(
        "ERR_BAD_MESSAGE",
        `${receiver.id} is a ${receiver.role}, not a receiver`,
      );
    }
    const sender =
      request.senderId === undefined ? this.#firstSender() : this.#known(request.senderId);
    if (sender.role !== "sender") {
      throw new SignalingError("ERR_NO_SENDER", `${sender.id} is a ${sender.role}, not a sender`);
    }
    return { to: sender.id, signal: { kind: "offerRequest", from, receiverId: receiver.id } };
  }

  #firstSender(): Participant {
    for (const participant of this.#participants.values()) {
      if (participant.role === "sender") return participant;
    }
    throw new SignalingError("ERR_NO_SENDER", "there is no sender in the room");
  }

  #known(id: string): Participant {
    const participant = this.#participants.get(id);
    if (participant) return participant;
    throw new SignalingError("ERR_UNKNOWN_PARTICIPANT", `${id} is not in the room`);
  }

  #toOthers(participantId: string, signal: IncomingSignal): Delivery[] {
    const others: Delivery[] = [];
    for (const id of this.#participants.keys())
      if (id !== participantId) others.push({ to: id, signal });
    return others;
  }
}
