import assert from "node:assert/strict";
import { test } from "vitest";

import type { Random } from "../../src/base/random.ts";
import type { RTCDataChannel } from "../../src/w3c/rtc-data-channel.ts";
import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { overSeeds } from "../simulation/support/seeds.ts";
import { assertMirrored, isNegotiationNeeded } from "./support/agreement.ts";
import { Lab } from "./support/lab.ts";
import { PerfectPair } from "./support/perfect-peer.ts";
import { choose, pick, RandomApplication } from "./support/random-actions.ts";
import { sharedCertificate } from "./support/shared-certificate.ts";

/** How many worlds a run tries, and how often in each all is mixed up again after it has settled. */
const WORLDS = 100;
const ROUNDS = 10;
const MAX_SIGNALING_DELAY_MS = 30;
const MAX_PAUSE_MS = 40;

/** Answers every message with itself. */
function echo(connection: RTCPeerConnection): void {
  connection.addEventListener("datachannel", ({ channel }) => {
    channel.addEventListener("message", ({ data }) => channel.send(data as string));
  });
}

async function proves(lab: Lab, channel: RTCDataChannel, text: string): Promise<void> {
  let heard: string | undefined;
  channel.addEventListener("message", ({ data }) => (heard = data as string), { once: true });
  await lab.world.advanceUntil(() => channel.readyState === "open", 20_000);
  channel.send(text);
  await lab.world.advanceUntil(() => heard === text, 5_000);
}

/** Both applications do something, or two things at once, each after a pause of its own. */
async function mixUp(
  lab: Lab,
  random: Random,
  applications: readonly RandomApplication[],
): Promise<void> {
  const programs = applications.map(async (application) => {
    await lab.world.delay(pick(random, MAX_PAUSE_MS));
    application.act();
    if (pick(random, 3) === 0) application.act(); // In the same task.
  });
  await lab.run(Promise.all(programs));
}

/** All of it once more, on whatever the rounds before have left; at the end both sides agree on everything. */
async function runRound(
  lab: Lab,
  random: Random,
  pair: PerfectPair,
  applications: readonly RandomApplication[],
): Promise<void> {
  const connections = [pair.peers[0].connection, pair.peers[1].connection] as const;
  await mixUp(lab, random, applications);
  // The proof that data flows is asked for amid the rest.
  const side = choose(random, applications);
  const channel = side.connection.createDataChannel("proof");
  side.hasCreatedChannel = true;
  await lab.world.advanceUntil(() => pair.isQuiet, 5_000);
  await proves(lab, channel, "data flows");
  await lab.world.advanceUntil(
    () => pair.isQuiet && connections.every((one) => one.connectionState === "connected"),
    5_000,
  );
  for (const [index, { connection, problems }] of pair.peers.entries()) {
    assert.deepEqual(problems, []);
    assert.equal(connection.signalingState, "stable");
    assert.ok(!isNegotiationNeeded(applications[index]!));
  }
  assertMirrored(...connections);
}

test(
  `perfect negotiation converges whatever both sides do and whenever: ${WORLDS * ROUNDS} random interleavings (webrtc-pc §10.7)`,
  overSeeds(WORLDS, async (seed) => {
    const lab = new Lab(seed);
    const random = lab.world.random("interleaving");
    const configuration = { certificates: [await sharedCertificate()] };
    const hosts = [lab.host(), lab.host()] as const;
    const connections = [
      lab.connection(configuration, {}, hosts[0]),
      lab.connection(configuration, {}, hosts[1]),
    ] as const;
    const isThrifty = seed % 10 !== 0;
    const pair = new PerfectPair(lab, connections, () => pick(random, MAX_SIGNALING_DELAY_MS));
    const applications = connections.map((connection, index) => {
      echo(connection);
      return new RandomApplication(connection, hosts[index]!.runtime, random, isThrifty);
    });
    try {
      for (let round = 0; round < ROUNDS; round++) {
        await runRound(lab, random, pair, applications);
      }
    } catch (cause) {
      const done = applications.map((application) => application.done.join(", ")).join("\n");
      assert.fail(`${(cause as Error).stack}\n${done}\n${pair.story}`);
    }
    await lab.close();
  }),
  3_600_000,
);
