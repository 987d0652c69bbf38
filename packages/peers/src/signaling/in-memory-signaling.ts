import { SignalingError } from "../errors.ts";
import { Listeners } from "../support/listeners.ts";
import { randomId } from "../support/random-id.ts";
import { SignalingRoom } from "./room.ts";
import type { Delivery } from "./room.ts";
import type {
  OutgoingSignal,
  Participant,
  ParticipantRole,
  SignalingChannel,
  SignalingEvent,
} from "./signal.ts";

/**
 * A room within one process, for tests, examples and applications that have all peers in one place. It
 * speaks like the server does: deliveries are never made within `send`, and what is sent is copied.
 */
export class InMemorySignaling {
  readonly #room: SignalingRoom;
  readonly #channels = new Map<string, InMemoryChannel>();

  constructor(maxParticipants?: number) {
    this.#room = new SignalingRoom(maxParticipants);
  }

  /** Enters the room. Throws {@link SignalingError} if it is full or the id is taken. */
  join(who: {
    readonly role: ParticipantRole;
    readonly id?: string;
    readonly name?: string;
  }): SignalingChannel {
    const id = who.id ?? randomId();
    const participant: Participant = { id, role: who.role, name: who.name ?? id };
    const deliveries = this.#room.join(participant);
    const channel = new InMemoryChannel(participant, {
      route: (signal) => this.#route(id, signal),
      leave: (reason) => this.#leave(id, reason),
    });
    this.#channels.set(id, channel);
    this.#deliver(deliveries);
    return channel;
  }

  #route(from: string, signal: OutgoingSignal): void {
    try {
      this.#deliver(this.#room.route(from, structuredClone(signal)));
    } catch (error) {
      if (!(error instanceof SignalingError)) throw error;
      const { code, message } = error;
      this.#deliver([{ to: from, signal: { kind: "error", code, message } }]);
    }
  }

  #leave(id: string, reason: string): void {
    this.#channels.delete(id);
    this.#deliver(this.#room.leave(id, reason));
  }

  #deliver(deliveries: readonly Delivery[]): void {
    for (const { to, signal } of deliveries) {
      queueMicrotask(() => this.#channels.get(to)?.hear(signal));
    }
  }
}

class InMemoryChannel implements SignalingChannel {
  readonly self: Participant;
  readonly #room: { route(signal: OutgoingSignal): void; leave(reason: string): void };
  readonly #listeners = new Listeners<SignalingEvent>();
  #isClosed = false;

  constructor(
    self: Participant,
    room: { route(signal: OutgoingSignal): void; leave(reason: string): void },
  ) {
    this.self = self;
    this.#room = room;
  }

  send(signal: OutgoingSignal): void {
    if (this.#isClosed) throw new SignalingError("ERR_CLOSED", "signaling is closed");
    this.#room.route(signal);
  }

  subscribe(listener: (event: SignalingEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  hear(event: SignalingEvent): void {
    if (!this.#isClosed) this.#listeners.tell(event);
  }

  close(reason = "left"): void {
    if (this.#isClosed) return;
    this.#room.leave(reason);
    this.#listeners.tell({ kind: "closed", reason });
    this.#isClosed = true;
  }
}
