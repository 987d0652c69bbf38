import assert from "node:assert/strict";
import { test } from "vitest";
import { CONSTRUCTION_TOKEN, type ConstructionToken } from "../webidl/index.ts";
import { RTCStatsReport } from "./rtc-stats-report.ts";
import type { RTCAnyStats, RTCPeerConnectionStats } from "./stats-dictionaries.ts";

const FIRST: RTCPeerConnectionStats = { id: "P1", timestamp: 1, type: "peer-connection" };
const SECOND: RTCAnyStats = { id: "D2", timestamp: 1, type: "data-channel", state: "open" };
const report = (): RTCStatsReport => new RTCStatsReport(CONSTRUCTION_TOKEN, [FIRST, SECOND]);

test("an application cannot make a report (webrtc-pc, RTCStatsReport has no constructor)", () => {
  const anything = Symbol("token") as ConstructionToken;
  assert.throws(() => new RTCStatsReport(anything, []), TypeError);
});

test("a report maps ids to dictionaries, in the order in which it was made (Web IDL §3.7.12)", () => {
  const map = report();
  assert.equal(map.size, 2);
  assert.equal(map.get("D2"), SECOND);
  assert.equal(map.get("X"), undefined);
  assert.equal(map.has("P1"), true);
  assert.equal(map.has("X"), false);
  assert.deepEqual([...map.keys()], ["P1", "D2"]);
  assert.deepEqual([...map.values()], [FIRST, SECOND]);
  assert.deepEqual(
    [...map.entries()],
    [
      ["P1", FIRST],
      ["D2", SECOND],
    ],
  );
  assert.deepEqual([...map], [...map.entries()]);
});

test("a maplike is iterated by its entries: they are one function (Web IDL §3.7.12.2)", () => {
  const { prototype } = RTCStatsReport;
  const iterator = Object.getOwnPropertyDescriptor(prototype, Symbol.iterator);
  const entries = Object.getOwnPropertyDescriptor(prototype, "entries");
  assert.equal(iterator?.value, entries?.value);
  assert.equal(iterator?.enumerable, false);
  assert.equal(entries?.enumerable, true);
});

test("a read-only maplike has nothing that changes it (Web IDL §3.7.12)", () => {
  for (const name of ["set", "delete", "clear"]) assert.equal(name in report(), false, name);
});

test("forEach hands over value, key and the report, with the this that was asked for (Web IDL §3.7.12.6)", () => {
  const map = report();
  const calls: unknown[][] = [];
  const self = { name: "self" };
  map.forEach(function (this: unknown, ...given: unknown[]) {
    calls.push([this, ...given]);
  }, self);
  assert.deepEqual(calls, [
    [self, FIRST, "P1", map],
    [self, SECOND, "D2", map],
  ]);
});

test("members are called as Web IDL says: with arguments, converted, or with a TypeError", () => {
  const map = report();
  const loose = map as unknown as Record<
    "get" | "has" | "forEach",
    (...given: unknown[]) => unknown
  >;
  for (const name of ["get", "has", "forEach"] as const) {
    assert.throws(() => loose[name](), /RTCStatsReport\.\w+: 1 argument is required/);
  }
  assert.throws(() => loose.forEach({}), /RTCStatsReport.forEach: argument 1: an object is not a/);
  assert.equal(loose.get({ toString: () => "P1" }), FIRST);
  assert.throws(() => loose.has(Symbol("P1")), TypeError);
});

test("a report shows its name, and is not a Map (Web IDL §3.7.3)", () => {
  assert.equal(String(report()), "[object RTCStatsReport]");
  assert.equal(report() instanceof Map, false);
});
