import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { CheckPacer } from "./check-pacer.ts";
import { Checklist } from "./checklist.ts";
import { DEFAULT_ICE_TIMINGS } from "./ice-options.ts";
import { LocalCandidates } from "./local-candidates.ts";
import { RemoteCandidate } from "./remote-candidates.ts";
import { TokenBucket } from "./token-bucket.ts";

const { taMs, triggeredBurst, triggeredSpacingMs } = DEFAULT_ICE_TIMINGS;

function listOf(count: number): Checklist {
  const base = { address: "192.0.2.1", port: 5_000 };
  const source = { type: "host", socketId: 1, base, localPreference: 1, mapped: base } as const;
  const local = new LocalCandidates("ufrag").add(source)!;
  const list = new Checklist(100);
  for (let index = 0; index < count; index++) {
    const remote = new RemoteCandidate({
      foundation: `${index}`,
      component: 1,
      transport: "udp",
      priority: 1_000 - index,
      address: "198.51.100.1",
      port: 1 + index,
      type: "host",
    });
    list.pairUp(local, remote, "controlling");
  }
  return list;
}

test("ordinary checks are Ta apart, the first comes at once (RFC 8445 §6.1.4.2)", () => {
  const pacer = new CheckPacer(DEFAULT_ICE_TIMINGS);
  const list = listOf(3);
  const takenAtMs: number[] = [];
  for (let nowMs = 100; nowMs < 200; nowMs++) {
    for (let pair = pacer.take(list, nowMs); pair; pair = pacer.take(list, nowMs)) {
      pair.startCheck();
      takenAtMs.push(nowMs);
    }
  }
  assert.deepEqual(takenAtMs, [100, 100 + taMs, 100 + 2 * taMs]);
  assert.equal(pacer.nextAtMs(list), NEVER_AT_MS);
});

test("triggered checks go first and at once, then at the RFC's floor (RFC 8445 §14.2)", () => {
  const pacer = new CheckPacer(DEFAULT_ICE_TIMINGS);
  const list = listOf(20);
  for (const pair of list.pairs.toReversed()) list.trigger(pair);
  const takenAtMs: number[] = [];
  for (let nowMs = 0; nowMs < 100; nowMs++) {
    while (list.hasTriggered) {
      const pair = pacer.take(list, nowMs);
      if (pair === undefined) break;
      pair.startCheck();
      takenAtMs.push(nowMs);
    }
  }
  assert.deepEqual(takenAtMs.slice(0, triggeredBurst), new Array<number>(triggeredBurst).fill(0));
  const later = takenAtMs.slice(triggeredBurst);
  assert.ok(later.every((atMs) => atMs > 0 && atMs % triggeredSpacingMs === 0));
  // Triggered checks at the floor, and no ordinary check in between but one each Ta.
  assert.ok(later.length <= Math.floor(later.at(-1)! / triggeredSpacingMs) + 1);
  assert.equal(takenAtMs.length, 20);
});

test("a token bucket never gives more than its burst and one for each spacing", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 }), (waitsMs) => {
      const bucket = new TokenBucket(4, 10);
      let nowMs = 0;
      let taken = 0;
      for (const waitMs of waitsMs) {
        nowMs += waitMs;
        if (bucket.take(nowMs)) taken++;
        else assert.ok(bucket.nextAtMs > nowMs);
      }
      assert.ok(taken <= 4 + nowMs / 10);
    }),
  );
  assert.equal(new TokenBucket(0, 10).take(1_000), false);
});
