import { parseClientMessage, SignalingError } from "@pallas/peers";
import type { ClientMessage, ServerMessage } from "@pallas/peers";
import { WebSocket } from "ws";
import type { RawData } from "ws";
import type { ServerLimits } from "./limits.ts";
import type { SignalingService } from "./signaling-service.ts";
import { TokenBucket } from "./token-bucket.ts";

/** RFC 6455 §7.4.1. */
const POLICY_VIOLATION = 1008;

/** One WebSocket of the signaling server: parses, limits, pings, and leaves when it is gone. */
export class ClientConnection {
  readonly #socket: WebSocket;
  readonly #service: SignalingService;
  readonly #limits: ServerLimits;
  readonly #bucket: TokenBucket;
  readonly #joinTimer: NodeJS.Timeout;
  #heartbeat: NodeJS.Timeout | undefined;
  #isAlive = true;
  #isJoined = false;
  #badMessages = 0;
  #leaveReason = "the connection was lost";

  /** Resolves when the WebSocket is closed and its participant has left. */
  readonly closed: Promise<void>;

  constructor(socket: WebSocket, service: SignalingService, limits: ServerLimits) {
    this.#socket = socket;
    this.#service = service;
    this.#limits = limits;
    this.#bucket = new TokenBucket(
      limits.messagesPerSecond,
      limits.burstMessages,
      performance.now(),
    );
    this.#joinTimer = setTimeout(() => {
      if (!this.#isJoined) this.close(POLICY_VIOLATION, "no join came in time");
    }, limits.joinWithinMs);
    this.#heartbeat = setInterval(() => this.#beat(), limits.heartbeatMs);
    socket.on("pong", () => {
      this.#isAlive = true;
    });
    socket.on("message", (data, isBinary) => this.#handleData(data, isBinary));
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        this.#handleClosed(code, reason.toString());
        resolve();
      });
    });
    socket.on("error", (error) => {
      this.#leaveReason = error.message; // "close" follows.
    });
  }

  /** Drops the connection if it reads too slowly to keep up. */
  send(message: ServerMessage): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > this.#limits.maxUnsentBytes) {
      this.#leaveReason = "it read too slowly";
      this.#socket.terminate();
      return;
    }
    this.#socket.send(JSON.stringify(message));
  }

  /** `reason` has at most 123 bytes (RFC 6455 §5.5). */
  close(code: number, reason: string): void {
    if (code === POLICY_VIOLATION) this.#leaveReason = reason;
    this.#socket.close(code, reason);
  }

  /** Ends it at once, without a closing handshake. */
  terminate(): void {
    this.#socket.terminate();
  }

  #beat(): void {
    if (!this.#isAlive) {
      this.#leaveReason = "it did not answer the server's ping";
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }

  #handleData(data: RawData, isBinary: boolean): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return; // Being closed: what still comes is void.
    if (!this.#bucket.tryTake(performance.now())) {
      this.#refuse(new SignalingError("ERR_LIMIT", "too many messages"));
      this.close(POLICY_VIOLATION, "too many messages");
      return;
    }
    try {
      if (isBinary) throw new SignalingError("ERR_BAD_MESSAGE", "messages are text");
      this.#handleMessage(parseClientMessage(toText(data)));
    } catch (error) {
      if (!(error instanceof SignalingError)) throw error;
      this.#handleProblem(error);
    }
  }

  #handleMessage(message: ClientMessage): void {
    switch (message.kind) {
      case "ping":
        this.send({ kind: "pong" });
        return;
      case "join":
        this.#service.join(this, message);
        this.#isJoined = true;
        clearTimeout(this.#joinTimer);
        return;
      default:
        this.#service.route(this, message);
    }
  }

  #handleProblem(error: SignalingError): void {
    this.#refuse(error);
    if (!this.#isJoined) {
      this.close(POLICY_VIOLATION, error.message.slice(0, 100));
    } else if (
      error.code === "ERR_BAD_MESSAGE" &&
      ++this.#badMessages >= this.#limits.maxBadMessages
    ) {
      this.close(POLICY_VIOLATION, "too many bad messages");
    }
  }

  #refuse({ code, message }: SignalingError): void {
    this.send({ kind: "error", code, message: message.slice(0, 500) });
  }

  #handleClosed(code: number, reason: string): void {
    clearTimeout(this.#joinTimer);
    clearInterval(this.#heartbeat);
    const isGoodbye = code === 1000 || code === 1001;
    this.#service.leave(this, isGoodbye ? cleanReason(reason) || "left" : this.#leaveReason);
  }
}

/** With the default `nodebuffer` type of `ws` this is one Buffer. */
function toText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return Buffer.isBuffer(data) ? data.toString("utf8") : Buffer.from(data).toString("utf8");
}

function cleanReason(reason: string): string {
  return reason.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "").slice(0, 100);
}
