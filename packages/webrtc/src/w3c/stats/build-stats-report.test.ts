import assert from "node:assert/strict";
import { test } from "vitest";
import {
  makeChannel,
  makeIds,
  makeSender,
  makeSource,
  makeTransceiver,
  makeTransport,
  OPUS,
} from "../../../test/support/stats-fixtures.ts";
import { buildStatsReport } from "./build-stats-report.ts";
import type { RTCStatsReport } from "./rtc-stats-report.ts";

const AUDIO = makeTransceiver(
  { id: 2, kind: "audio", mid: "1", sender: makeSender({ codecs: [OPUS], ssrc: 3333 }) },
  { senderTrackId: "voice" },
);
const source = makeSource(
  { transports: [makeTransport()], channels: [makeChannel()], openedChannels: 1 },
  [makeTransceiver(), AUDIO],
);

function typesOf(report: RTCStatsReport): readonly string[] {
  return [...report.values()].map(({ type }) => type).sort();
}

test("an unused connection has its own statistics and nothing else (webrtc-pc, stats selection algorithm)", () => {
  assert.deepEqual(typesOf(buildStatsReport(makeSource(), makeIds())), ["peer-connection"]);
});

test("a report has an object for everything that there is (webrtc-stats, RTCStatsType)", () => {
  assert.deepEqual(typesOf(buildStatsReport(source, makeIds())), [
    "candidate-pair",
    "certificate",
    "certificate",
    "codec",
    "codec",
    "data-channel",
    "local-candidate",
    "media-source",
    "media-source",
    "outbound-rtp",
    "outbound-rtp",
    "peer-connection",
    "remote-candidate",
    "transport",
  ]);
});

test("all references resolve, and every object stands under its id (webrtc-stats, stats object reference)", () => {
  const report = buildStatsReport(source, makeIds());
  let references = 0;
  for (const [id, stats] of report) {
    assert.equal(stats.id, id);
    for (const [name, value] of Object.entries(stats)) {
      assert.notEqual(value, undefined, name);
      if (!name.endsWith("Id")) continue;
      assert.ok(report.has(String(value)), `${stats.type}.${name}`);
      references++;
    }
  }
  assert.ok(references > 10);
});

test("a second report has the same ids, and one of another connection none of them (webrtc-pc, RTCStats.id)", () => {
  const ids = makeIds(1);
  const first = [...buildStatsReport(source, ids).keys()];
  assert.deepEqual([...buildStatsReport(source, ids).keys()], first);
  const other = buildStatsReport(source, makeIds(2));
  assert.ok(first.every((id) => !other.has(id)));
});

test("two transports do not share candidates, pairs and codecs, but certificates (webrtc-stats)", () => {
  const transports = [makeTransport(), makeTransport({ id: "1", serial: 2 })];
  const onSecond = { ...makeTransceiver({ id: 3 }), transportId: "1" };
  const both = makeSource({ transports }, [makeTransceiver(), onSecond]);
  const types = typesOf(buildStatsReport(both, makeIds()));
  const countOf = (type: string) => types.filter((each) => each === type).length;
  for (const type of ["transport", "candidate-pair", "local-candidate", "codec", "certificate"]) {
    assert.equal(countOf(type), 2, type);
  }
  assert.equal(countOf("media-source"), 1);
});

test("a transport that comes back under its name is another one (webrtc-stats, lifetime)", () => {
  const ids = makeIds();
  const idOf = (serial: number) => {
    const again = makeSource({ transports: [makeTransport({ serial })] });
    const report = buildStatsReport(again, ids);
    return [...report.values()].find(({ type }) => type === "transport")?.id;
  };
  assert.notEqual(idOf(1), idOf(2));
});

test("a sender's statistics are those of its streams (webrtc-pc, stats selection algorithm)", () => {
  const ids = makeIds();
  const report = buildStatsReport(source, ids, { side: "sender", transceiverId: 2 });
  assert.deepEqual(typesOf(report), [
    "candidate-pair",
    "certificate",
    "certificate",
    "codec",
    "local-candidate",
    "media-source",
    "outbound-rtp",
    "remote-candidate",
    "transport",
  ]);
  assert.ok(
    [...report.values()].some((stats) => stats.type === "outbound-rtp" && stats.ssrc === 3333),
  );
});

test("without streams a selector selects nothing (webrtc-pc, stats selection algorithm)", () => {
  const ids = makeIds();
  assert.equal(buildStatsReport(source, ids, { side: "receiver", transceiverId: 2 }).size, 0);
  assert.equal(buildStatsReport(source, ids, { side: "sender", transceiverId: 9 }).size, 0);
});
