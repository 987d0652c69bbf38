import assert from "node:assert/strict";
import { test } from "vitest";
import type * as pallas from "../../src/w3c/stats/index.ts";
import { RTCStatsReport as PallasReport } from "../../src/w3c/stats/index.ts";
import { CONSTRUCTION_TOKEN } from "../../src/w3c/webidl/index.ts";

/** Both ways: what is read from one may be written to the other. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** The members that lib.dom knows; its `type` is not the narrow one that tells dictionaries apart. */
type SameMembers<Own, Dom> = Same<
  Omit<Pick<Own, keyof Own & keyof Dom>, "type">,
  Omit<Dom, "type">
>;

/** Compiles only if every dictionary has all members of lib.dom's, with their types. */
const SAME: readonly true[] = [
  true satisfies SameMembers<pallas.RTCStats, RTCStats>,
  true satisfies SameMembers<pallas.RTCTransportStats, RTCTransportStats>,
  true satisfies SameMembers<pallas.RTCIceCandidatePairStats, RTCIceCandidatePairStats>,
  true satisfies SameMembers<pallas.RTCRtpStreamStats, RTCRtpStreamStats>,
  true satisfies SameMembers<pallas.RTCReceivedRtpStreamStats, RTCReceivedRtpStreamStats>,
  true satisfies SameMembers<pallas.RTCSentRtpStreamStats, RTCSentRtpStreamStats>,
  true satisfies SameMembers<pallas.RTCInboundRtpStreamStats, RTCInboundRtpStreamStats>,
  true satisfies SameMembers<pallas.RTCOutboundRtpStreamStats, RTCOutboundRtpStreamStats>,
  true satisfies Same<pallas.RTCStatsType, RTCStatsType>,
  true satisfies Same<pallas.RTCDtlsRole, RTCDtlsRole>,
  true satisfies Same<pallas.RTCQualityLimitationReason, RTCQualityLimitationReason>,
  true satisfies Same<pallas.RTCStatsIceCandidatePairState, RTCStatsIceCandidatePairState>,
];

/** As code written for browsers has it: typed by lib.dom alone. */
function describeTransport(report: RTCStatsReport): string {
  let text = "";
  report.forEach((stats: RTCStats, id) => {
    if (stats.type !== "transport") return;
    const transport = stats as RTCTransportStats;
    text += `${id} ${transport.dtlsState} ${transport.bytesSent}`;
  });
  return text;
}

test("a report goes where lib.dom's is expected, and its dictionaries have lib.dom's members", () => {
  const stats: pallas.RTCTransportStats = {
    id: "T1",
    timestamp: 1,
    type: "transport",
    dtlsState: "connected",
    bytesSent: 7,
  };
  const transport: RTCTransportStats = stats;
  const report: RTCStatsReport = new PallasReport(CONSTRUCTION_TOKEN, [stats]);
  assert.equal(report.get("T1"), transport);
  assert.equal(describeTransport(report), "T1 connected 7");
  assert.ok(SAME.every(Boolean));
});

test("the types of a report tell its dictionaries apart by `type`", () => {
  const report = new PallasReport(CONSTRUCTION_TOKEN, [
    { id: "D1", timestamp: 1, type: "data-channel", state: "open", label: "chat" },
  ]);
  const labels = [...report.values()].map((stats) =>
    stats.type === "data-channel" ? stats.label : undefined,
  );
  assert.deepEqual(labels, ["chat"]);
});
