import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { build } from "vite";
import { openFileSource } from "../src/files/file-source.ts";
import { MAIN_ROOM } from "../src/job/main-job.ts";
import { SenderPeer } from "../src/job/sender-peer.ts";
import { startStudioServer } from "../src/server/studio-server.ts";
import type { StudioServer } from "../src/server/studio-server.ts";
import { CHROMIUM, chromiumTest, HAS_CHROMIUM } from "./availability.ts";

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
const PATIENCE_MS = 60_000;
const CONTENT = "The received file, to be seen in the page.\n".repeat(2000);
const SHA256 = createHash("sha256").update(CONTENT).digest("hex");

const folder = mkdtempSync(join(tmpdir(), "pallas-test-"));
const filePath = join(folder, "letter.txt");
const consoleFolder = join(folder, "console");
const SILENT = {
  onStep() {},
  onProblem() {},
  createProgress: () => ({ update() {}, end() {} }),
  onVerified() {},
  onTransferFailed() {},
  onClosed() {},
};

let browser: Browser | undefined;
let context: BrowserContext;
let server: StudioServer;
let sender: SenderPeer | undefined;
let page: Page;
let complaints: string[] = [];

/** The page is built from the sources as they are, so that no stale build is tested. */
beforeAll(async () => {
  writeFileSync(filePath, CONTENT);
  if (!HAS_CHROMIUM) return;
  const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
  await build({
    configFile: path("../vite.config.ts"),
    logLevel: "error",
    resolve: { alias: { "@pallas/peers": path("../../peers/src/index.ts") } },
    build: { outDir: consoleFolder },
  });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}, PATIENCE_MS);

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
}, PATIENCE_MS);

beforeEach(async () => {
  if (!browser) return;
  server = await startStudioServer({ port: 0, consoleFolder });
  context = await browser.newContext();
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    const isOwn =
      protocol === "data:" || protocol === "blob:" || host === new URL(server.pageUrl).host;
    if (!isOwn) complaints.push(`a request to ${request.url()}`);
  });
});

afterEach(async () => {
  if (!browser) return;
  await context.close();
  sender?.close("the test is over");
  sender = undefined;
  await server.close();
});

async function startSender(): Promise<string> {
  sender = new SenderPeer(server.signalingUrl, MAIN_ROOM, await openFileSource(filePath), SILENT);
  return sender.whenJoined();
}

async function openPage(): Promise<void> {
  await startSender();
  await page.goto(server.pageUrl);
  await page.waitForSelector('[data-verdict="verified"]');
}

const connected = (): Promise<unknown> => page.waitForSelector('svg[data-state="connected"]');
const stepsOf = (): Promise<string[]> => page.locator("#sequence .label").allTextContents();

chromiumTest(
  "the page joins as one more receiver and shows the handshake as a sequence (figure 2)",
  async () => {
    await openPage();
    await page.waitForFunction(() =>
      document.querySelector("#sequence")?.textContent?.includes("SHA-256 is the sender's"),
    );
    const steps = await stepsOf();
    const inOrder = [
      "offer request",
      "creates the offer, sets it as local description",
      "offer",
      "sets the offer as remote description",
      "creates the answer, sets it as local description",
      "answer",
      "sets the answer as remote description",
      'data channel "pallas" is open',
      "letter.txt (86 kB)",
      "has letter.txt whole: its SHA-256 is the sender's",
    ];
    const places = inOrder.map((text) => steps.indexOf(text));
    assert.ok(!places.includes(-1), steps.join("\n"));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.equal(steps.filter((text) => text === "connected").length, 2);
    assert.ok(steps.some((text) => text.startsWith("candidate ")));
    assert.deepEqual(complaints, []);
  },
  PATIENCE_MS,
);

chromiumTest(
  "offer and answer are shown as they are, side by side",
  async () => {
    await openPage();
    const [offer = "", answer = ""] = await Promise.all(
      ["#offer", "#answer"].map((id) => page.locator(id).innerText()),
    );
    assert.match(
      offer,
      /^v=0\n[^]*m=application \d+ UDP\/DTLS\/SCTP webrtc-datachannel\n[^]*a=setup:actpass/,
    );
    assert.match(answer, /^v=0\n[^]*m=application [^]*a=setup:(active|passive)/);
    const boxes = await Promise.all(
      ["#offer", "#answer"].map((id) => page.locator(id).boundingBox()),
    );
    assert.equal(boxes[0]?.y, boxes[1]?.y);
  },
  PATIENCE_MS,
);

chromiumTest(
  "the state machine of figure i lights the current state, and the chosen pair is named",
  async () => {
    await openPage();
    await connected();
    assert.equal(await page.locator(".machine .current text").textContent(), "connected");
    const label = await page.locator(".machine").getAttribute("aria-label");
    assert.equal(label, "The connection is connected. It has been: new, connecting, connected.");
    assert.match(await page.locator("#chosen-pair").innerText(), /:\d+\s+⇄\s+.+:\d+/);
    assert.ok((await page.locator("tr.chosen").count()) >= 1);
  },
  PATIENCE_MS,
);

chromiumTest(
  "the file arrives with its SHA-256 verified, can be read and saved",
  async () => {
    await openPage();
    assert.equal(await page.locator(".hash").textContent(), SHA256);
    await page.locator("summary").click();
    assert.match(await page.locator(".file pre").innerText(), /^The received file, to be seen/);
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Save" }).click();
    assert.equal((await downloading).suggestedFilename(), "letter.txt");
    await page.getByRole("button", { name: "Send it again" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".hash").length === 2);
  },
  PATIENCE_MS,
);

chromiumTest(
  "live data keeps coming",
  async () => {
    await openPage();
    const number = () => page.locator("#tick-number").innerText();
    await page.waitForSelector("#tick-number");
    const first = await number();
    await page.waitForFunction(
      (old) => document.querySelector("#tick-number")?.textContent !== old,
      first,
    );
    assert.ok(Number((await number()).slice(1)) > Number(first.slice(1)));
  },
  PATIENCE_MS,
);

chromiumTest(
  "hanging up is closed at both ends; asking again shakes hands again",
  async () => {
    await openPage();
    await page.getByRole("button", { name: "Hang up" }).click();
    await page.waitForSelector('svg[data-state="closed"]');
    assert.match(await page.locator(".notices").innerText(), /has ended: hung up by the visitor/);
    await page.getByRole("button", { name: "Ask for an offer" }).click();
    await connected();
    await page.waitForSelector("#handshake-choice");
    assert.equal(await page.locator("#handshake-choice option").count(), 2);
    assert.deepEqual(complaints, []);
  },
  PATIENCE_MS,
);

chromiumTest(
  "a page that is there before the sender waits for it, and says so",
  async () => {
    await page.goto(server.pageUrl);
    await page.getByText("Waiting for a sender to enter the room.").waitFor();
    assert.ok(await page.getByRole("button", { name: "Ask for an offer" }).isDisabled());
    await startSender();
    await connected();
  },
  PATIENCE_MS,
);

chromiumTest(
  "a sender that vanishes is shown; so is a server that goes away",
  async () => {
    await openPage();
    sender?.close("the sender went home");
    await page.waitForSelector('svg[data-state="closed"]');
    await page.getByText("Waiting for a sender to enter the room.").waitFor();
    await server.close();
    await page.getByText("the signaling server is shutting down").waitFor();
  },
  PATIENCE_MS,
);
