import { randomBytes } from "node:crypto";
import { SignalingError, SignalingRoom } from "@pallas/peers";
import type { Delivery, JoinMessage, OutgoingSignal, Participant } from "@pallas/peers";
import type { ClientConnection } from "./client-connection.ts";
import type { ServerLimits } from "./limits.ts";
import { ResumeTokens } from "./resume-token.ts";

const ID_BYTES = 6;

type Membership = {
  readonly roomName: string;
  readonly participant: Participant;
};

type OpenRoom = {
  readonly room: SignalingRoom;
  readonly connections: Map<string, ClientConnection>;
};

/** What can be told of a server from outside. */
export type ServiceFigures = { readonly rooms: number; readonly participants: number };

/** All rooms of a server. A room begins with its first participant and ends with its last. */
export class SignalingService {
  readonly #limits: ServerLimits;
  readonly #tokens = new ResumeTokens();
  readonly #rooms = new Map<string, OpenRoom>();
  readonly #memberships = new Map<ClientConnection, Membership>();

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  get figures(): ServiceFigures {
    return { rooms: this.#rooms.size, participants: this.#memberships.size };
  }

  /** Throws {@link SignalingError} if the room is full, there are too many, or it is in one already. */
  join(connection: ClientConnection, message: JoinMessage): void {
    if (this.#memberships.has(connection)) {
      throw new SignalingError("ERR_BAD_MESSAGE", "this connection is in a room already");
    }
    const resumedId = this.#resumedId(message);
    const open = this.#openRoom(message.room);
    if (resumedId !== undefined) this.#replaceOld(message.room, open, resumedId);
    const { role, name } = message;
    const participant = { id: resumedId ?? newId(role), role, name: cleanName(name) };
    try {
      const deliveries = open.room.join(participant);
      this.#rooms.set(message.room, open);
      open.connections.set(participant.id, connection);
      this.#memberships.set(connection, { roomName: message.room, participant });
      deliver(open, deliveries);
    } finally {
      this.#dropIfEmpty(message.room, open);
    }
    const token = this.#tokens.issue(message.room, participant.id);
    connection.send({ kind: "resumeToken", token });
  }

  /** Throws {@link SignalingError} if it cannot be delivered: the trouble is the author's, never another's. */
  route(connection: ClientConnection, signal: OutgoingSignal): void {
    const membership = this.#memberships.get(connection);
    const open = membership && this.#rooms.get(membership.roomName);
    if (!open) throw new SignalingError("ERR_BAD_MESSAGE", 'the first message must be "join"');
    for (const delivery of open.room.route(membership.participant.id, signal)) {
      const isPassedOn = open.connections.get(delivery.to)?.relay(delivery.signal) ?? false;
      // Reports are for show, and who hears no goodbye notices by itself: both may be missing.
      if (isPassedOn || signal.kind === "report" || signal.kind === "bye") continue;
      throw new SignalingError(
        "ERR_LIMIT",
        `${delivery.to} reads too slowly: the ${signal.kind} was not passed on`,
      );
    }
  }

  /** The connection is gone: its participant leaves. */
  leave(connection: ClientConnection, reason: string): void {
    const membership = this.#memberships.get(connection);
    if (!membership) return;
    this.#memberships.delete(connection);
    const open = this.#rooms.get(membership.roomName);
    if (!open) return;
    const { id } = membership.participant;
    open.connections.delete(id);
    deliver(open, open.room.leave(id, reason));
    this.#dropIfEmpty(membership.roomName, open);
  }

  #resumedId({ room, resume }: JoinMessage): string | undefined {
    if (!resume) return undefined;
    const { participantId, token } = resume;
    return this.#tokens.isValid(room, participantId, token) ? participantId : undefined;
  }

  #openRoom(name: string): OpenRoom {
    const open = this.#rooms.get(name);
    if (open) return open;
    if (this.#rooms.size >= this.#limits.maxRooms) {
      throw new SignalingError("ERR_LIMIT", `there are ${this.#limits.maxRooms} rooms already`);
    }
    return {
      room: new SignalingRoom(this.#limits.maxParticipantsPerRoom),
      connections: new Map(),
    };
  }

  /** It came back before the server noticed that it was gone. */
  #replaceOld(roomName: string, open: OpenRoom, participantId: string): void {
    const old = open.connections.get(participantId);
    if (!old) return;
    this.leave(old, "came back on a new connection");
    this.#rooms.set(roomName, open);
    old.close(1000, "replaced by a new connection");
  }

  #dropIfEmpty(name: string, open: OpenRoom): void {
    if (open.connections.size === 0) this.#rooms.delete(name);
  }
}

/** What the server itself has to say: who is there and who is not. */
function deliver(open: OpenRoom, deliveries: readonly Delivery[]): void {
  for (const { to, signal } of deliveries) open.connections.get(to)?.send(signal);
}

/** Says the role, so that logs can be read: `receiver-5f0c…`. */
function newId(role: Participant["role"]): string {
  return `${role}-${randomBytes(ID_BYTES).toString("hex")}`;
}

/** A name is shown to others: no control or bidirectional override characters. */
function cleanName(name: string): string {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "").trim() || "unnamed";
}
