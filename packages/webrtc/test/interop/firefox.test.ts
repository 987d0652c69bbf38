import { afterAll, beforeAll } from "vitest";
import { testWith } from "./availability.ts";
import { Firefox, HAS_FIREFOX } from "./firefox.ts";
import { openPallasPeer } from "./pallas.ts";
import { defineScenarios } from "./scenarios.ts";
import type { Meeting } from "./scenarios.ts";
import type { RemotePeer } from "./remote-peer.ts";

const LAUNCH_PATIENCE_MS = 60_000;
const firefoxTest = testWith("Firefox", HAS_FIREFOX, "Install it or set FIREFOX_PATH.");

let showing: Firefox | undefined;
let hiding: Firefox | undefined;

beforeAll(async () => {
  if (!HAS_FIREFOX) return;
  showing = await Firefox.launch();
  hiding = await Firefox.launch({ hidesAddresses: true });
}, LAUNCH_PATIENCE_MS);

afterAll(async () => {
  await showing?.stop();
  await hiding?.stop();
}, LAUNCH_PATIENCE_MS);

async function openIn(browser: Firefox | undefined): Promise<RemotePeer> {
  if (browser === undefined) throw new Error("Firefox was not launched");
  return browser.openPeer();
}

// Firefox announces 1,073,741,823 bytes, which no test wants to send; Pallas announces 262,144.
const LIMITS = { maxMessageBytes: 262_144, acceptsMore: true, scope: "whole" } as const;

const MEETINGS: readonly Meeting[] = [
  {
    ...LIMITS,
    title: "Pallas offers to Firefox",
    pallas: "offerer",
    offerer: openPallasPeer,
    answerer: () => openIn(showing),
    signaling: "trickled",
  },
  {
    ...LIMITS,
    title: "Firefox offers to Pallas",
    offerer: () => openIn(showing),
    pallas: "answerer",
    answerer: openPallasPeer,
    signaling: "trickled",
  },
  {
    ...LIMITS,
    scope: "messages",
    title: "Pallas offers to a Firefox that hides its addresses",
    pallas: "offerer",
    offerer: openPallasPeer,
    answerer: () => openIn(hiding),
    signaling: "trickled",
  },
  {
    ...LIMITS,
    scope: "messages",
    title: "a Firefox that hides its addresses offers to Pallas",
    offerer: () => openIn(hiding),
    pallas: "answerer",
    answerer: openPallasPeer,
    signaling: "gathered",
  },
];

for (const meeting of MEETINGS) defineScenarios(meeting, firefoxTest);
