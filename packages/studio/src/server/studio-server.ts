import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import Fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { WebSocketServer } from "ws";
import { StudioError } from "../errors.ts";
import { refusalOf, rulesFor } from "./access.ts";
import type { AccessRules } from "./access.ts";
import { ClientConnection } from "./client-connection.ts";
import { SERVER_LIMITS } from "./limits.ts";
import type { ServerLimits } from "./limits.ts";
import { SignalingService } from "./signaling-service.ts";
import { loadStaticFiles } from "./static-files.ts";

/** Where the WebSocket is, on the server's own port. */
export const SIGNALING_PATH = "/signaling";
const CLOSE_PATIENCE_MS = 1000;
/** RFC 6455 §7.4.1: the server is going down. */
const GOING_AWAY = 1001;

/** The console needs nothing from elsewhere: no other site's script, style or frame ever runs in it. */
const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; object-src 'none'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
} as const;

/** How to run a server. */
export type StudioServerOptions = AccessRules & {
  /** Where to listen; the loopback of this machine unless given. */
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** The built console. Without it the server only does signaling. */
  readonly consoleFolder?: string;
  readonly limits?: Partial<ServerLimits>;
};

/** A server that runs. */
export type StudioServer = {
  readonly port: number;
  /** The page, `http://localhost:7880`. */
  readonly pageUrl: string;
  /** The signaling, `ws://localhost:7880/signaling`. */
  readonly signalingUrl: string;
  /** Says so to all participants, then ends. */
  close(): Promise<void>;
};

/** Starts the signaling server and the page. Rejects with {@link StudioError} if it cannot listen. */
export async function startStudioServer(options: StudioServerOptions): Promise<StudioServer> {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const host = options.host ?? "localhost";
  const service = new SignalingService(limits);
  const app = Fastify({ logger: false, forceCloseConnections: true });
  serveConsole(app, options.consoleFolder);
  app.get("/health", () => ({ status: "ok", ...service.figures }));
  const gate = new SignalingGate(service, limits, rulesFor(host, options));
  app.server.on("upgrade", (request, socket, head) => gate.handleUpgrade(request, socket, head));
  await listen(app, host, options.port);
  const { port } = app.server.address() as AddressInfo;
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    port,
    pageUrl: `http://${authority}`,
    signalingUrl: `ws://${authority}${SIGNALING_PATH}`,
    async close() {
      await gate.close("the signaling server is shutting down");
      await app.close();
    },
  };
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") {
      throw new StudioError(
        "ERR_PORT_IN_USE",
        `port ${port} on ${host} is in use; choose another with --port or PALLAS_PORT`,
        error,
      );
    }
    throw new StudioError("ERR_LISTEN", `cannot listen on ${host}:${port}: ${message}`, error);
  }
}

function serveConsole(app: FastifyInstance, folder: string | undefined): void {
  const files = folder === undefined ? new Map() : loadStaticFiles(folder);
  app.get("/*", (request, reply) => {
    const file = files.get(pathOf(request.url));
    void reply.headers(SECURITY_HEADERS);
    if (!file) return reply.code(404).type("text/plain; charset=utf-8").send("Not found.\n");
    void reply.header("etag", file.etag);
    void reply.header(
      "cache-control",
      file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    );
    if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
    return reply.type(file.mediaType).send(file.body);
  });
}

/** Lets WebSockets in, or not, and sees them out. */
class SignalingGate {
  readonly #service: SignalingService;
  readonly #limits: ServerLimits;
  readonly #rules: AccessRules;
  readonly #connections = new Set<ClientConnection>();
  readonly #webSockets: WebSocketServer;
  #isClosing = false;

  constructor(service: SignalingService, limits: ServerLimits, rules: AccessRules) {
    this.#service = service;
    this.#limits = limits;
    this.#rules = rules;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      maxPayload: limits.maxMessageBytes,
      perMessageDeflate: false, // Small messages; and nothing to inflate, nothing to blow up.
      clientTracking: false,
    });
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    if (pathOf(request.url ?? "") !== SIGNALING_PATH) {
      return refuse(socket, "404 Not Found", "there is no WebSocket here");
    }
    const refusal = refusalOf(request, this.#rules);
    if (refusal !== undefined) return refuse(socket, "403 Forbidden", refusal);
    if (this.#isClosing || this.#connections.size >= this.#limits.maxConnections) {
      return refuse(
        socket,
        "503 Service Unavailable",
        "the signaling server takes no more connections",
      );
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new ClientConnection(webSocket, this.#service, this.#limits);
      this.#connections.add(connection);
      webSocket.on("close", () => this.#connections.delete(connection));
    });
  }

  async close(reason: string): Promise<void> {
    this.#isClosing = true;
    const connections = [...this.#connections];
    for (const connection of connections) {
      connection.send({ kind: "closing", reason });
      connection.close(GOING_AWAY, reason);
    }
    const deadline = setTimeout(() => {
      for (const connection of this.#connections) connection.terminate();
    }, CLOSE_PATIENCE_MS);
    await Promise.all(connections.map((connection) => connection.closed));
    clearTimeout(deadline);
    this.#webSockets.close();
  }
}

/** The path of a request target, as it came: some targets that Node lets through (`//`) are no URL. */
function pathOf(target: string): string {
  return target.split("?", 1)[0] ?? "";
}

/** Answers instead of a WebSocket, and keeps nothing open for who does not close its side. */
function refuse(socket: Duplex, status: string, reason: string): void {
  socket.once("finish", () => socket.destroy());
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
