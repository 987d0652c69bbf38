import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { SocketId } from "../base/datagram.ts";
import { ProtocolFailure } from "../base/errors.ts";
import type { ChannelKey } from "../session/channel-events.ts";
import type { PeerSession } from "../session/peer-session.ts";
import type { SessionEvent, SessionRequest } from "../session/session-events.ts";
import type { Deadline, Runtime, UdpSocket } from "./runtime.ts";

/** Which local ports a connection may use. */
export type PortRange = { readonly minPort: number; readonly maxPort: number };

/** What a driver needs besides the session and the world. */
export type DriverOptions = {
  readonly portRange: PortRange;
  /** Told each event of the session, in order, within the flush: a task for each is the owner's affair. */
  readonly onEvent: (event: SessionEvent) => void;
};

/**
 * The one loop of the stack: clock and sockets on one side, a silent state machine on the other.
 *
 *     socket, timer, application -> one change to the session -> flush:
 *         pollTransmit -> socket      pollRequest -> bind, close, resolve      pollEvent -> onEvent
 *
 * A change by the application is flushed at the end of the running task, so that a loop of small
 * `send()`s fills packets; a change by the network is flushed once per turn of the event loop, so
 * that a burst of datagrams is answered by one acknowledgement.
 */
export class Driver {
  readonly #session: PeerSession;
  readonly #runtime: Runtime;
  readonly #options: DriverOptions;
  readonly #deadline: Deadline;
  readonly #sockets = new Map<SocketId, UdpSocket>();
  /** Sockets that are being bound and are still wanted. */
  readonly #bindings = new Set<SocketId>();
  #isFlushScheduled = false;
  #isFlushing = false;
  #isStopped = false;

  constructor(session: PeerSession, runtime: Runtime, options: DriverOptions) {
    this.#session = session;
    this.#runtime = runtime;
    this.#options = options;
    this.#deadline = runtime.createDeadline(() => {
      this.#attempt(() => this.#session.handleTimeout(this.#runtime.nowMs()));
      this.#attempt(() => this.#flush());
    });
  }

  /** Applies one command of the application: `driver.run((session, nowMs) => session.close(nowMs))`. */
  run<T>(command: (session: PeerSession, nowMs: number) => T): T {
    const result = command(this.#session, this.#runtime.nowMs());
    this.#flushSoon();
    return result;
  }

  /** Like `run`, and flushed before it returns: for a change whose results are needed at once. */
  runNow<T>(command: (session: PeerSession, nowMs: number) => T): T {
    const result = command(this.#session, this.#runtime.nowMs());
    this.#attempt(() => this.#flush());
    return result;
  }

  /** `PeerSession.sendOnChannel`, without a closure for each message. */
  sendOnChannel(key: ChannelKey, kind: "text" | "binary", payload: Uint8Array): boolean {
    const isQueued = this.#session.sendOnChannel(key, kind, payload, this.#runtime.nowMs());
    this.#flushSoon();
    return isQueued;
  }

  /**
   * Sends what is still to be sent (goodbyes), then releases every socket and the timer. Nothing is
   * reported afterwards.
   */
  stop(): void {
    if (this.#isStopped) return;
    try {
      this.#sendAll();
    } finally {
      this.#release();
    }
  }

  /**
   * What nobody foresaw has happened while the network or a timer was served. It costs this one
   * connection, which fails and says so; the process and its other connections go on.
   */
  abandon(cause: unknown): void {
    if (this.#isStopped) return;
    this.#release();
    const message = `an internal error ended the connection; please report it: ${String(cause)}`;
    this.#session.abandon(new ProtocolFailure("ERR_INTERNAL", "W3C webrtc-pc", message, { cause }));
    for (;;) {
      const event = this.#session.pollEvent();
      if (event === undefined) return;
      this.#options.onEvent(event);
    }
  }

  #release(): void {
    this.#isStopped = true;
    this.#deadline.clear();
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.abandon(error);
    }
  }

  #flushSoon(): void {
    if (this.#isFlushScheduled || this.#isStopped) return;
    this.#isFlushScheduled = true;
    this.#runtime.queueMicrotask(this.#flushScheduled);
  }

  /** One function for all calls: a closure per packet would be garbage on the hottest path. */
  readonly #flushScheduled = (): void => {
    this.#isFlushScheduled = false;
    try {
      this.#flush();
    } catch (error) {
      this.abandon(error);
    }
  };

  #flushAfterTurn(): void {
    if (this.#isFlushScheduled || this.#isStopped) return;
    this.#isFlushScheduled = true;
    this.#runtime.queueTask(this.#flushScheduled);
  }

  #flush(): void {
    if (this.#isFlushing || this.#isStopped) return; // A listener issued a command; the loop picks it up.
    this.#isFlushing = true;
    try {
      for (;;) {
        this.#sendAll();
        const request = this.#session.pollRequest();
        if (request !== undefined) {
          this.#carryOut(request);
          continue;
        }
        const event = this.#session.pollEvent();
        if (event === undefined) break;
        this.#options.onEvent(event);
        if (this.#isStopped) return;
      }
    } finally {
      this.#isFlushing = false;
    }
    this.#arm();
  }

  #sendAll(): void {
    for (;;) {
      const outgoing = this.#session.pollTransmit();
      if (outgoing === undefined) return;
      this.#sockets
        .get(outgoing.socketId)
        ?.send(outgoing.bytes, outgoing.remoteAddress, outgoing.remotePort);
    }
  }

  #arm(): void {
    if (this.#isStopped) return;
    const atMs = this.#session.nextTimeoutAtMs;
    if (atMs === NEVER_AT_MS) this.#deadline.clear();
    else this.#deadline.set(atMs);
  }

  #carryOut(request: SessionRequest): void {
    switch (request.kind) {
      case "bindUdp":
        void this.#bind(request.socketId, request.address);
        return;
      case "closeSocket":
        this.#bindings.delete(request.socketId);
        this.#sockets.get(request.socketId)?.close();
        this.#sockets.delete(request.socketId);
        return;
      case "resolveName":
        void this.#resolve(request.requestId, request.name);
        return;
    }
  }

  async #bind(socketId: SocketId, address: string): Promise<void> {
    this.#bindings.add(socketId);
    try {
      const socket = await this.#runtime.bindUdp(
        { address, ...this.#options.portRange },
        {
          onDatagram: (bytes, remoteAddress, remotePort) => {
            try {
              const datagram = { socketId, remoteAddress, remotePort, bytes };
              this.#session.handleDatagram(datagram, this.#runtime.nowMs());
              this.#flushAfterTurn();
            } catch (error) {
              this.abandon(error);
            }
          },
          onFailed: (reason) => this.#handleSocketFailed(socketId, reason),
        },
      );
      const isWanted = this.#bindings.delete(socketId);
      if (this.#isStopped || !isWanted) return socket.close();
      this.#sockets.set(socketId, socket);
      this.run((session, nowMs) => session.handleSocketBound(socketId, socket.local, nowMs));
    } catch (cause) {
      this.#bindings.delete(socketId);
      this.#handleSocketFailed(socketId, cause instanceof Error ? cause.message : String(cause));
    }
  }

  #handleSocketFailed(socketId: SocketId, reason: string): void {
    if (this.#isStopped) return;
    this.#sockets.get(socketId)?.close();
    this.#sockets.delete(socketId);
    this.run((session, nowMs) => session.handleSocketFailed(socketId, reason, nowMs));
  }

  async #resolve(requestId: number, name: string): Promise<void> {
    const addresses = await this.#runtime.resolveName(name).catch(() => []);
    if (this.#isStopped) return;
    this.run((session, nowMs) => session.handleNameResolved(requestId, addresses, nowMs));
  }
}
