import { UsageError } from "../base/errors.ts";

/** How a link loses packets. Probabilities are from 0 to 1. */
export type LossModel =
  | { readonly kind: "none" }
  /** Each packet for itself. */
  | { readonly kind: "independent"; readonly probability: number }
  /** Gilbert-Elliott: a link that is in a good or in a bad state, changed or not at each packet. */
  | {
      readonly kind: "bursty";
      readonly goodToBad: number;
      readonly badToGood: number;
      readonly lossInGood: number;
      readonly lossInBad: number;
    }
  /** By the packet's number in this direction, counted from 0: for a test that needs an exact loss. */
  | { readonly kind: "exact"; readonly isLost: (index: number) => boolean };

/** Loses nothing. */
export const NO_LOSS: LossModel = { kind: "none" };

/** Loses each packet with `probability` (0 to 1), whatever happened to the others. */
export function independentLoss(probability: number): LossModel {
  requireProbability("probability", probability);
  return { kind: "independent", probability };
}

/**
 * Loses `meanLoss` (0 to 1) of the packets in the long run, in bursts of `meanBurstPackets` on
 * average: the Gilbert model, where all is lost in the bad state and nothing in the good one.
 */
export function burstyLoss(meanLoss: number, meanBurstPackets: number): LossModel {
  requireProbability("meanLoss", meanLoss);
  if (!(meanBurstPackets >= 1)) {
    throw new UsageError("ERR_RANGE", `a burst has at least 1 packet, not ${meanBurstPackets}`);
  }
  const badToGood = 1 / meanBurstPackets;
  const goodToBad = meanLoss === 1 ? 1 : (badToGood * meanLoss) / (1 - meanLoss);
  if (goodToBad > 1) {
    throw new UsageError("ERR_RANGE", `bursts of ${meanBurstPackets} cannot lose only ${meanLoss}`);
  }
  return { kind: "bursty", goodToBad, badToGood, lossInGood: 0, lossInBad: 1 };
}

/** Loses exactly the packets with these numbers, the first packet of the direction being 0. */
export function exactLoss(...indexes: readonly number[]): LossModel {
  const lost = new Set(indexes);
  return { kind: "exact", isLost: (index) => lost.has(index) };
}

/** A loss model with the state that it needs from packet to packet. */
export class LossProcess {
  readonly #model: LossModel;
  #isBad = false;

  constructor(model: LossModel) {
    this.#model = model;
  }

  /** The fate of packet number `index`, decided by two numbers drawn uniformly from [0, 1). */
  isLost(index: number, stateDraw: number, lossDraw: number): boolean {
    const model = this.#model;
    switch (model.kind) {
      case "none":
        return false;
      case "independent":
        return lossDraw < model.probability;
      case "exact":
        return model.isLost(index);
      case "bursty":
        if (stateDraw < (this.#isBad ? model.badToGood : model.goodToBad))
          this.#isBad = !this.#isBad;
        return lossDraw < (this.#isBad ? model.lossInBad : model.lossInGood);
    }
  }
}

function requireProbability(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new UsageError("ERR_RANGE", `${name} is from 0 to 1, not ${value}`);
  }
}
