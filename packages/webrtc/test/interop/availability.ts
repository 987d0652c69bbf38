import { test } from "vitest";

/**
 * `test` if the peer is there. Without it, a machine of a developer skips its tests and says so in one
 * line; continuous integration (`CI=true`) fails.
 */
export function testWith(peerName: string, isThere: boolean, remedy: string): typeof test.skip {
  if (isThere) return test;
  const line = `${peerName} is not there: its tests are skipped. ${remedy}`;
  if (process.env["CI"] === "true") throw new Error(line);
  console.log(line);
  return test.skip;
}
