import { writeFileSync } from "node:fs";
import { test } from "vitest";
import { Chromium } from "./chromium.ts";
import { Firefox } from "./firefox.ts";
import { negotiate } from "./media-checks.ts";
import { withPeers } from "./media-matrix.ts";
import { SPECIAL_OFFERS } from "./media-offers.ts";
import type { SpecialOffer } from "./media-offers.ts";
import type { RemotePeer } from "./remote-peer.ts";

// Takes the captures of `test/vectors/sdp`: run it with the folder to write to in PALLAS_CAPTURE_TO and
// the browser in PALLAS_CAPTURE_FROM. It tests nothing and is skipped otherwise.

const FOLDER = process.env["PALLAS_CAPTURE_TO"];
const BROWSER = process.env["PALLAS_CAPTURE_FROM"];
const PATIENCE_MS = 120_000;

test.skipIf(FOLDER === undefined)(
  "captures are written",
  async () => {
    const isFirefox = BROWSER === "firefox";
    const browser = isFirefox
      ? await Firefox.launch()
      : await Chromium.launch({ hidesAddresses: false });
    const prefix = isFirefox ? "firefox-153" : "chromium-156";
    try {
      const open = await opener(browser);
      for (const offer of [...SPECIAL_OFFERS, H264_ONLY]) {
        await capture(offer, open, `${FOLDER}/${prefix}-${offer.name}`);
      }
    } finally {
      await browser.stop();
    }
  },
  PATIENCE_MS,
);

/** Needs a browser with an H.264 codec, which Firefox has only after a download. */
const H264_ONLY: SpecialOffer = {
  name: "h264-only",
  prepare: async (offerer) => {
    const transceiver = await offerer.call("addTransceiver", { kind: "video" });
    await offerer.call("preferCodecs", { transceiver, mimeTypes: ["video/H264", "video/rtx"] });
  },
};

async function opener(browser: Chromium | Firefox): Promise<() => Promise<RemotePeer>> {
  if (browser instanceof Firefox) return () => browser.openPeer();
  const page = await browser.openPage();
  return () => page.openPeer();
}

async function capture(
  offer: SpecialOffer,
  open: () => Promise<RemotePeer>,
  path: string,
): Promise<void> {
  const one = { name: "", open };
  await withPeers({ a: one, b: one }, async (a, b) => {
    try {
      await offer.prepare(a, b);
      const pair = await negotiate(a, b);
      writeFileSync(`${path}-offer.sdp`, pair.offer.sdp);
      writeFileSync(`${path}-answer.sdp`, pair.answer.sdp);
    } catch (error) {
      console.log(`${offer.name}: ${String(error)}`);
    }
  });
}
