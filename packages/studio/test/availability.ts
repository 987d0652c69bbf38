import { existsSync } from "node:fs";
import { test } from "vitest";

/** The browser that the page is tested in. */
export const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

export const HAS_CHROMIUM = existsSync(CHROMIUM);

/** `test`, if the browser is there. Without it the tests are skipped with a line; under `CI=true` they fail. */
export const chromiumTest = HAS_CHROMIUM ? test : refuse();

function refuse(): typeof test.skip {
  const line = `there is no browser at ${CHROMIUM}: the console's tests are skipped. Set CHROMIUM_PATH.`;
  if (process.env["CI"] === "true") throw new RangeError(line);
  console.log(line);
  return test.skip;
}
