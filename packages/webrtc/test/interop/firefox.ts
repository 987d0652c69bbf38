import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PageServer } from "./page-server.ts";
import type { RemotePeer } from "./remote-peer.ts";

const EXECUTABLE =
  process.env["FIREFOX_PATH"] ??
  ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find((path) => existsSync(path)) ??
  "";

/** True if there is a browser to test with. */
export const HAS_FIREFOX: boolean = existsSync(EXECUTABLE);

/** A quiet profile: fake devices without a question, and nothing that wants the network. */
const PREFERENCES: Readonly<Record<string, boolean | number | string>> = {
  "media.navigator.permission.disabled": true,
  "media.navigator.streams.fake": true,
  "media.gmp-manager.updateEnabled": false,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "dom.ipc.processPrelaunch.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.aboutwelcome.enabled": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "browser.sessionstore.resume_from_crash": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "toolkit.startup.max_resumed_crashes": -1,
  "datareporting.policy.dataSubmissionEnabled": false,
  "datareporting.healthreport.uploadEnabled": false,
  "toolkit.telemetry.enabled": false,
  "app.update.disabledForTesting": true,
  "app.normandy.enabled": false,
  "extensions.update.enabled": false,
  "extensions.getAddons.cache.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.dns.disablePrefetch": true,
  "services.settings.server": "data:,",
};

/**
 * Starts the browser on a leash: when the test process is gone, however it has ended, the pipe to its
 * standard input closes, and the watcher kills the process group.
 */
const LEASH = 'exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) & exec "$0" "$@" </dev/null 3<&-';

/** A headless Firefox with a profile of its own and one page, in which all its peers live. */
export class Firefox {
  readonly #process: ChildProcess;
  readonly #pages: PageServer;
  readonly #profile: string;

  private constructor(child: ChildProcess, pages: PageServer, profile: string) {
    this.#process = child;
    this.#pages = pages;
    this.#profile = profile;
  }

  /** Starts the browser; `hidesAddresses` puts `.local` names in the place of its addresses. */
  static async launch(options: { readonly hidesAddresses?: boolean } = {}): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), "pallas-firefox-"));
    const preferences = {
      ...PREFERENCES,
      "media.peerconnection.ice.obfuscate_host_addresses": options.hidesAddresses === true,
    };
    const lines = Object.entries(preferences).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    await writeFile(join(profile, "user.js"), lines.join(""));
    const pages = await PageServer.start("Firefox");
    const args = ["--headless", "--no-remote", "--profile", profile, pages.url];
    // A process group of its own, so that all of its processes can be ended at once.
    const child = spawn("/bin/sh", ["-c", LEASH, EXECUTABLE, ...args], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const firefox = new Firefox(child, pages, profile);
    const ended = once(child, "exit").then(() => {
      pages.end("Firefox has ended");
      throw new Error("Firefox has ended before it opened the page");
    });
    ended.catch(() => {}); // Later ends are told to whoever waits for an answer.
    await Promise.race([pages.pageIsThere, ended]);
    return firefox;
  }

  /** A new peer in the page. */
  openPeer(): Promise<RemotePeer> {
    return this.#pages.openPeer(() => this.kill());
  }

  /** Kills every process of the browser at once and removes its profile. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    process.kill(-this.#process.pid!, "SIGKILL");
    await exited;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** The same: an end in good order would take seconds and nobody uses the profile again. */
  stop(): Promise<void> {
    return this.kill();
  }
}
