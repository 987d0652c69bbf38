import { afterAll, beforeAll, test } from "vitest";
import { testWith } from "./availability.ts";
import { Chromium, HAS_CHROMIUM } from "./chromium.ts";
import type { ChromiumPage } from "./chromium.ts";
import { TESTED_COMBINATIONS, IS_WHOLE_MATRIX, defineMatrix, exchanged } from "./media-matrix.ts";
import type { MediaMeeting } from "./media-matrix.ts";
import { defineSpecialOffers } from "./media-offers.ts";
import { PALLAS_SCENARIOS, defineRenegotiation } from "./media-renegotiation.ts";
import { PALLAS_HAS_MEDIA, openPallasPeer } from "./pallas.ts";

const LAUNCH_PATIENCE_MS = 60_000;
const IS_READY = PALLAS_HAS_MEDIA && HAS_CHROMIUM;
const mediaTest = PALLAS_HAS_MEDIA
  ? testWith("Chromium", HAS_CHROMIUM, "Install it or set CHROMIUM_PATH.")
  : test.skip;

let chromium: Chromium | undefined;
let page: ChromiumPage | undefined;

beforeAll(async () => {
  if (!IS_READY) return;
  chromium = await Chromium.launch();
  page = await chromium.openPage();
}, LAUNCH_PATIENCE_MS);

afterAll(async () => {
  await chromium?.stop();
}, LAUNCH_PATIENCE_MS);

const meeting: MediaMeeting = {
  a: { name: "Pallas", open: openPallasPeer },
  b: { name: "Chromium", open: () => page!.openPeer() },
};

for (const one of [meeting, exchanged(meeting)]) {
  defineMatrix(one, TESTED_COMBINATIONS, mediaTest);
  defineRenegotiation(
    one,
    IS_WHOLE_MATRIX ? PALLAS_SCENARIOS : PALLAS_SCENARIOS.slice(2),
    mediaTest,
  );
}
defineSpecialOffers(exchanged(meeting), mediaTest);
