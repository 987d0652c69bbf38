import { afterAll, beforeAll } from "vitest";
import { testWith } from "./availability.ts";
import { Chromium, HAS_CHROMIUM } from "./chromium.ts";
import { openPallasPeer } from "./pallas.ts";
import { defineScenarios, defineVanishing } from "./scenarios.ts";
import type { Meeting } from "./scenarios.ts";
import type { RemotePeer } from "./remote-peer.ts";

const LAUNCH_PATIENCE_MS = 60_000;
const chromiumTest = testWith("Chromium", HAS_CHROMIUM, "Install it or set CHROMIUM_PATH.");

let hiding: Chromium | undefined;
let showing: Chromium | undefined;

beforeAll(async () => {
  if (!HAS_CHROMIUM) return;
  hiding = await Chromium.launch();
  showing = await Chromium.launch({ hidesAddresses: false });
}, LAUNCH_PATIENCE_MS);

afterAll(async () => {
  await hiding?.stop();
  await showing?.stop();
}, LAUNCH_PATIENCE_MS);

async function openIn(browser: Chromium | undefined): Promise<RemotePeer> {
  if (browser === undefined) throw new Error("Chromium was not launched");
  return browser.openPeer();
}

async function openInBrowserOfItsOwn(): Promise<RemotePeer> {
  return (await Chromium.launch()).openPeer();
}

const LIMITS = { maxMessageBytes: 262_144, scope: "whole" } as const;

const MEETINGS: readonly Meeting[] = [
  {
    ...LIMITS,
    title: "Pallas offers to Chromium",
    pallas: "offerer",
    offerer: openPallasPeer,
    answerer: () => openIn(hiding),
    signaling: "trickled",
  },
  {
    ...LIMITS,
    title: "Chromium offers to Pallas",
    offerer: () => openIn(hiding),
    pallas: "answerer",
    answerer: openPallasPeer,
    signaling: "trickled",
  },
  {
    ...LIMITS,
    scope: "messages",
    title: "Pallas offers to a Chromium that shows its addresses",
    pallas: "offerer",
    offerer: openPallasPeer,
    answerer: () => openIn(showing),
    signaling: "gathered",
  },
  {
    ...LIMITS,
    scope: "messages",
    title: "a Chromium that shows its addresses offers to Pallas",
    offerer: () => openIn(showing),
    pallas: "answerer",
    answerer: openPallasPeer,
    signaling: "gathered",
  },
];

for (const meeting of MEETINGS) defineScenarios(meeting, chromiumTest);

defineVanishing(
  {
    ...LIMITS,
    title: "Pallas offers to Chromium",
    pallas: "offerer",
    offerer: openPallasPeer,
    answerer: openInBrowserOfItsOwn,
    signaling: "trickled",
  },
  chromiumTest,
);
