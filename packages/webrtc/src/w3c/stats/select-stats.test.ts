import assert from "node:assert/strict";
import { test } from "vitest";
import { CONSTRUCTION_TOKEN } from "../webidl/index.ts";
import { RTCStatsReport } from "./rtc-stats-report.ts";
import { selectorOfTrack, selectStats } from "./select-stats.ts";
import type { RTCAnyStats } from "./stats-dictionaries.ts";

const at = { timestamp: 1 };
const STATS: readonly RTCAnyStats[] = [
  { ...at, id: "P", type: "peer-connection" },
  { ...at, id: "O1", type: "outbound-rtp", ssrc: 1, kind: "audio", transportId: "T", codecId: "C" },
  { ...at, id: "O2", type: "outbound-rtp", ssrc: 2, kind: "audio", transportId: "T" },
  { ...at, id: "C", type: "codec", payloadType: 0, transportId: "T", mimeType: "audio/PCMU" },
  { ...at, id: "T", type: "transport", dtlsState: "new", selectedCandidatePairId: "CP1" },
  ...["CP1", "CP2"].map(
    (id) =>
      ({
        ...at,
        id,
        type: "candidate-pair",
        transportId: "T",
        localCandidateId: "L",
        remoteCandidateId: `R${id}`,
        state: "waiting",
      }) as const,
  ),
  { ...at, id: "L", type: "local-candidate", transportId: "T", candidateType: "host" },
  { ...at, id: "RCP1", type: "remote-candidate", transportId: "T", candidateType: "host" },
  { ...at, id: "RCP2", type: "remote-candidate", transportId: "T", candidateType: "host" },
];
const report = new RTCStatsReport(CONSTRUCTION_TOKEN, STATS);

test("a selector gives its streams and what they refer to, directly or not (webrtc-pc, stats selection algorithm)", () => {
  assert.deepEqual([...selectStats(report, ["O1"]).keys()], ["O1", "C", "T", "CP1", "L", "RCP1"]);
  assert.deepEqual([...selectStats(report, ["O2"]).keys()], ["O2", "T", "CP1", "L", "RCP1"]);
});

test("without streams there is nothing (webrtc-pc, stats selection algorithm)", () => {
  assert.equal(selectStats(report, []).size, 0);
  assert.equal(selectStats(report, ["O9"]).size, 0);
});

test("a track selects the one object that has it, or getStats rejects (webrtc-pc, getStats step 4)", () => {
  const [own, shared, none] = [{}, {}, {}];
  const holders = [
    { track: own, selector: { side: "sender", transceiverId: 1 } as const },
    { track: null, selector: { side: "sender", transceiverId: 2 } as const },
    { track: shared, selector: { side: "receiver", transceiverId: 1 } as const },
    { track: shared, selector: { side: "sender", transceiverId: 3 } as const },
  ];
  assert.deepEqual(selectorOfTrack(own, holders), { side: "sender", transceiverId: 1 });
  for (const track of [shared, none]) {
    assert.throws(() => selectorOfTrack(track, holders), { name: "InvalidAccessError" });
  }
});
