import assert from "node:assert/strict";
import { test } from "vitest";

import { SeededRandom } from "../base/random.ts";
import { burstyLoss, exactLoss, independentLoss, LossProcess, NO_LOSS } from "./loss-model.ts";
import type { LossModel } from "./loss-model.ts";

const PACKETS = 100_000;

/** The fates of {@link PACKETS} packets, and the lengths of the runs of lost ones. */
function measure(model: LossModel, seed: number): { lost: number; bursts: number[] } {
  const random = new SeededRandom(seed);
  const process = new LossProcess(model);
  const bursts: number[] = [];
  let lost = 0;
  let wasLost = false;
  for (let index = 0; index < PACKETS; index++) {
    const isLost = process.isLost(index, random.fraction(), random.fraction());
    if (isLost) {
      lost++;
      if (wasLost) bursts[bursts.length - 1]!++;
      else bursts.push(1);
    }
    wasLost = isLost;
  }
  return { lost, bursts };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test("no loss loses nothing, total loss everything", () => {
  assert.equal(measure(NO_LOSS, 1).lost, 0);
  assert.equal(measure(independentLoss(0), 1).lost, 0);
  assert.equal(measure(independentLoss(1), 1).lost, PACKETS);
  assert.equal(measure(burstyLoss(0, 5), 1).lost, 0);
});

test("independent loss: the share asked for, within three standard deviations, exact by seed", () => {
  for (const probability of [0.01, 0.05, 0.3]) {
    const { lost, bursts } = measure(independentLoss(probability), 7);
    const deviation = Math.sqrt(PACKETS * probability * (1 - probability));
    assert.ok(Math.abs(lost - PACKETS * probability) < 3 * deviation, `lost ${lost}`);
    assert.ok(Math.abs(mean(bursts) - 1 / (1 - probability)) < 0.05, `burst ${mean(bursts)}`);
    assert.equal(measure(independentLoss(probability), 7).lost, lost);
    assert.notEqual(measure(independentLoss(probability), 8).lost, lost);
  }
});

test("bursty loss: the mean loss and the mean length of the bursts that were asked for", () => {
  for (const [meanLoss, meanBurst] of [
    [0.01, 4],
    [0.05, 10],
    [0.2, 3],
  ] as const) {
    const { lost, bursts } = measure(burstyLoss(meanLoss, meanBurst), 21);
    assert.ok(Math.abs(lost / PACKETS - meanLoss) < 0.15 * meanLoss, `lost ${lost}`);
    assert.ok(Math.abs(mean(bursts) - meanBurst) < 0.1 * meanBurst, `burst ${mean(bursts)}`);
  }
});

test("Gilbert-Elliott: the good state may lose a little and the bad state not all", () => {
  const model: LossModel = {
    kind: "bursty",
    goodToBad: 0.1,
    badToGood: 0.4,
    lossInGood: 0.02,
    lossInBad: 0.5,
  };
  const expected = 0.8 * 0.02 + 0.2 * 0.5; // Stationary: 4/5 good, 1/5 bad.
  assert.ok(Math.abs(measure(model, 3).lost / PACKETS - expected) < 0.005);
});

test("exact loss hits the packets with those numbers and no other", () => {
  const process = new LossProcess(exactLoss(0, 2, 5));
  const lost = [0, 1, 2, 3, 4, 5, 6].filter((index) => process.isLost(index, 0, 0));
  assert.deepEqual(lost, [0, 2, 5]);
});

test("probabilities outside 0 to 1, and bursts that cannot be, are refused", () => {
  const refused = { code: "ERR_RANGE" };
  assert.throws(() => independentLoss(1.1), refused);
  assert.throws(() => independentLoss(-0.1), refused);
  assert.throws(() => independentLoss(Number.NaN), refused);
  assert.throws(() => burstyLoss(0.5, 0.5), refused);
  assert.throws(() => burstyLoss(2, 3), refused);
  assert.throws(() => burstyLoss(0.9, 1), refused);
});
