import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { SeededRandom } from "../base/random.ts";
import type { ConsentEvent } from "./consent-monitor.ts";
import { ConsentMonitor } from "./consent-monitor.ts";
import { DEFAULT_ICE_TIMINGS } from "./ice-options.ts";

type Check = { readonly id: string; readonly atMs: number };
type Told = ConsentEvent & { readonly atMs: number };

/** Runs a monitor to `untilMs`; `answerAfterMs` says when a check is answered, if at all. */
function run(
  untilMs: number,
  answerAfterMs: (check: Check) => number | undefined,
  seed = 7,
): { checks: Check[]; told: Told[]; monitor: ConsentMonitor } {
  const monitor = new ConsentMonitor(new SeededRandom(seed), DEFAULT_ICE_TIMINGS, 0);
  const checks: Check[] = [];
  const told: Told[] = [];
  let answers: Check[] = [];
  for (;;) {
    const nowMs = Math.min(monitor.nextTimeoutAtMs, ...answers.map(({ atMs }) => atMs));
    if (nowMs > untilMs) return { checks, told, monitor };
    for (const { id } of answers.filter(({ atMs }) => atMs <= nowMs)) {
      monitor.handleResponse(id, nowMs);
    }
    answers = answers.filter(({ atMs }) => atMs > nowMs);
    monitor.handleTimeout(nowMs);
    for (let id = monitor.pollTransmit(); id; id = monitor.pollTransmit()) {
      checks.push({ id, atMs: nowMs });
      const waitMs = answerAfterMs({ id, atMs: nowMs });
      if (waitMs !== undefined) answers.push({ id, atMs: nowMs + waitMs });
    }
    for (let event = monitor.pollEvent(); event; event = monitor.pollEvent()) {
      told.push({ ...event, atMs: nowMs });
    }
    assert.ok(monitor.nextTimeoutAtMs > nowMs);
  }
}

test("checks come every 5 s, spread by 20 % either way (RFC 7675 §5.1)", () => {
  const { checks, told } = run(600_000, () => 20);
  assert.deepEqual(told, []);
  const gaps = checks.slice(1).map(({ atMs }, index) => atMs - checks[index]!.atMs);
  assert.ok(gaps.every((gap) => gap >= 4_000 && gap <= 6_020));
  assert.ok(Math.max(...gaps) - Math.min(...gaps) > 1_000);
  assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length);
  assert.ok(checks.every(({ id }) => /^[0-9a-f]{24}$/.test(id)));
});

test("consent is lost 30 s after the last answered check (RFC 7675 §5.1)", () => {
  let lastAnswerAtMs = 0;
  const { told, monitor } = run(200_000, ({ atMs }) => {
    if (atMs >= 60_000) return undefined;
    lastAnswerAtMs = atMs + 15;
    return 15;
  });
  assert.deepEqual(
    told.map(({ kind }) => kind),
    ["consentMissing", "consentLost"],
  );
  assert.equal(told[1]!.atMs, lastAnswerAtMs + 30_000);
  assert.equal(monitor.nextTimeoutAtMs, NEVER_AT_MS);
  monitor.handleTimeout(999_999);
  monitor.confirm(999_999);
  assert.equal(monitor.pollEvent(), undefined);
});

test("silence is told after several checks, six to eight seconds after the last answer", () => {
  const { checks, told } = run(12_000, () => undefined);
  assert.equal(told[0]!.kind, "consentMissing");
  assert.ok(told[0]!.atMs >= 6_000 && told[0]!.atMs <= 8_000);
  const before = checks.filter(({ atMs }) => atMs < told[0]!.atMs);
  assert.ok(before.length >= 6, `${before.length} checks`);
});

test("any answer while missing restores, once", () => {
  const { told } = run(120_000, ({ atMs }) => (atMs < 20_000 ? undefined : 30));
  assert.deepEqual(
    told.map(({ kind }) => kind),
    ["consentMissing", "consentRestored"],
  );
});

test("an answer that takes two rounds of quick checks still counts", () => {
  const { told } = run(120_000, () => 900);
  assert.deepEqual(told, []);
});

test("unknown, repeated and late ids confirm nothing", () => {
  const monitor = new ConsentMonitor(new SeededRandom(1), DEFAULT_ICE_TIMINGS, 0);
  const atMs = monitor.nextTimeoutAtMs;
  monitor.handleTimeout(atMs);
  const id = monitor.pollTransmit()!;
  assert.equal(monitor.handleResponse("00", atMs + 5), undefined);
  assert.equal(monitor.handleResponse(id, atMs + 8), 8);
  assert.equal(monitor.handleResponse(id, atMs + 9), undefined);
});

test("a sign of life hastens the next check only while missing", () => {
  const monitor = new ConsentMonitor(new SeededRandom(1), DEFAULT_ICE_TIMINGS, 0);
  monitor.hasten(100);
  assert.ok(monitor.nextTimeoutAtMs > 4_000);
  while (!monitor.isMissing) monitor.handleTimeout(monitor.nextTimeoutAtMs);
  const checkAtMs = monitor.nextTimeoutAtMs;
  monitor.handleTimeout(checkAtMs);
  assert.equal(monitor.nextTimeoutAtMs, checkAtMs + DEFAULT_ICE_TIMINGS.disconnectedCheckMs);
  monitor.hasten(checkAtMs + 500);
  assert.equal(monitor.nextTimeoutAtMs, checkAtMs + 500);
});

test("signs of life, however many, hasten checks no more than to the rate of quick ones", () => {
  const monitor = new ConsentMonitor(new SeededRandom(1), DEFAULT_ICE_TIMINGS, 0);
  while (!monitor.isMissing) monitor.handleTimeout(monitor.nextTimeoutAtMs);
  const ids: string[] = [];
  for (let id = monitor.pollTransmit(); id; id = monitor.pollTransmit());
  const fromMs = monitor.nextTimeoutAtMs;
  for (let nowMs = fromMs; nowMs < fromMs + 3_000; nowMs++) {
    monitor.hasten(nowMs);
    monitor.handleTimeout(nowMs);
    for (let id = monitor.pollTransmit(); id; id = monitor.pollTransmit()) ids.push(id);
  }
  assert.equal(ids.length, 3_000 / DEFAULT_ICE_TIMINGS.consentRecheckMs);
  assert.notEqual(monitor.handleResponse(ids[0]!, fromMs + 3_000), undefined, "still waited for");
});

test("whatever is lost, deadlines move on and memory is bounded", () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.boolean(), { minLength: 1 }), (seed, answered) => {
      let index = 0;
      const isAnswered = (): boolean => answered[index++ % answered.length]!;
      const { checks } = run(90_000, () => (isAnswered() ? 10 : undefined), seed);
      assert.ok(checks.length < 400);
    }),
    { numRuns: 50 },
  );
});

test("a doubt brings the next check forward, but not while one is open or just answered", () => {
  const monitor = new ConsentMonitor(new SeededRandom(7), DEFAULT_ICE_TIMINGS, 0);
  const regularAtMs = monitor.nextTimeoutAtMs;
  monitor.probe(DEFAULT_ICE_TIMINGS.consentRecheckMs - 1);
  assert.equal(monitor.nextTimeoutAtMs, regularAtMs, "answered a moment ago");
  monitor.probe(1_000);
  monitor.handleTimeout(1_000);
  const id = monitor.pollTransmit();
  assert.ok(id !== undefined);
  const recheckAtMs = monitor.nextTimeoutAtMs;
  monitor.probe(1_100);
  assert.equal(monitor.nextTimeoutAtMs, recheckAtMs, "under way already");
  monitor.handleResponse(id, 1_150);
  assert.equal(monitor.pollEvent(), undefined);
  assert.ok(monitor.nextTimeoutAtMs > 1_150 + 3_999);
});
