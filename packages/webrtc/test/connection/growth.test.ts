import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { test } from "vitest";

import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { RTCRtpReceiver } from "../../src/w3c/rtc-rtp-receiver.ts";
import { Lab, trickle } from "./support/lab.ts";
import { sharedCertificate } from "./support/shared-certificate.ts";

/** Code that is compiled late; one description that is kept for each negotiation would be more than twice as much. */
const MAX_GROWTH_BYTES = 1_500_000;
/** After these, caches are full (statistics remember 256 ended channels) and code is compiled. */
const WARM_UP_ROUNDS = 350;
const ROUNDS = 600;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What is alive, in bytes. */
function heapBytes(): number {
  for (let pass = 0; pass < 3; pass++) collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** One codec: what is looked for here does not depend on how long a section is. */
function addShortTransceiver(connection: RTCPeerConnection, kind: "audio" | "video") {
  const transceiver = connection.addTransceiver(kind);
  const codecs = RTCRtpReceiver.getCapabilities(kind)!.codecs;
  transceiver.setCodecPreferences(codecs.slice(0, 1));
  return transceiver;
}

test("a thousand renegotiations that add and stop transceivers and channels reuse their sections, and the heap does not grow (RFC 9429 §5.2.2)", async () => {
  const lab = new Lab();
  const certificates = [await sharedCertificate()];
  const [near, far] = [lab.connection({ certificates }), lab.connection({ certificates })];
  trickle(near, far);
  near.createDataChannel("stays");
  await lab.negotiate(near, far);
  await lab.world.advanceUntil(() => near.connectionState === "connected");
  await lab.world.advance(1_000);
  const sizes = (): readonly unknown[] =>
    [near, far].map((connection) => [
      connection.localDescription!.sdp.split(/^m=/m).length - 1,
      connection.getTransceivers().length,
      connection.getSenders().length,
      lab.world.clock.queuedCount,
    ]);
  const round = async (count: number): Promise<void> => {
    const [offerer, answerer] = count % 2 === 0 ? [near, far] : [far, near];
    const transceivers = [
      addShortTransceiver(offerer, count % 3 === 0 ? "audio" : "video"),
      addShortTransceiver(answerer, "audio"),
    ];
    const channel = offerer.createDataChannel("comes and goes");
    await lab.negotiate(offerer, answerer);
    for (const transceiver of transceivers) transceiver.stop();
    channel.close();
    await lab.negotiate(answerer, offerer);
    await lab.world.advance(50);
  };
  for (let count = 0; count < WARM_UP_ROUNDS; count++) await round(count);
  const [sizesBefore, bytesBefore] = [sizes(), heapBytes()];
  for (let count = WARM_UP_ROUNDS; count < ROUNDS; count++) await round(count);
  assert.deepEqual(sizes(), sizesBefore);
  const growth = heapBytes() - bytesBefore;
  assert.ok(
    growth < MAX_GROWTH_BYTES,
    `${growth} bytes in ${2 * (ROUNDS - WARM_UP_ROUNDS)} negotiations`,
  );
  assert.equal(near.connectionState, "connected");
  await lab.close();
}, 120_000);
