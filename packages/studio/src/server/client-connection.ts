import { parseClientMessage, SignalingError } from "@pallas/peers";
import type { ClientMessage, ServerMessage } from "@pallas/peers";
import { WebSocket } from "ws";
import type { RawData } from "ws";
import type { ServerLimits } from "./limits.ts";
import type { SignalingService } from "./signaling-service.ts";
import { TokenBucket } from "./token-bucket.ts";

/** RFC 6455 §7.4.1. */
const POLICY_VIOLATION = 1008;
/** RFC 6455 §5.5: 125 bytes less the code; `ws` throws if there are more. The server's words are ASCII. */
const MAX_CLOSE_REASON_CHARS = 123;

/** One WebSocket of the signaling server: parses, limits, pings, and leaves when it is gone. */
export class ClientConnection {
  readonly #socket: WebSocket;
  readonly #service: SignalingService;
  readonly #limits: ServerLimits;
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #handshakes: TokenBucket;
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
    const nowMs = performance.now();
    this.#messages = new TokenBucket(limits.messagesPerSecond, limits.burstMessages, nowMs);
    this.#bytes = new TokenBucket(limits.bytesPerSecond, limits.burstBytes, nowMs);
    this.#handshakes = new TokenBucket(limits.handshakesPerSecond, limits.burstHandshakes, nowMs);
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

  /** Passes on what another participant said. False if too much waits here already: it is not sent. */
  relay(message: ServerMessage): boolean {
    if (this.#socket.bufferedAmount > this.#limits.maxRelayBacklogBytes) return false;
    this.send(message);
    return true;
  }

  /** Says something of the server's own. Drops the connection if it reads too slowly even for that. */
  send(message: ServerMessage): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > this.#limits.maxUnsentBytes) {
      this.#leaveReason = "it read too slowly";
      this.#socket.terminate();
      return;
    }
    this.#socket.send(JSON.stringify(message));
  }

  /** Ends it with a closing handshake, for a `reason` that is cut if it is too long. */
  close(code: number, reason: string): void {
    if (code === POLICY_VIOLATION) this.#leaveReason = reason;
    this.#socket.close(code, reason.slice(0, MAX_CLOSE_REASON_CHARS));
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
    this.#isAlive = true; // Who talks is there, even if its pongs are queued behind its messages.
    const bytes = toBuffer(data);
    const excess = this.#excessOf(bytes.byteLength);
    if (excess !== undefined) {
      this.#refuse(new SignalingError("ERR_LIMIT", excess));
      this.close(POLICY_VIOLATION, excess);
      return;
    }
    try {
      if (isBinary) throw new SignalingError("ERR_BAD_MESSAGE", "messages are text");
      this.#handleMessage(parseClientMessage(bytes.toString("utf8")));
    } catch (error) {
      if (!(error instanceof SignalingError)) throw error;
      this.#handleProblem(error);
    }
  }

  /** What one more message of `bytes` is too much of, in words. */
  #excessOf(bytes: number): string | undefined {
    const nowMs = performance.now();
    if (!this.#messages.tryTake(nowMs)) return "too many messages";
    return this.#bytes.tryTake(nowMs, bytes) ? undefined : "too many bytes in too short a time";
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
      case "offer":
      case "offerRequest":
        if (!this.#handshakes.tryTake(performance.now())) {
          throw new SignalingError(
            "ERR_LIMIT",
            `too many handshakes: no ${message.kind} is passed on`,
          );
        }
        this.#service.route(this, message);
        return;
      default:
        this.#service.route(this, message);
    }
  }

  #handleProblem(error: SignalingError): void {
    this.#refuse(error);
    if (!this.#isJoined) {
      this.close(POLICY_VIOLATION, error.message);
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
function toBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function cleanReason(reason: string): string {
  return reason.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "").slice(0, 100);
}
