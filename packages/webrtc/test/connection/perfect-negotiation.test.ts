import assert from "node:assert/strict";
import { test } from "vitest";

import { Lab } from "./support/lab.ts";
import { PerfectPair } from "./support/perfect-peer.ts";

test.each(Array.from({ length: 40 }, (_, index) => index + 1))(
  "both sides offer at once and settle on one negotiation, seed %d (webrtc-pc §10.7)",
  async (seed) => {
    const lab = new Lab(seed);
    const random = lab.world.random("signaling");
    const { peers } = new PerfectPair(lab, [lab.connection(), lab.connection()], () =>
      Math.floor(random.fraction() * 30),
    );
    const delay = Math.floor(random.fraction() * 40);
    const first = peers[seed % 2]!.connection.createDataChannel("first");
    await lab.world.advance(delay);
    const second = peers[(seed + 1) % 2]!.connection.createDataChannel("second");
    await lab.world.advanceUntil(
      () => first.readyState === "open" && second.readyState === "open",
      20_000,
    );
    await lab.world.advance(2_000);
    for (const { connection, problems } of peers) {
      assert.deepEqual(problems, []);
      assert.equal(connection.signalingState, "stable");
      assert.equal(connection.connectionState, "connected");
    }
    await lab.close();
  },
);
