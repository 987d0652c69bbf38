import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser, BrowserServer, Page } from "playwright-core";
import { installPeer } from "./peer-script.ts";
import type { PeerCall, PeerEvent } from "./peer-script.ts";
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
];

/** True if there is a browser to test with. */
export const HAS_CHROMIUM = existsSync(EXECUTABLE);

type PageScope = { pallasPeer: PeerCall };

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
    const page = await this.#browser.newPage();
    let report: (event: PeerEvent) => void = () => {};
    await page.exposeFunction("pallasReport", (event: PeerEvent) => report(event));
    await page.evaluate(
      `globalThis.pallasPeer = (${installPeer.toString()})(RTCPeerConnection, pallasReport)`,
    );
    return new RemotePeer("Chromium", (listener) => {
      report = listener;
      return {
        call: (method, params) => callInPage(page, method, params),
        kill: () => this.kill(),
        stop: () => page.close(),
      };
    });
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

function callInPage(page: Page, method: string, params: unknown): Promise<unknown> {
  return page.evaluate(
    ([name, value]) => (globalThis as unknown as PageScope).pallasPeer(name, value as never),
    [method, params] as const,
  );
}
