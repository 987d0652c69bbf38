import { afterAll, beforeAll, test } from "vitest";
import { testWith } from "./availability.ts";
import { Firefox, HAS_FIREFOX } from "./firefox.ts";
import { TESTED_COMBINATIONS, IS_WHOLE_MATRIX, defineMatrix, exchanged } from "./media-matrix.ts";
import type { MediaMeeting } from "./media-matrix.ts";
import { defineSpecialOffers } from "./media-offers.ts";
import { PALLAS_SCENARIOS, defineRenegotiation } from "./media-renegotiation.ts";
import { PALLAS_HAS_MEDIA, openPallasPeer } from "./pallas.ts";

const LAUNCH_PATIENCE_MS = 60_000;
const IS_READY = PALLAS_HAS_MEDIA && HAS_FIREFOX;
const mediaTest = PALLAS_HAS_MEDIA
  ? testWith("Firefox", HAS_FIREFOX, "Install it or set FIREFOX_PATH.")
  : test.skip;

let firefox: Firefox | undefined;

beforeAll(async () => {
  if (!IS_READY) return;
  firefox = await Firefox.launch();
}, LAUNCH_PATIENCE_MS);

afterAll(async () => {
  await firefox?.stop();
}, LAUNCH_PATIENCE_MS);

const meeting: MediaMeeting = {
  a: { name: "Pallas", open: openPallasPeer },
  b: { name: "Firefox", open: () => firefox!.openPeer() },
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
