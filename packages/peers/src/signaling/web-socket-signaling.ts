import { messageOf, SignalingError } from "../errors.ts";
import type { SocketConstructor, SocketLike } from "../platform.ts";
import { SYSTEM_CLOCK } from "../support/clock.ts";
import type { Clock } from "../support/clock.ts";
import { Listeners } from "../support/listeners.ts";
import type {
  OutgoingSignal,
  Participant,
  ParticipantRole,
  SignalingChannel,
  SignalingEvent,
} from "./signal.ts";
import { parseServerMessage } from "./wire.ts";
import type { ClientMessage, JoinMessage, ServerMessage } from "./wire.ts";

const PING_EVERY_MS = 10_000;
const SILENCE_LIMIT_MS = 25_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;
const MAX_QUEUED_SIGNALS = 512;
const OPEN = 1;
const NORMAL_CLOSURE = 1000;
/** The server will not have it: no use in trying again (RFC 6455 §7.4.1, policy violation). */
const POLICY_VIOLATION = 1008;

/** Where a participant goes, and as what. */
export type WebSocketSignalingOptions = {
  /** `ws://…` or `wss://…`. */
  readonly url: string;
  readonly room: string;
  readonly role: ParticipantRole;
  /** For people. */
  readonly name: string;
  /** The browser's, Node's (from 22) or that of the `ws` package. */
  readonly WebSocket: SocketConstructor;
  readonly clock?: Clock;
  /** From 0 to 1, spreads reconnections; `Math.random` unless handed in. */
  readonly jitter?: () => number;
};

/**
 * The way to a room on a signaling server (`@pallas/studio` has one). Reconnects by itself, longer apart
 * each time, and comes back under the same id; what is sent meanwhile waits. Opens at once.
 */
export class WebSocketSignaling implements SignalingChannel {
  readonly #options: WebSocketSignalingOptions;
  readonly #clock: Clock;
  readonly #listeners = new Listeners<SignalingEvent>();
  #socket: SocketLike | undefined;
  #self: Participant | undefined;
  #resumeToken: string | undefined;
  #isJoined = false;
  #queue: OutgoingSignal[] = [];
  #failedAttempts = 0;
  #lastProblem = "";
  #lastHeardAtMs = 0;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(options: WebSocketSignalingOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#connect();
  }

  get self(): Participant | undefined {
    return this.#self;
  }

  send(signal: OutgoingSignal): void {
    if (this.#isClosed) throw new SignalingError("ERR_CLOSED", "signaling is closed");
    if (this.#isJoined) {
      this.#write(signal);
    } else if (this.#queue.length < MAX_QUEUED_SIGNALS) {
      this.#queue.push(signal);
    } else {
      throw new SignalingError(
        "ERR_LIMIT",
        `more than ${MAX_QUEUED_SIGNALS} signals wait for the server`,
      );
    }
  }

  subscribe(listener: (event: SignalingEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  close(reason = "left"): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isJoined = false;
    this.#cancelTimer?.();
    this.#queue = [];
    this.#socket?.close(NORMAL_CLOSURE, reason.slice(0, 100));
    this.#socket = undefined;
    this.#listeners.tell({ kind: "closed", reason });
  }

  #connect(): void {
    let socket: SocketLike;
    try {
      socket = new this.#options.WebSocket(this.#options.url);
    } catch (error) {
      this.close(`cannot connect to ${this.#options.url}: ${messageOf(error)}`); // The URL is no URL.
      return;
    }
    this.#socket = socket;
    this.#lastProblem = "";
    socket.addEventListener("open", () => this.#handleOpen(socket));
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.#handleText(event.data);
    });
    socket.addEventListener("error", (event) => {
      this.#lastProblem = event.message ?? "";
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.#socket) this.#handleLost(event.code, event.reason);
    });
    this.#lastHeardAtMs = this.#clock.epochMs();
    this.#schedulePing(socket);
  }

  #handleOpen(socket: SocketLike): void {
    if (socket !== this.#socket) return;
    const { room, role, name } = this.#options;
    const join: JoinMessage = { kind: "join", room, role, name };
    this.#write(
      this.#self && this.#resumeToken
        ? { ...join, resume: { participantId: this.#self.id, token: this.#resumeToken } }
        : join,
    );
  }

  #handleText(data: unknown): void {
    this.#lastHeardAtMs = this.#clock.epochMs();
    let message: ServerMessage;
    try {
      message = parseServerMessage(typeof data === "string" ? data : "");
    } catch (error) {
      if (!(error instanceof SignalingError)) throw error;
      this.#listeners.tell({ kind: "error", code: error.code, message: error.message });
      return;
    }
    this.#handleMessage(message);
  }

  #handleMessage(message: ServerMessage): void {
    switch (message.kind) {
      case "pong":
        return;
      case "resumeToken":
        this.#resumeToken = message.token;
        return;
      case "closing":
        this.#lastProblem = message.reason;
        return;
      case "welcome":
        this.#self = message.self;
        this.#isJoined = true;
        this.#failedAttempts = 0;
        this.#listeners.tell(message);
        this.#flush();
        return;
      default:
        this.#listeners.tell(message);
    }
  }

  #flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const signal of queue) if (this.#isJoined) this.#write(signal);
  }

  #handleLost(code: number, reason: string): void {
    this.#socket = undefined;
    this.#isJoined = false;
    this.#cancelTimer?.();
    const why = reason || this.#lastProblem || "the connection to the signaling server was lost";
    if (code === POLICY_VIOLATION) {
      this.close(why);
      return;
    }
    const retryInMs = this.#nextRetryMs();
    this.#cancelTimer = this.#clock.after(retryInMs, () => this.#connect());
    this.#listeners.tell({ kind: "offline", reason: why, retryInMs });
  }

  /** Doubles up to a limit, spread by a half, so that a room does not come back in one instant. */
  #nextRetryMs(): number {
    const baseMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failedAttempts);
    this.#failedAttempts++;
    const jitter = (this.#options.jitter ?? Math.random)();
    return Math.round(baseMs * (0.5 + 0.5 * jitter));
  }

  #schedulePing(socket: SocketLike): void {
    this.#cancelTimer = this.#clock.after(PING_EVERY_MS, () => {
      if (this.#clock.epochMs() - this.#lastHeardAtMs > SILENCE_LIMIT_MS) {
        socket.close();
        // A dead network lets close() take minutes: go on as if it had closed.
        this.#handleLost(1006, "the signaling server does not answer");
        return;
      }
      if (socket.readyState === OPEN) this.#write({ kind: "ping" });
      this.#schedulePing(socket);
    });
  }

  #write(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }
}
