import assert from "node:assert/strict";
import { test } from "vitest";
import { SeededRandom } from "../base/random.ts";
import { uuid } from "./uuid.ts";

test("a UUID says that it is random (RFC 9562 §5.4)", () => {
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const random = new SeededRandom(1);
  const ids = Array.from({ length: 200 }, () => uuid(random));
  for (const id of ids) assert.match(id, pattern);
  assert.equal(new Set(ids).size, 200);
});

test("the randomness that is handed in decides, else the system's", () => {
  assert.equal(uuid(new SeededRandom(3)), uuid(new SeededRandom(3)));
  assert.notEqual(uuid(), uuid());
});
