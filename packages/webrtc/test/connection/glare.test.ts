import assert from "node:assert/strict";
import { test } from "vitest";

import type { Random } from "../../src/base/random.ts";
import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { overSeeds } from "../simulation/support/seeds.ts";
import { assertMirrored, isNegotiationNeeded, summarize } from "./support/agreement.ts";
import { Lab, trickle } from "./support/lab.ts";
import { choose, pick, RandomApplication } from "./support/random-actions.ts";
import { sharedCertificate } from "./support/shared-certificate.ts";

/** Two connections and what their applications remember, with a seed for everything. */
async function pairOf(seed: number): Promise<{
  readonly lab: Lab;
  readonly random: Random;
  readonly applications: readonly [RandomApplication, RandomApplication];
}> {
  const lab = new Lab(seed);
  const random = lab.world.random("glare");
  const certificates = [await sharedCertificate()];
  const make = (): RandomApplication => {
    const host = lab.host();
    const connection = lab.connection({ certificates }, {}, host);
    return new RandomApplication(connection, host.runtime, random, true);
  };
  const applications = [make(), make()] as const;
  trickle(applications[0].connection, applications[1].connection);
  return { lab, random, applications };
}

test(
  "both offer at once and one takes its offer back by hand: the other's is answered, then its own (RFC 9429 §4.1.10.2)",
  overSeeds(20, async (seed) => {
    const { lab, random, applications } = await pairOf(seed);
    for (let round = 0; round < 3; round++) {
      for (const application of applications) {
        for (let left = 1 + pick(random, 3); left > 0; left--) application.act();
      }
      const [first, second] = pick(random, 2) === 0 ? applications : applications.toReversed();
      const [yielding, insisting] = [first!.connection, second!.connection];
      await lab.run(Promise.all([yielding.setLocalDescription(), insisting.setLocalDescription()]));
      for (const { connection } of applications)
        assert.equal(connection.signalingState, "have-local-offer");
      // Refused if neither rolls back; nothing has changed then.
      await lab.run(yielding.setLocalDescription({ type: "rollback" }));
      if (pick(random, 2) === 0) first!.act();
      await lab.run(yielding.setRemoteDescription(insisting.localDescription!));
      await lab.run(yielding.setLocalDescription());
      await lab.run(insisting.setRemoteDescription(yielding.localDescription!));
      await lab.negotiate(yielding, insisting);
      await lab.negotiate(insisting, yielding);
      await lab.world.advance(100);
      assertMirroredUnlessEmpty(yielding, insisting);
      for (const application of applications) assert.ok(!isNegotiationNeeded(application));
    }
    await lab.close();
  }),
  60_000,
);

/** `assertMirrored` asks for connected transports. */
function assertMirroredUnlessEmpty(a: RTCPeerConnection, b: RTCPeerConnection): void {
  if (a.connectionState === "connected") assertMirrored(a, b);
  else assert.equal(a.getTransceivers().length + b.getTransceivers().length, 0);
}

test(
  "negotiationneeded is fired exactly when the specification says: once for all that was done in a task, and not again before a negotiation ends (webrtc-pc §4.7.3)",
  overSeeds(40, async (seed) => {
    const { lab, random, applications } = await pairOf(seed);
    const [near, far] = applications;
    const { connection } = near;
    let fired = 0;
    connection.addEventListener("negotiationneeded", () => {
      assert.equal(connection.signalingState, "stable");
      fired++;
    });
    /** Of the current and the pending local description. */
    const ufrags = (): readonly string[] =>
      [connection.currentLocalDescription, connection.pendingLocalDescription].flatMap((set) =>
        summarize(set).flatMap(({ ufrag }) => ufrag ?? []),
      );
    /** [[NegotiationNeeded]], [[LocalIceCredentialsToReplace]] and how often the event must have been fired, by the specification's steps. */
    const model = { isNeeded: false, fired: 0, toReplace: [] as readonly string[] };
    const update = (): void => {
      if (connection.signalingState !== "stable") return;
      const wasNeeded = model.isNeeded;
      model.isNeeded = model.toReplace.length > 0 || isNegotiationNeeded(near);
      if (model.isNeeded && !wasNeeded) model.fired++;
    };
    const check = async (step: string): Promise<void> => {
      await lab.settleNow();
      update();
      assert.equal(fired, model.fired, `${step}; ${near.done.join(", ")}`);
    };
    /** What ends a negotiation clears the flag before it is updated. */
    const settled = (): void => {
      model.isNeeded = false;
      const inUse = ufrags();
      if (!model.toReplace.some((ufrag) => inUse.includes(ufrag))) model.toReplace = [];
    };
    const act = (): void => {
      if (near.act() === "restartIce") model.toReplace = ufrags();
    };
    for (let step = 0; step < 12; step++) {
      for (let left = 1 + pick(random, 2); left > 0; left--) {
        act();
      }
      await check("actions");
      const end = choose(random, ["nothing", "rollback", "offer", "answer"]);
      if (end === "nothing") continue;
      if (end === "answer") {
        far.act();
        await lab.run(far.connection.setLocalDescription());
        await lab.run(connection.setRemoteDescription(far.connection.localDescription!));
      } else await lab.run(connection.setLocalDescription());
      act();
      await check("while an offer is pending");
      if (end === "rollback") {
        await lab.run(connection.setLocalDescription({ type: "rollback" }));
      } else if (end === "offer") {
        await lab.run(far.connection.setRemoteDescription(connection.localDescription!));
        await lab.run(far.connection.setLocalDescription());
        await lab.run(connection.setRemoteDescription(far.connection.localDescription!));
      } else {
        await lab.run(connection.setLocalDescription());
        await lab.run(far.connection.setRemoteDescription(connection.localDescription!));
      }
      settled();
      await check(`after ${end}`);
    }
    await lab.close();
  }),
  60_000,
);
