import assert from "node:assert/strict";
import { test } from "vitest";

import { drawIceCredentials } from "./ice-credentials.ts";
import { SeededRandom } from "./random.ts";

test("credentials have the lengths and characters of RFC 8445 §5.3 and RFC 8839 §5.4", () => {
  const { ufrag, password } = drawIceCredentials(new SeededRandom(1));
  assert.match(ufrag, /^[A-Za-z0-9+/]{8}$/);
  assert.match(password, /^[A-Za-z0-9+/]{24}$/);
});

test("credentials follow from the random source alone, and two draws differ", () => {
  const random = new SeededRandom(2);
  const first = drawIceCredentials(random);
  assert.notDeepEqual(drawIceCredentials(random), first);
  assert.deepEqual(drawIceCredentials(new SeededRandom(2)), first);
});
