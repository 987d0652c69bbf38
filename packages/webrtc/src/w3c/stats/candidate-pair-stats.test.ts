import assert from "node:assert/strict";
import { test } from "vitest";
import {
  AT_MS,
  EPOCH_MS,
  HOST,
  makeContext,
  makeTransport,
  PAIR,
  REMOTE,
} from "../../../test/support/stats-fixtures.ts";
import { candidatePairStats } from "./candidate-pair-stats.ts";
import { localCandidateIdOf, remoteCandidateIdOf } from "./candidate-stats.ts";

const generation = { transport: makeTransport(), localUfrag: "ours" };

test("a pair tells its checks, its packets and its candidates (webrtc-stats, RTCIceCandidatePairStats)", () => {
  const context = makeContext();
  const { id, ...stats } = candidatePairStats(PAIR, generation, context);
  assert.match(id, /^CP/);
  assert.deepEqual(stats, {
    timestamp: EPOCH_MS,
    type: "candidate-pair",
    transportId: context.ids.of("T", 1),
    localCandidateId: localCandidateIdOf(HOST, generation, context),
    remoteCandidateId: remoteCandidateIdOf(REMOTE, generation, context),
    state: "succeeded",
    nominated: true,
    packetsSent: 10,
    packetsReceived: 8,
    bytesSent: 1000,
    bytesReceived: 800,
    lastPacketSentTimestamp: EPOCH_MS - (AT_MS - 4_000),
    lastPacketReceivedTimestamp: EPOCH_MS - (AT_MS - 4_500),
    totalRoundTripTime: 0.075,
    currentRoundTripTime: 0.02,
    requestsReceived: 5,
    requestsSent: 4,
    responsesReceived: 3,
    responsesSent: 5,
    consentRequestsSent: 2,
  });
});

test("counters of an unused pair are zero, and what was never measured does not exist (webrtc-stats, guidelines)", () => {
  const traffic = {
    packetsSent: 0,
    bytesSent: 0,
    lastSentAtMs: Number.NEGATIVE_INFINITY,
    packetsReceived: 0,
    bytesReceived: 0,
    lastReceivedAtMs: Number.NEGATIVE_INFINITY,
  };
  const unused = { ...PAIR, traffic, currentRoundTripTimeMs: undefined, totalRoundTripTimeMs: 0 };
  const stats = candidatePairStats(unused, generation, makeContext());
  assert.equal(stats.packetsSent, 0);
  assert.equal(stats.totalRoundTripTime, 0);
  for (const name of [
    "currentRoundTripTime",
    "lastPacketSentTimestamp",
    "lastPacketReceivedTimestamp",
    "availableOutgoingBitrate",
  ]) {
    assert.equal(name in stats, false, name);
  }
});
