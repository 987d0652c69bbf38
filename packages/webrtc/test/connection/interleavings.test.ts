import assert from "node:assert/strict";
import { test } from "vitest";

import type { Random } from "../../src/base/random.ts";
import { generateRtcCertificate, type RTCCertificate } from "../../src/w3c/rtc-certificate.ts";
import type { RTCDataChannel } from "../../src/w3c/rtc-data-channel.ts";
import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { overSeeds } from "../simulation/support/seeds.ts";
import { assertMirrored, summarize, isNegotiationNeeded } from "./support/agreement.ts";
import { Lab } from "./support/lab.ts";
import { PerfectPair } from "./support/perfect-peer.ts";
import { pick, RandomApplication } from "./support/random-actions.ts";

/** How many worlds a run tries, and how often in each all is mixed up again after it has settled. */
const WORLDS = 250;
const ROUNDS = 4;
const MAX_SIGNALING_DELAY_MS = 30;
const MAX_PAUSE_MS = 40;
const ECDSA = { name: "ECDSA", namedCurve: "P-256" } as const;

let certificates: Promise<RTCCertificate> | undefined;

/** A key pair of its own for each connection would be half the cost of a world. */
function sharedCertificate(): Promise<RTCCertificate> {
  if (certificates === undefined) {
    const lab = new Lab();
    certificates = lab.run(generateRtcCertificate(lab.host().runtime, ECDSA));
  }
  return certificates;
}

/** Answers every message with itself. */
function echo(connection: RTCPeerConnection): void {
  connection.addEventListener("datachannel", ({ channel }) => {
    channel.addEventListener("message", ({ data }) => channel.send(data as string));
  });
}

async function proves(lab: Lab, channel: RTCDataChannel, text: string): Promise<void> {
  let heard: unknown;
  channel.addEventListener("message", ({ data }) => (heard = data), { once: true });
  await lab.world.advanceUntil(() => channel.readyState === "open", 20_000);
  channel.send(text);
  await lab.world.advanceUntil(() => heard === text, 5_000);
}

/** Both applications do some things, each after a pause of its own. */
async function mixUp(
  lab: Lab,
  random: Random,
  applications: readonly RandomApplication[],
): Promise<void> {
  const programs = applications.map(async (application) => {
    for (let left = 1 + pick(random, 3); left > 0; left--) {
      await lab.world.delay(pick(random, MAX_PAUSE_MS));
      application.act();
      if (pick(random, 3) === 0) application.act(); // In the same task.
    }
  });
  await lab.run(Promise.all(programs));
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
    const pair = new PerfectPair(lab, connections, () => pick(random, MAX_SIGNALING_DELAY_MS));
    const applications = connections.map((connection, index) => {
      echo(connection);
      return new RandomApplication(connection, hosts[index]!.runtime, random);
    });
    if (process.env["TRACE"])
      for (const [i, one] of connections.entries()) {
        const note = (what: string) =>
          console.log(`${Math.round(lab.world.nowMs)} side ${i} ${what}`);
        for (const method of ["setLocalDescription", "setRemoteDescription"] as const) {
          const original = one[method].bind(one) as (d?: unknown) => Promise<void>;
          Object.defineProperty(one, method, {
            value: async (d?: { type: string; sdp: string }) => {
              await original(d);
              const r =
                method === "setLocalDescription" ? one.localDescription! : one.remoteDescription!;
              note(
                `${method} ${r.type} ${/a=group.*/.exec(r.sdp)?.[0]} ${summarize(r)
                  .map(
                    (x) =>
                      `[${x.kind} ${x.mid}${x.isRejected ? " REJ" : ""} ${x.direction} ${x.ufrag} ${/./.exec("") ?? ""}]`,
                  )
                  .join(
                    " ",
                  )} setups ${[...r.sdp.matchAll(/a=(setup:\w+|tls-id:.*)/g)].map((m) => m[1]).join(" ")}`,
              );
            },
          });
        }
        one.addEventListener("connectionstatechange", () => note(one.connectionState));
      }
    for (let round = 0; round < ROUNDS; round++) {
      await mixUp(lab, random, applications);
      // The proof that data flows is asked for amid the rest.
      const side = applications[pick(random, 2)]!;
      const channel = side.connection.createDataChannel("proof");
      side.hasCreatedChannel = true;
      const dump = (e: unknown): never => {
        for (const a of applications) {
          console.log(a.done.join(", "));
          console.log(
            a.connection.connectionState,
            a.connection.iceConnectionState,
            a.connection.sctp?.transport.state,
            a.connection.sctp?.state,
            channel.readyState,
          );
          console.log(
            a.connection.currentLocalDescription?.type,
            isNegotiationNeeded(a),
            a.connection.signalingState,
            a.connection
              .getTransceivers()
              .map(
                (t) =>
                  `${t.mid} ${t.receiver.track.kind} ${t.direction} ${t.currentDirection} ${a.streamIds.get(t.sender)}`,
              ),
          );
          console.log(
            summarize(a.connection.currentLocalDescription),
            summarize(a.connection.currentRemoteDescription),
          );
        }
        console.log(
          pair.pendingSignals,
          pair.peers.map((p) => [p.problems, p.ignoredOffers]),
        );
        throw e;
      };
      await lab.world.advanceUntil(() => pair.isQuiet, 5_000).catch(dump);
      await proves(lab, channel, `round ${round}`).catch(dump);
      await lab.world
        .advanceUntil(
          () => pair.isQuiet && connections.every((one) => one.connectionState === "connected"),
          5_000,
        )
        .catch(dump);
      for (const [index, { connection, problems }] of pair.peers.entries()) {
        const story = `side ${index} after ${applications.map(({ done }) => done.join(", ")).join(" | ")}`;
        assert.deepEqual(problems, [], story);
        assert.equal(connection.signalingState, "stable", story);
        assert.equal(connection.connectionState, "connected", story);
        assert.ok(!isNegotiationNeeded(applications[index]!), story);
      }
      assertMirrored(...connections);
    }
    await lab.close();
  }),
  3_600_000,
);
