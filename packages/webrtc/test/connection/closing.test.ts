import assert from "node:assert/strict";
import { test } from "vitest";

import { Lab } from "./support/lab.ts";

test("closing between the peer's goodbye and its events leaves no channel half open and no reader waiting", async () => {
  const lab = new Lab();
  const { offerer, answerer } = await lab.connectedPair();
  const channel = offerer.createDataChannel("second");
  await lab.world.advanceUntil(() => channel.readyState === "open");
  const reading = (async () => {
    const received: unknown[] = [];
    for await (const message of channel.messages()) received.push(message);
    return received;
  })();
  const fired: string[] = [];
  for (const type of ["closing", "close", "error"]) {
    channel.addEventListener(type, () => fired.push(type));
  }
  offerer.sctp!.onstatechange = () => offerer.close();
  answerer.close();
  await lab.world.advance(1_000);
  assert.equal(offerer.connectionState, "closed");
  assert.equal(channel.readyState, "closed");
  assert.deepEqual(await lab.run(reading), []);
  assert.deepEqual(fired, [], "nothing is fired after close()");
  await lab.close();
});
