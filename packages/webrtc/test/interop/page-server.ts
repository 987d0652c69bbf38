import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pageHostScript } from "./page-host.ts";
import type { PageHost } from "./page-host.ts";
import type { PeerEvent } from "./peer-script.ts";
import { RemotePeer } from "./remote-peer.ts";

type Request = {
  readonly id: number;
  readonly peer: number;
  readonly action: keyof PageHost;
  readonly method: string;
  readonly params: unknown;
};

/** What the page tells: that it is there, the answer to a request, or an event of a peer. */
type Line =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly peer: number; readonly event: PeerEvent };

type Pending = {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
};

/**
 * Drives peers in a page of any browser that opens {@link PageServer.url}: requests go down as
 * server-sent events, answers come up as posted batches, in order. No driver protocol is needed.
 */
export class PageServer {
  readonly #name: string;
  readonly #server: Server;
  readonly #pending = new Map<number, Pending>();
  readonly #reports = new Map<number, (event: PeerEvent) => void>();
  #lastId = 0;
  #page: ServerResponse | undefined;
  #arrived: () => void = () => {};

  /** Resolves when a page has come. */
  readonly pageIsThere = new Promise<void>((resolve) => {
    this.#arrived = resolve;
  });

  private constructor(name: string) {
    this.#name = name;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    // A connection that is closed while the page posts on it would lose what the page tells.
    this.#server.keepAliveTimeout = 0;
  }

  /** Starts listening on the loopback interface. `name` is what its peers are called in messages. */
  static async start(name: string): Promise<PageServer> {
    const server = new PageServer(name);
    await new Promise<void>((resolve) => {
      server.#server.listen(0, "127.0.0.1", resolve);
    });
    return server;
  }

  /** `localhost` is a secure context, in which there are fake devices. */
  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** One more peer in the page. `kill` ends the whole browser. */
  async openPeer(kill: () => Promise<void>): Promise<RemotePeer> {
    const peer = ++this.#lastId;
    const remote = new RemotePeer(this.#name, (report) => {
      this.#reports.set(peer, report);
      return {
        call: (method, params) => this.#request(peer, "call", method, params),
        kill,
        stop: async () => {
          await this.#request(peer, "close");
          this.#reports.delete(peer);
        },
      };
    });
    await this.#request(peer, "open");
    return remote;
  }

  /** Ends the page's side: nothing is awaited from it any more. */
  end(reason: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(reason));
    this.#pending.clear();
    this.#page = undefined;
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #request(
    peer: number,
    action: keyof PageHost,
    method: string = "",
    params: unknown = {},
  ): Promise<unknown> {
    if (this.#page === undefined) {
      // A browser that is gone has no peers to close.
      if (action === "close") return Promise.resolve(undefined);
      return Promise.reject(new Error(`${this.#name} has no page any more`));
    }
    const request: Request = { id: ++this.#lastId, peer, action, method, params };
    this.#page.write(`data: ${JSON.stringify(request)}\n\n`);
    return new Promise((resolve, reject) => {
      this.#pending.set(request.id, { resolve, reject });
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(PAGE);
    } else if (request.url === "/requests") {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      this.#page = response;
      response.on("close", () => this.end(`${this.#name}'s page has gone or crashed`));
      this.#arrived();
    } else if (request.url === "/lines") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.writeHead(204).end();
      const lines = JSON.parse(Buffer.concat(chunks).toString()) as readonly Line[];
      for (const line of lines) this.#handleLine(line);
    } else {
      response.writeHead(404).end();
    }
  }

  #handleLine(line: Line): void {
    if ("event" in line) return this.#reports.get(line.peer)?.(line.event);
    const pending = this.#pending.get(line.id);
    this.#pending.delete(line.id);
    if ("error" in line) pending?.reject(new Error(`${this.#name}: ${line.error}`));
    else pending?.resolve(line.result);
  }
}

/** Runs in the page; becomes text. Keeps one post under way at a time, so that lines stay in order. */
function connectPage(createHost: (report: (peer: number, event: PeerEvent) => void) => PageHost) {
  let queue: Line[] = [];
  let isPosting = false;
  const tell = (line: Line): void => {
    queue.push(line);
    void post();
  };
  const post = async (): Promise<void> => {
    if (isPosting) return;
    isPosting = true;
    while (queue.length > 0) {
      const lines = queue;
      queue = [];
      await fetch("/lines", { method: "POST", body: JSON.stringify(lines) });
    }
    isPosting = false;
  };
  const host = createHost((peer, event) => tell({ peer, event }));
  const run = async ({ id, peer, action, method, params }: Request): Promise<void> => {
    try {
      const result =
        action === "call"
          ? await host.call(peer, method, params as never)
          : await host[action](peer);
      tell({ id, result: result ?? null });
    } catch (error) {
      tell({ id, error: String(error) });
    }
  };
  new EventSource("/requests").addEventListener("message", ({ data }: MessageEvent<string>) => {
    void run(JSON.parse(data) as Request);
  });
}

const PAGE = `<!doctype html><title>Pallas</title><script>
(${connectPage.toString()})((report) => ${pageHostScript("report")});
</script>`;
