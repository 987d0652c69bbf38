import assert from "node:assert/strict";
import { testWith } from "./availability.ts";
import { AIORTC_VERSION, openAiortcPeer } from "./aiortc.ts";
import { exchangeDescriptions } from "./handshake.ts";
import { openPallasPeer } from "./pallas.ts";
import { defineScenarios, defineVanishing } from "./scenarios.ts";
import type { Meeting } from "./scenarios.ts";
import type { RemotePeer } from "./remote-peer.ts";

const aiortcTest = testWith(
  "aiortc",
  AIORTC_VERSION !== undefined,
  "Install Debian's python3-aiortc, or set AIORTC_PYTHON.",
);

const openAiortc = async (): Promise<RemotePeer> => openAiortcPeer();

// aiortc announces 65,536 bytes, and cannot trickle.
const LIMITS = {
  maxMessageBytes: 65_536,
  signaling: "gathered",
  scope: "whole",
} as const;

const pallasOffers: Meeting = {
  ...LIMITS,
  title: "Pallas offers to aiortc",
  pallas: "offerer",
  offerer: openPallasPeer,
  answerer: openAiortc,
};

const aiortcOffers: Meeting = {
  ...LIMITS,
  title: "aiortc offers to Pallas in the form before RFC 8841",
  offerer: openAiortc,
  pallas: "answerer",
  answerer: openPallasPeer,
};

const aiortcOffersInNewForm: Meeting = {
  ...LIMITS,
  scope: "messages",
  title: "aiortc offers to Pallas in the form of RFC 8841",
  offerer: async () => openAiortcPeer("new"),
  pallas: "answerer",
  answerer: openPallasPeer,
};

defineScenarios(pallasOffers, aiortcTest);
defineScenarios(aiortcOffers, aiortcTest);
defineScenarios(aiortcOffersInNewForm, aiortcTest);
defineVanishing(pallasOffers, aiortcTest);

aiortcTest("an offer in the form before RFC 8841 is answered in the same form", async () => {
  const [aiortc, pallas] = [openAiortcPeer(), await openPallasPeer()];
  try {
    await aiortc.call("start", {});
    await pallas.call("start", {});
    await aiortc.call("createChannel", { label: "main" });
    const { offer, answer } = await exchangeDescriptions(aiortc, pallas, "gathered");
    assert.match(offer.sdp, /^m=application \d+ DTLS\/SCTP 5000\r?$/m);
    assert.match(answer.sdp, /^m=application \d+ DTLS\/SCTP 5000\r?$/m);
    assert.match(answer.sdp, /^a=sctpmap:5000 webrtc-datachannel \d+\r?$/m);
    assert.doesNotMatch(answer.sdp, /^a=sctp-port/m);
  } finally {
    await Promise.all([aiortc.stop(), pallas.stop()]);
  }
});
