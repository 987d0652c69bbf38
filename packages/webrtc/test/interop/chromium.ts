import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser, BrowserServer, Page } from "playwright-core";
import { pageHostScript } from "./page-host.ts";
import type { PageHost } from "./page-host.ts";
import type { PeerEvent } from "./peer-script.ts";
import { RemotePeer } from "./remote-peer.ts";

const EXECUTABLE = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
];

/** Never asked for: the page is answered here. `localhost` is a secure context, with fake devices. */
const PAGE_URL = "http://localhost/";

/** True if there is a browser to test with. */
export const HAS_CHROMIUM = existsSync(EXECUTABLE);

type PageScope = { pallasHost: PageHost };

/** A Chromium with a profile of its own. */
export class Chromium {
  readonly #server: BrowserServer;
  readonly #browser: Browser;

  private constructor(server: BrowserServer, browser: Browser) {
    this.#server = server;
    this.#browser = browser;
  }

  /**
   * Starts the browser. By default it hides its addresses behind `.local` names, as it does for every
   * page without access to a microphone or camera; `hidesAddresses: false` shows them.
   */
  static async launch(options: { readonly hidesAddresses?: boolean } = {}): Promise<Chromium> {
    const shows = options.hidesAddresses === false;
    const args = [...FLAGS, ...(shows ? ["--disable-features=WebRtcHideLocalIpsWithMdns"] : [])];
    const server = await chromium.launchServer({ executablePath: EXECUTABLE, args });
    return new Chromium(server, await chromium.connect(server.wsEndpoint()));
  }

  get version(): string {
    return this.#browser.version();
  }

  /** A page that is one peer. */
  async openPeer(): Promise<RemotePeer> {
    const page = await this.openPage();
    return page.openPeer(() => page.close());
  }

  /** A page that can be many peers, with fake devices. */
  async openPage(): Promise<ChromiumPage> {
    const page = await this.#browser.newPage();
    return ChromiumPage.prepare(page, () => this.kill());
  }

  /** Kills every process of the browser at once. */
  async kill(): Promise<void> {
    await this.#server.kill();
  }

  /** Closes the browser and removes its profile. */
  async stop(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
  }
}

/** A page in which peers live. */
export class ChromiumPage {
  readonly #page: Page;
  readonly #kill: () => Promise<void>;
  readonly #reports: ((event: PeerEvent) => void)[] = [];

  private constructor(page: Page, kill: () => Promise<void>) {
    this.#page = page;
    this.#kill = kill;
  }

  /** @internal Use {@link Chromium.openPage}. */
  static async prepare(page: Page, kill: () => Promise<void>): Promise<ChromiumPage> {
    const made = new ChromiumPage(page, kill);
    await page.route(PAGE_URL, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Pallas</title>" }),
    );
    await page.goto(PAGE_URL);
    await page.exposeFunction("pallasReport", (peer: number, event: PeerEvent) =>
      made.#reports[peer]?.(event),
    );
    await page.evaluate(`globalThis.pallasHost = ${pageHostScript("pallasReport")}`);
    return made;
  }

  /** One more peer; `stop` says what ends with it besides its connection. */
  async openPeer(stop: () => Promise<void> = async () => {}): Promise<RemotePeer> {
    const peer = this.#reports.length;
    const remote = new RemotePeer("Chromium", (report) => {
      this.#reports.push(report);
      return {
        call: (method, params) => this.#call(peer, method, params),
        kill: this.#kill,
        stop: async () => {
          if (this.#page.isClosed()) return;
          await this.#page.evaluate(closePeer, peer);
          await stop();
        },
      };
    });
    await this.#page.evaluate(openPeer, peer);
    return remote;
  }

  close(): Promise<void> {
    return this.#page.close();
  }

  #call(peer: number, method: string, params: unknown): Promise<unknown> {
    return this.#page.evaluate(callPeer, { peer, method, params });
  }
}

// These run in the page.

function openPeer(peer: number): void {
  (globalThis as unknown as PageScope).pallasHost.open(peer);
}

function closePeer(peer: number): Promise<void> {
  return (globalThis as unknown as PageScope).pallasHost.close(peer);
}

function callPeer(request: { peer: number; method: string; params: unknown }): Promise<unknown> {
  const { pallasHost } = globalThis as unknown as PageScope;
  return pallasHost.call(request.peer, request.method, request.params as never);
}
