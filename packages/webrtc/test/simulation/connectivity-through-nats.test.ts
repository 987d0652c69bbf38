import assert from "node:assert/strict";
import { test } from "vitest";

import { NAT_PRESETS } from "../../src/testing/index.ts";
import { canConnectDirectly } from "./support/nat-theory.ts";
import { nattedTopology } from "./support/topologies.ts";
import { exchange } from "./support/transfer.ts";
import { VirtualPair } from "./support/virtual-peer.ts";

const PRESETS = Object.entries(NAT_PRESETS);

for (const [offererName, offererNat] of PRESETS) {
  for (const [answererName, answererNat] of PRESETS) {
    const isPossible = canConnectDirectly(offererNat, answererNat);
    test(`offerer behind ${offererName}, answerer behind ${answererName}: ${isPossible ? "data flows" : "fails and says why"}`, async () => {
      const topology = await nattedTopology(1, offererNat, answererNat);
      const pair = new VirtualPair(topology);
      if (isPossible) {
        const [near, far] = await pair.connect();
        await topology.world.settle(exchange(near, far, 1, 50_000), 30_000);
      } else {
        pair.offerer.connection.createDataChannel("data");
        await topology.world.settle(pair.negotiate());
        const hasFailed = (): boolean =>
          pair.offerer.stateNames.includes("failed") && pair.answerer.stateNames.includes("failed");
        await topology.world.advanceUntil(hasFailed, 60_000);
        for (const { failureReason } of [pair.offerer, pair.answerer]) {
          assert.match(failureReason ?? "", /no connection: none of \d+ candidate pairs worked/);
        }
      }
      await pair.close();
      assert.deepEqual(topology.offererHost.resources, { sockets: 0, deadlines: 0 });
      assert.deepEqual(topology.answererHost.resources, { sockets: 0, deadlines: 0 });
    });
  }
}
