import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";

import { SeededRandom } from "../base/random.ts";
import { burstyLoss, exactLoss, independentLoss } from "./loss-model.ts";
import { VirtualLink } from "./virtual-link.ts";
import type { LinkOptions, LinkVerdict } from "./virtual-link.ts";

function linkWith(options: Partial<LinkOptions>, seed = 1): VirtualLink {
  return new VirtualLink(options, new SeededRandom(seed));
}

function arrivalOf(verdict: LinkVerdict): number {
  assert.equal(verdict.kind, "carried");
  return verdict.kind === "carried" ? verdict.arrivesAtMs : Number.NaN;
}

function reasonOf(verdict: LinkVerdict): string {
  return verdict.kind === "dropped" ? verdict.reason : verdict.kind;
}

test("an ideal link carries everything at once", () => {
  const link = linkWith({});
  assert.deepEqual(link.carry(1e9, 5), { kind: "carried", arrivesAtMs: 5 });
});

test("delay is added to every packet", () => {
  const link = linkWith({ delayMs: 50 });
  assert.equal(arrivalOf(link.carry(100, 0)), 50);
  assert.equal(arrivalOf(link.carry(100, 7.5)), 57.5);
});

test("jitter stays within its bounds, varies, and keeps the order", () => {
  const link = linkWith({ delayMs: 10, jitterMs: 20 });
  const spread = new Set<number>();
  let lastMs = 0;
  for (let nowMs = 0; nowMs < 5_000; nowMs++) {
    const arrivesAtMs = arrivalOf(link.carry(100, nowMs));
    assert.ok(arrivesAtMs >= lastMs && arrivesAtMs >= nowMs + 10 && arrivesAtMs < nowMs + 30.001);
    spread.add(Math.floor(arrivesAtMs - nowMs));
    lastMs = arrivesAtMs;
  }
  assert.ok(spread.size > 10);
});

test("rate: packets leave one after the other, each taking its bits", () => {
  const link = linkWith({ rateBps: 1_000_000, delayMs: 5 }); // 1,000 bytes take 8 ms.
  assert.equal(arrivalOf(link.carry(1_000, 0)), 13);
  assert.equal(arrivalOf(link.carry(500, 0)), 17);
  assert.equal(arrivalOf(link.carry(1_000, 100)), 113);
});

test("rate: a full second carries exactly the rate", () => {
  const link = linkWith({ rateBps: 8_000_000, queueBytes: 10_000 });
  let bytes = 0;
  for (let nowMs = 0; nowMs < 1_000; nowMs += 0.25) {
    const verdict = link.carry(1_000, nowMs); // Four times what the link carries.
    if (verdict.kind === "carried" && verdict.arrivesAtMs <= 1_000) bytes += 1_000;
  }
  assert.ok(Math.abs(bytes - 1_000_000) <= 1_000, `${bytes} bytes`);
});

test("queue: what finds it full is dropped, and there is room again when it has drained", () => {
  const link = linkWith({ rateBps: 1_000_000, queueBytes: 2_500 });
  const verdicts = [1, 2, 3, 4].map(() => reasonOf(link.carry(1_000, 0)));
  assert.deepEqual(verdicts, ["carried", "carried", "queueFull", "queueFull"]);
  assert.equal(reasonOf(link.carry(1_000, 8)), "carried");
  assert.equal(link.counters.dropped.queueFull, 2);
});

test("queue: an idle link takes a packet that is larger than its queue", () => {
  assert.equal(reasonOf(linkWith({ rateBps: 1e6, queueBytes: 100 }).carry(1_000, 0)), "carried");
});

test("MTU: a packet of that size passes, one byte more does not", () => {
  const link = linkWith({ mtuBytes: 1_200 });
  assert.equal(reasonOf(link.carry(1_200, 0)), "carried");
  assert.equal(reasonOf(link.carry(1_201, 0)), "tooLarge");
});

test("loss: exact counts from the seed", () => {
  const link = linkWith({ loss: independentLoss(0.05) }, 99);
  for (let index = 0; index < 10_000; index++) link.carry(100, index);
  const again = linkWith({ loss: independentLoss(0.05) }, 99);
  for (let index = 0; index < 10_000; index++) again.carry(100, index);
  assert.deepEqual(link.counters, again.counters);
  const { lost } = link.counters.dropped;
  assert.ok(lost > 430 && lost < 570, `lost ${lost} of 10,000`);
  assert.equal(link.counters.carried + lost, link.counters.offered);
});

test("the fate of the n-th packet depends on the seed and n, not on sizes, instants or options", () => {
  const fates = (options: Partial<LinkOptions>, paceMs: number, bytes: number): string[] => {
    const link = linkWith({ loss: burstyLoss(0.1, 4), ...options }, 5);
    return Array.from({ length: 500 }, (_, index) => reasonOf(link.carry(bytes, index * paceMs)));
  };
  const reference = fates({}, 1, 100);
  assert.ok(reference.includes("lost"));
  assert.deepEqual(fates({ delayMs: 30, jitterMs: 9 }, 17, 1_400), reference);
  assert.deepEqual(fates({ duplication: 0.5, reordering: 0.5, reorderByMs: 8 }, 2, 50), reference);
});

test("a lost packet has taken its share of the rate: the loss is behind the queue", () => {
  const link = linkWith({ rateBps: 1_000_000, loss: exactLoss(0) });
  assert.equal(reasonOf(link.carry(1_000, 0)), "lost");
  assert.equal(arrivalOf(link.carry(1_000, 0)), 16);
});

test("duplication gives the share of copies that was asked for", () => {
  const link = linkWith({ duplication: 0.2, delayMs: 3 });
  for (let index = 0; index < 10_000; index++) {
    const verdict = link.carry(100, index);
    assert.ok(verdict.kind === "carried" && (verdict.copyArrivesAtMs ?? index + 3) === index + 3);
  }
  const { duplicated } = link.counters;
  assert.ok(duplicated > 1_880 && duplicated < 2_120, `${duplicated}`);
});

test("reordering: those held back are overtaken, the others keep their order", () => {
  const link = linkWith({ delayMs: 10, reordering: 0.1, reorderByMs: 5 });
  const arrivals = Array.from({ length: 1_000 }, (_, index) => arrivalOf(link.carry(100, index)));
  const lateByMs = arrivals.map((arrivesAtMs, index) => arrivesAtMs - index);
  assert.ok(lateByMs.every((lateMs) => lateMs === 10 || lateMs === 15));
  const overtaken = arrivals.filter(
    (arrivesAtMs, index) => arrivesAtMs > (arrivals[index + 1] ?? Infinity),
  );
  assert.ok(overtaken.length > 50, `${overtaken.length} overtaken`);
  assert.equal(link.counters.heldBack, lateByMs.filter((lateMs) => lateMs === 15).length);
});

test("without reordering nothing is ever overtaken, whatever the other properties", () => {
  fc.assert(
    fc.property(
      fc.record({
        delayMs: fc.integer({ min: 0, max: 200 }),
        jitterMs: fc.integer({ min: 0, max: 100 }),
        rateBps: fc.integer({ min: 10_000, max: 10_000_000 }),
        duplication: fc.constantFrom(0, 0.5),
        loss: fc.constantFrom(independentLoss(0.1), burstyLoss(0.2, 5)),
      }),
      fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 28, max: 1_500 })), { maxLength: 200 }),
      (options, plan) => {
        const link = linkWith(options);
        let nowMs = 0;
        let lastMs = 0;
        for (const [pauseMs, bytes] of plan) {
          nowMs += pauseMs;
          const verdict = link.carry(bytes, nowMs);
          if (verdict.kind === "dropped") continue;
          assert.ok(verdict.arrivesAtMs >= lastMs);
          assert.ok(verdict.arrivesAtMs >= nowMs + options.delayMs);
          lastMs = verdict.arrivesAtMs;
        }
      },
    ),
    { numRuns: 100 },
  );
});

test("a cut link drops everything until it is restored", () => {
  const link = linkWith({});
  link.cut();
  assert.equal(reasonOf(link.carry(100, 1)), "cut");
  link.restore();
  assert.equal(reasonOf(link.carry(100, 2)), "carried");
});

test("a planned cut begins at its first instant and is over at its last", () => {
  const link = linkWith({});
  link.cutBetween(10, 20);
  link.cutBetween(30, 40);
  const fates = [9.9, 10, 19.9, 20, 29, 35, 40].map((nowMs) => reasonOf(link.carry(100, nowMs)));
  const cut = "cut";
  const ok = "carried";
  assert.deepEqual(fates, [ok, cut, cut, ok, ok, cut, ok]);
});

test("properties can change while the link is in use", () => {
  const link = linkWith({ delayMs: 10 });
  link.change({ delayMs: 20, loss: exactLoss(1) });
  assert.equal(link.options.delayMs, 20);
  assert.equal(arrivalOf(link.carry(100, 0)), 20);
  assert.equal(reasonOf(link.carry(100, 0)), "lost");
});
