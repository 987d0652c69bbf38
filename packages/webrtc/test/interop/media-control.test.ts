import { afterAll, beforeAll, test } from "vitest";
import { testWith } from "./availability.ts";
import { Chromium, HAS_CHROMIUM } from "./chromium.ts";
import type { ChromiumPage } from "./chromium.ts";
import { Firefox, HAS_FIREFOX } from "./firefox.ts";
import { COMBINATIONS, IS_WHOLE_MATRIX, defineMatrix, exchanged } from "./media-matrix.ts";
import type { MediaMeeting } from "./media-matrix.ts";
import { defineSpecialOffers } from "./media-offers.ts";
import { COMMON_SCENARIOS, SCENARIOS, defineRenegotiation } from "./media-renegotiation.ts";

// The control of the media tests: what browsers cannot do among themselves, no test may ask of us. It
// tests no line of Pallas, so it runs with the whole matrix only.

const LAUNCH_PATIENCE_MS = 60_000;
const IS_READY = IS_WHOLE_MATRIX && HAS_CHROMIUM && HAS_FIREFOX;
const controlTest = IS_WHOLE_MATRIX
  ? testWith("A pair of browsers", IS_READY, "Install both.")
  : test.skip;

let chromium: Chromium | undefined;
let page: ChromiumPage | undefined;
let firefox: Firefox | undefined;

beforeAll(async () => {
  if (!IS_READY) return;
  chromium = await Chromium.launch({ hidesAddresses: false });
  page = await chromium.openPage();
  firefox = await Firefox.launch();
}, LAUNCH_PATIENCE_MS);

afterAll(async () => {
  await chromium?.stop();
  await firefox?.stop();
}, LAUNCH_PATIENCE_MS);

const CHROMIUM = { name: "Chromium", open: () => page!.openPeer() };
const FIREFOX = { name: "Firefox", open: () => firefox!.openPeer() };
const together: MediaMeeting = { a: CHROMIUM, b: FIREFOX };

for (const meeting of [together, exchanged(together)]) {
  defineMatrix(meeting, COMBINATIONS, controlTest);
  defineRenegotiation(meeting, COMMON_SCENARIOS, controlTest);
  defineSpecialOffers(meeting, controlTest);
}
for (const browser of [CHROMIUM, FIREFOX]) {
  defineRenegotiation({ a: browser, b: browser }, SCENARIOS, controlTest);
}
